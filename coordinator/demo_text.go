package main

import (
	"fmt"
	"strings"

	"github.com/facesieve/facesieve/coordinator/demo"
	"github.com/facesieve/facesieve/pipeline/dataset/synth"
	"github.com/facesieve/facesieve/schemas"
)

// demoText is the demo's result for a person.
func demoText(r *demoResult) string {
	var b strings.Builder
	head := fmt.Sprintf("%s of %s were drawn, and a benchmark with %s of %s people.", plural(r.made.Images, "picture"), plural(r.made.Identities, "label"),
		plural(r.made.ReferenceImages, "picture"), count(r.made.ReferencePeople))
	b.WriteString(wrap(head+" What was planted, and what the report holds:", "", textWidth) + "\n")
	if r.comparison != nil {
		b.WriteString(comparisonText(r.comparison))
	} else {
		b.WriteString(wrap(fmt.Sprintf("There is no table: %s is gone, and nothing but it says what was planted. The report does without.", r.made.Truth), "", textWidth))
	}
	if len(r.flips) > 0 {
		b.WriteString("\nFlips, the surest\n")
		b.WriteString(examplesOf(r.flips, r.truth))
	}
	return b.String()
}

// comparisonText is the demo's table for a person.
func comparisonText(c *demo.Comparison) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-25s %7s %6s %7s %6s\n", "", "planted", "found", "missed", "wrong")
	for _, s := range c.Scores {
		wrong := "-"
		if s.Wrong != nil {
			wrong = count(*s.Wrong)
		}
		line := fmt.Sprintf("%-25s %7s %6s %7s %6s", s.Issue, count(s.Planted), count(s.Found), count(s.Missed), wrong)
		note := noteOn(&s, c)
		if note == "" {
			b.WriteString(line + "\n")
		}
		const at = 57
		for part := range strings.Lines(wrap(note, "", textWidth-at)) {
			fmt.Fprintf(&b, "%-*s%s", at, line, part)
			line = ""
		}
	}
	b.WriteString("\n")
	b.WriteString(wrap(comparisonWords, "", textWidth))
	if c.Faceless > 0 {
		b.WriteString(wrap(fmt.Sprintf("Left out: %s without a face, %s of which flagged; the demo runs no face detector.",
			plural(c.Faceless, "picture"), count(c.Flagged)), "", textWidth))
	}
	if c.Rowless > 0 {
		b.WriteString(wrap(fmt.Sprintf("No row in the report: %s of those planted.", plural(c.Rowless, "image")), "", textWidth))
	}
	return b.String()
}

// noteOn is what stands beside a line of the table.
func noteOn(s *demo.Score, c *demo.Comparison) string {
	switch {
	case s.Issue == demo.Noise:
		return fmt.Sprintf("precision %s, recall %s", percent(c.Precision), percent(c.Recall))
	case s.Issue == demo.ReencodedCopies:
		return "not looked for yet"
	case s.Named != nil:
		return fmt.Sprintf("%d with the right name", *s.Named)
	}
	return ""
}

// comparisonWords say how the table counts.
const comparisonWords = `Found: planted, and so in the report; an image with a wrong label is found where
it is called a flip or an outlier, whichever. Wrong: in the report, and not planted.
Guests, copies under two labels and people under two labels count in their own line
alone.`

// examplesOf shows flagged images with their reasons, and what was planted there.
func examplesOf(flips []schemas.Verdict, plants []synth.Truth) string {
	var b strings.Builder
	explain := demo.Explain(plants)
	for _, v := range flips {
		fmt.Fprintf(&b, "  %s\n%s", schemas.EscapePath(v.Path), wrap(v.Reason, "      ", textWidth))
		if plants == nil {
			continue
		}
		planted := "nothing: a mistake"
		if why := explain(v); why != "" {
			planted = why
		}
		b.WriteString(wrap("planted: "+planted, "      ", textWidth))
	}
	return b.String()
}
