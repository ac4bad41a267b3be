package screen

import (
	"fmt"
	"strings"

	"github.com/facesieve/facesieve/schemas"
)

// looksText says how many images of the set were looked at twice.
func looksText(b *strings.Builder, s *schemas.Summary) {
	for _, src := range s.Sources {
		if l := src.SecondLooks; src.Name == schemas.Set && l != nil && l.Looked > 0 {
			fmt.Fprintf(b, "  looked at twice: %s of %s (%s)\n", Count(l.Looked), Plural(s.Images, "image"),
				Percent(float64(l.Looked)/float64(max(s.Images, 1))))
		}
	}
}

// typesText says how many images each type has.
func typesText(b *strings.Builder, s *schemas.Summary) {
	width := typeWidth
	for t, n := range s.Types {
		width = max(width, len(t)+len(Count(n)))
	}
	for _, t := range typeMeanings {
		if n := s.Types[t.t]; n > 0 {
			fmt.Fprintf(b, "  %s %*s  %6s  %s\n", t.t, width-len(t.t), Count(n), Percent(float64(n)/float64(s.Images)),
				t.meaning)
		}
	}
}
