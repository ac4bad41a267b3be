package screen

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/schemas"
)

// Width is the width of what a person reads.
const Width = 80

// typeWidth is the width of a type and the number of its images, at least.
const typeWidth = 20

// typeMeanings are the types in the order of what a person wants to see first.
var typeMeanings = []struct {
	t       schemas.Type
	meaning string
}{
	{schemas.TypeFlip, "shows somebody else of this set"},
	{schemas.TypeOutlier, "shows nobody of this set"},
	{schemas.TypeWrongFace, "another face of the picture is the one"},
	{schemas.TypePoorFace, "what was taken for a face is hardly one"},
	{schemas.TypeDuplicate, "equal to another image in every byte"},
	{schemas.TypeNearDuplicate, "another image's photograph in other bytes"},
	{schemas.TypeUnreadable, "can't be read as an image"},
	{schemas.TypeNoFace, "no face was found"},
	{schemas.TypeUnjudged, "too few images of its identity to judge by"},
	{schemas.TypeLowQuality, "of its identity, but the face is hard to tell"},
	{schemas.TypeHardClean, "like the others, which took a second look"},
	{schemas.TypeClean, "like the others of its identity"},
}

// shownDecisions are the decisions in the order of what a person wants to see first.
var shownDecisions = []schemas.Decision{schemas.Drop, schemas.Relabel, schemas.Review, schemas.Keep}

// SummaryText returns a report for a person.
func SummaryText(s *schemas.Summary, h *Highlights) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s", Plural(s.Images, "image"), Plural(s.Identities, "identity"))
	if s.NoiseRate != nil {
		fmt.Fprintf(&b, "; about %s wrong (%s to %s)", Percent(s.NoiseRate.Value), Percent(s.NoiseRate.Low),
			Percent(s.NoiseRate.High))
	}
	b.WriteString("\n\n")
	typesText(&b, s)
	b.WriteString("\n ")
	for i, d := range shownDecisions {
		fmt.Fprintf(&b, "%s%s %s", map[bool]string{true: " ", false: "   "}[i == 0], d, Count(s.Decisions[d]))
	}
	if s.Overridden > 0 {
		fmt.Fprintf(&b, "   decided by hand %s", Count(s.Overridden))
	}
	b.WriteString("\n")
	looksText(&b, s)
	if s.Guests > 0 {
		fmt.Fprintf(&b, "\n%s of other people under %s: see %s\n", Plural(s.Guests, "image"),
			Plural(s.Flags[schemas.FlagMerged], "merged label"), schemas.GroupsFile)
	}
	examplesText(&b, h)
	identitiesText(&b, h.Identities)
	splitsText(&b, h.Splits)
	sharedText(&b, h.Shared)
	overlapsText(&b, s, h.Overlaps)
	thresholdsText(&b, s)
	warningsText(&b, s)
	return b.String()
}

func examplesText(b *strings.Builder, h *Highlights) {
	for _, t := range typeMeanings {
		rows := h.Examples[t.t]
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintf(b, "\n%s\n", exampleTitle(t.t))
		for _, r := range rows {
			fmt.Fprintf(b, "  %s\n%s", schemas.EscapePath(r.Embedding.Path), Wrap(r.Reason, "      ", Width))
		}
	}
}

// exampleTitle heads a type's examples.
func exampleTitle(t schemas.Type) string {
	switch t {
	case schemas.TypeFlip, schemas.TypeOutlier:
		return strings.ToUpper(string(t[:1])) + string(t[1:]) + ", the surest"
	case schemas.TypeClean:
		return "Clean, the least sure"
	}
	return strings.ToUpper(string(t[:1])) + string(t[1:])
}

func identitiesText(b *strings.Builder, worst []schemas.IdentityVerdict) {
	if len(worst) == 0 {
		return
	}
	b.WriteString("\nWorst identities\n   wrong   images\n")
	for _, v := range worst {
		name := schemas.EscapePath(v.Identity)
		if v.Name != nil && *v.Name != v.Identity {
			name += " (" + schemas.EscapePath(*v.Name) + ")"
		}
		if v.Flag != "" {
			name += "  [" + string(v.Flag) + "]"
		}
		fmt.Fprintf(b, "  %6s %8s  %s\n", Percent(float64(*v.NoiseRate)), Count(int(v.Images)), name)
	}
}

func splitsText(b *strings.Builder, splits []schemas.Pair) {
	if len(splits) == 0 {
		return
	}
	fmt.Fprintf(b, "\nOne person under two labels: %s\n", Plural(len(splits), "pair"))
	for _, p := range splits[:min(len(splits), shownPairs)] {
		fmt.Fprintf(b, "  %s = %s  (cosine %.2f, p %.3f)\n", schemas.EscapePath(p.AIdentity),
			schemas.EscapePath(p.BIdentity), p.Score, p.P)
	}
	moreText(b, len(splits)-shownPairs, "pairs.arrow")
}

