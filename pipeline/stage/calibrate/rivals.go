package calibrate

import (
	"context"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// Rival is another identity of the set that may be the same person.
type Rival struct {
	Identity int32
	P        float32 // probability that it is
}

// Rivals are the splits of a run, by identity.
type Rivals struct {
	of [][]Rival // mostly nil
}

// LoadRivals returns the rivals of a run's identities from its pairs table; set is the
// set's identities.
func LoadRivals(ctx context.Context, run *runstore.Run, set *runstore.Identities) (*Rivals, error) {
	pairs, err := run.Pairs(ctx)
	if err != nil {
		return nil, err
	}
	r := &Rivals{of: make([][]Rival, len(set.Rows))}
	for _, p := range pairs {
		if p.Kind != schemas.PairSplit {
			continue
		}
		if a, b := set.Find(p.AIdentity), set.Find(p.BIdentity); a >= 0 && b >= 0 {
			r.of[a] = append(r.of[a], Rival{int32(b), p.P})
			r.of[b] = append(r.of[b], Rival{int32(a), p.P})
		}
	}
	return r, nil
}

// Of returns the rivals of an identity, a position in the set's identities.
func (r *Rivals) Of(identity int) []Rival { return r.of[identity] }

// Sure returns those that are rather the same person than not.
func (r *Rivals) Sure(identity int) []int32 {
	var out []int32
	for _, x := range r.of[identity] {
		if x.P >= .5 {
			out = append(out, x.Identity)
		}
	}
	return out
}
