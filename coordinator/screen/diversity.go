package screen

import (
	"fmt"

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