// sharedText shows photographs that stand under two labels in several encodings.
func sharedText(b *strings.Builder, shared []schemas.Pair) {
	if len(shared) == 0 {
		return
	}
	fmt.Fprintf(b, "\nOne photograph under two labels, in other bytes: %s\n", Plural(len(shared), "pair"))
	for _, p := range shared[:min(len(shared), shownPairs)] {
		fmt.Fprintf(b, "  %s = %s\n", schemas.EscapePath(p.APath), schemas.EscapePath(p.BPath))
	}
	moreText(b, len(shared)-shownPairs, "pairs.arrow")
}

// moreText says how many rows are not shown, and where they are.
func moreText(b *strings.Builder, n int, file string) {
	if n > 0 {
		fmt.Fprintf(b, "  and %s more in %s\n", Count(n), file)
	}
}

func overlapsText(b *strings.Builder, s *schemas.Summary, all []schemas.Overlap) {
	for _, src := range s.Sources {
		if src.Name == schemas.Set {
			continue
		}
		fmt.Fprintf(b, "\nPeople of %s in the set (%s looked at)\n", src.Name,
			Plural(src.Identities, "identity"))
		if len(s.Overlaps[src.Name]) == 0 {
			b.WriteString("  none\n")
		}
		for _, t := range schemas.Tiers() {
			n := s.Overlaps[src.Name][t]
			if n == 0 {
				continue
			}
			fmt.Fprintf(b, "  %-10s %6s  %s\n", t, Count(n), t.Meaning())
			shown := 0
			for _, o := range all {
				if o.Reference == src.Name && o.Tier == t && shown < shownOverlaps {
					shown++
					fmt.Fprintf(b, "      %s  (cosine %.2f, p %.3f)\n", overlapNames(o), o.Score, o.P)
				}
			}
			if n > shown {
				fmt.Fprintf(b, "      and %s more in %s\n", Count(n-shown), schemas.OverlapFile)
			}
		}
	}
}

// overlapNames are an overlap's two labels, or the one that both have.
func overlapNames(o schemas.Overlap) string {
	a, r := schemas.EscapePath(o.Identity), schemas.EscapePath(o.ReferenceIdentity)
	if a == r {
		return a
	}
	return a + " = " + r
}

func thresholdsText(b *strings.Builder, s *schemas.Summary) {
	if len(s.Thresholds) == 0 {
		return
	}
	width := 0
	for _, t := range s.Thresholds {
		width = max(width, len(t.Name))
	}
	b.WriteString("\nThresholds, and the false flags to expect in this run\n")
	fmt.Fprintf(b, "  %-*s  cosine  false-match rate  comparisons  false flags\n", width, "")
	for _, t := range s.Thresholds {
		at := ""
		if t.Cosine != 0 {
			at = fmt.Sprintf("%.2f", t.Cosine)
		}
		interval := ""
		if t.ExpectedHigh > 0 {
			interval = fmt.Sprintf("  (%.0f to %.0f)", t.ExpectedLow, t.ExpectedHigh)
		}
		fmt.Fprintf(b, "  %-*s  %6s  %16.2g  %11s  %11.2g%s\n", width, t.Name, at, t.FalseMatchRate,
			Count(int(t.Comparisons)), t.ExpectedFalse, interval)
	}
}

func warningsText(b *strings.Builder, s *schemas.Summary) {
	var lines []string
	for _, src := range s.Sources {
		if text := skipped(src.Skipped); text != "" {
			name := "the set"
			if src.Name != schemas.Set {
				name = string(src.Name)
			}
			lines = append(lines, "skipped in "+name+": "+text)
		}
	}
	for _, w := range fewerThinned(s.Warnings) {
		line := w.Text
		if len(w.Examples) > 0 {
			line += ": " + strings.Join(w.Examples, ", ")
		}
		lines = append(lines, line)
	}
	if text := emptied(s.Diversity); text != "" {
		lines = append(lines, text)
	}
	for i, f := range s.Failures {
		if i == shownPairs {
			lines = append(lines, fmt.Sprintf("and %s more in %s", Plural(len(s.Failures)-i, "failed task"),
				schemas.SummaryFile))
			break
		}
		line := "failed: task " + f.Task
		if f.Images > 0 {
			line += ", " + Plural(f.Images, "image")
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return
	}
	b.WriteString("\nWarnings\n")
	for _, line := range lines {
		b.WriteString(Wrap(line, "  ", Width))
	}
}

// skipped lists what was skipped, by why.
func skipped(m map[string]int) string {
	var parts []string
	for _, why := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%s %s", Count(m[why]), why))
	}
	return strings.Join(parts, ", ")
}
