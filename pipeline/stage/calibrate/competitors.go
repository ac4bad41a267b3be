package calibrate

import (
	"context"
	"slices"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// Competitors says which identities of the set may compete for an image: those of
// other people, with a centroid.
type Competitors struct {
	usable   []bool
	partners [][]int // of each identity: others that are the same person under another label; mostly nil
}

// LoadCompetitors returns the competitors of a run, whose splits it reads from the pairs
// table; set is the set's identities.
func LoadCompetitors(ctx context.Context, run *runstore.Run, set *runstore.Identities) (*Competitors, error) {
	pairs, err := run.Pairs(ctx)
	if err != nil {
		return nil, err
	}
	c := &Competitors{usable: make([]bool, len(set.Rows)), partners: make([][]int, len(set.Rows))}
	for i, n := range set.Usable {
		c.usable[i] = n > 0
	}
	for _, p := range pairs {
		if p.Kind != schemas.PairSplit {
			continue
		}
		if a, b := set.Find(p.AIdentity), set.Find(p.BIdentity); a >= 0 && b >= 0 {
			c.partners[a] = append(c.partners[a], b)
			c.partners[b] = append(c.partners[b], a)
		}
	}
	return c, nil
}

// Compete says whether identity other competes for an image of identity own; both are
// positions in the set's identities.
func (c *Competitors) Compete(own, other int) bool {
	return c.usable[other] && other != own && !slices.Contains(c.partners[own], other)
}
