package pipeline

import (
	"slices"

	"github.com/facesieve/facesieve/schemas"
)

// rivals says which identities of the set may compete for an image: those of
// other people, with a centroid. It is asked for every image and identity.
type rivals struct {
	usable   []bool
	partners [][]int // of each identity: others that are the same person under another label; mostly nil
}

func newRivals(set *folded, pairs []schemas.Pair) rivals {
	r := rivals{usable: make([]bool, len(set.rows)), partners: make([][]int, len(set.rows))}
	for i, c := range set.rows {
		r.usable[i] = c.Usable > 0
	}
	for _, p := range pairs {
		if p.Kind != schemas.PairSplit {
			continue
		}
		if a, b := set.find(p.AIdentity), set.find(p.BIdentity); a >= 0 && b >= 0 {
			r.partners[a] = append(r.partners[a], b)
			r.partners[b] = append(r.partners[b], a)
		}
	}
	return r
}

// compete says whether identity c competes for an image of identity own.
func (r *rivals) compete(own, c int) bool {
	return r.usable[c] && c != own && !slices.Contains(r.partners[own], c)
}
