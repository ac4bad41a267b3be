package strata

import (
	"fmt"
	"strings"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/diversity"
)

const (
	nameWidth   = 22 // columns of a stratum's name
	longestName = 40 // of one that takes more
)

// Text returns what strata lose for a person.
func Text(l *Losses) string {
	var b strings.Builder
	title := "by " + l.Column
	if l.Column == Size {
		title = "by usable images of a label"
	}
	fmt.Fprintf(&b, "%s\n%*s %7s %7s %7s %7s %7s  %s\n", strings.TrimRight(screen.Cell(title, screen.Width), " "), nameWidth, "",
		"images", "kept", "removed", "review", "share", "95 % interval")
	thinned := 0
	for _, s := range append(l.Strata[:len(l.Strata):len(l.Strata)], l.All) {
		mark := ""
		if s.Thinned {
			mark, thinned = " *", thinned+1
		}
		line := fmt.Sprintf("%s %7s %7s %7s %7s %7s  %.1f to %.1f %%%s", screen.Cell(s.Name, max(nameWidth, min(len(s.Name), longestName))), screen.Count(s.Images), screen.Count(s.Kept),
			screen.Count(s.Removed), screen.Count(s.Review), screen.Percent(s.Share), 100*s.Low, 100*s.High, mark)
		b.WriteString(line + "\n")
	}
	b.WriteString("\n")
	notes := []string{"removed: dropped or relabelled"}
	if thinned > 0 {
		notes = append(notes, fmt.Sprintf("* loses clearly more than the others: %d times their share and more, which "+
			"chance alone does in at most one of %.0f groups; look at some of these images before they go",
			diversity.LeastRatio, 1/diversity.Level))
	}
	if l.LeftOut > 0 {
		notes = append(notes, screen.Plural(l.LeftOut, "image")+" not counted: without a face, unreadable, or another's copy")
	}
	if l.UnknownRows != nil && *l.UnknownRows > 0 {
		notes = append(notes, screen.Plural(*l.UnknownRows, "row")+" of the attributes about what the report does not have")
	}
	for _, note := range notes {
		b.WriteString(screen.Wrap(note, "  ", screen.Width))
	}
	return b.String()
}
