package demo

import (
	"fmt"
	"strings"

	"github.com/facesieve/facesieve/coordinator/score"
	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/dataset/synth"
	"github.com/facesieve/facesieve/schemas"
)

// Result is what the demo has to show.
type Result struct {
	Made       synth.Made
	Comparison *score.Comparison // nil: the truth is gone
	Flips      []schemas.Verdict // the surest

	// Explain says what the truth has of an image that is flagged; nil: the truth is gone.
	Explain func(schemas.Verdict) string
}

// Text returns the demo's result for a person.
func Text(r *Result) string {
	var b strings.Builder
	head := fmt.Sprintf("%s of %s were drawn, and a benchmark with %s of %s people.",
		screen.Plural(r.Made.Images, "picture"), screen.Plural(r.Made.Identities, "label"),
		screen.Plural(r.Made.ReferenceImages, "picture"), screen.Count(r.Made.ReferencePeople))
	b.WriteString(screen.Wrap(head+" What was planted, and what the report holds:", "", screen.Width) + "\n")
	if r.Comparison != nil {
		b.WriteString(comparisonText(r.Comparison))
	} else {
		b.WriteString(screen.Wrap(fmt.Sprintf("There is no table: %s is gone, and nothing but it says "+
			"what was planted. The report does without.", r.Made.Truth), "", screen.Width))
	}
	if len(r.Flips) > 0 {
		b.WriteString("\nFlips, the surest\n")
		b.WriteString(examplesText(r.Flips, r.Explain))
	}
	return b.String()
}

// comparisonText is the demo's table for a person.
func comparisonText(c *score.Comparison) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-25s %7s %6s %7s %6s\n", "", "planted", "found", "missed", "wrong")
	for _, s := range c.Scores {
		wrong := "-"
		if s.Wrong != nil {
			wrong = screen.Count(*s.Wrong)
		}
		line := fmt.Sprintf("%-25s %7s %6s %7s %6s",
			s.Issue, screen.Count(s.Faults), screen.Count(s.Found), screen.Count(s.Missed), wrong)
		note := noteOn(&s, c)
		if note == "" {
			b.WriteString(line + "\n")
		}
		const at = 57
		for part := range strings.Lines(screen.Wrap(note, "", screen.Width-at)) {
			fmt.Fprintf(&b, "%-*s%s", at, line, part)
			line = ""
		}
	}
	b.WriteString("\n")
	b.WriteString(screen.Wrap(comparisonWords, "", screen.Width))
	if c.Faceless > 0 {
		b.WriteString(screen.Wrap(fmt.Sprintf("Left out: %s without a face, %s of which flagged; "+
			"the demo runs no face detector.",
			screen.Plural(c.Faceless, "picture"), screen.Count(c.Flagged)), "", screen.Width))
	}
	if c.Rowless > 0 {
		b.WriteString(screen.Wrap(fmt.Sprintf("No row in the report: %s of those planted.",
			screen.Plural(c.Rowless, "image")), "", screen.Width))
	}
	return b.String()
}

// noteOn is what stands beside a line of the table.
func noteOn(s *score.Score, c *score.Comparison) string {
	switch {
	case s.Issue == score.Noise:
		return fmt.Sprintf("precision %s, recall %s", screen.Percent(c.Precision), screen.Percent(c.Recall))
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

// examplesText shows flagged images with their reasons, and what the truth has of them.
func examplesText(flips []schemas.Verdict, explain func(schemas.Verdict) string) string {
	var b strings.Builder
	for _, v := range flips {
		fmt.Fprintf(&b, "  %s\n%s", schemas.EscapePath(v.Embedding.Path),
			screen.Wrap(v.Reason, "      ", screen.Width))
		if explain == nil {
			continue
		}
		held := "nothing: a mistake"
		if why := explain(v); why != "" {
			held = why
		}
		b.WriteString(screen.Wrap("planted: "+held, "      ", screen.Width))
	}
	return b.String()
}
