package screen

import (
	"fmt"
	"strings"

	"github.com/facesieve/facesieve/schemas"
)

// fewerThinned returns the warnings with one about strata that lose clearly more than the
// others: that of which most images go. A set's strata overlap, and the faces that are
// small, blurred and in profile may be the same ones.
func fewerThinned(all []schemas.Warning) []schemas.Warning {
	var out []schemas.Warning
	at, more := -1, 0
	for _, w := range all {
		switch {
		case w.Code != schemas.WarnThinned:
			out = append(out, w)
		case at < 0:
			at, out = len(out), append(out, w)
		default:
			more++
			if w.Count > out[at].Count {
				out[at] = w
			}
		}
	}
	if more > 0 {
		out[at].Text += fmt.Sprintf("; likewise %s: report --strata shows them", Plural(more, "other group"))
	}
	return out
}

// emptied says which labels would lose all of their images; "" where none would.
func emptied(d *schemas.Diversity) string {
	if d == nil || d.Identities.Emptied == 0 {
		return ""
	}
	x := &d.Identities
	text := fmt.Sprintf("%s would lose every image", Plural(x.Emptied, "label"))
	if x.BelowTwo > 0 {
		text += fmt.Sprintf(", and %s that had two and more would be left with fewer", Count(x.BelowTwo))
	}
	var some []string
	for _, e := range x.Examples[:min(shownPairs, len(x.Examples))] {
		some = append(some, fmt.Sprintf("%s (%d of %s left)", e.Identity, e.Left, Plural(e.Images, "image")))
	}
	return text + ": " + strings.Join(some, ", ")
}
