package calibrate

import (
	"context"
	"slices"

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
	of       [][]Rival // mostly nil
	siblings map[int][]int32
}

// LoadRivals returns the rivals of a run's identities from its pairs table and that of
// guests; set is the
// set's identities.
func LoadRivals(ctx context.Context, run *runstore.Run, set *runstore.Identities) (*Rivals, error) {
	pairs, err := run.Pairs(ctx)
	if err != nil {
		return nil, err
	}
	r := &Rivals{of: make([][]Rival, len(set.Rows)), siblings: map[int][]int32{}}
	for _, p := range pairs {
		if p.Kind == schemas.PairSplit {
			r.add(set, p.AIdentity, p.BIdentity, p.P)
		}
	}
	guests, err := run.Neighbours(ctx, schemas.GuestsObject(run.ID))
	if err != nil {
		return nil, err
	}
	for _, n := range guests {
		r.add(set, n.A, n.B, n.P)
	}
	r.addSiblings(set)
	return r, nil
}

// add notes that two identities may be one person.
func (r *Rivals) add(set *runstore.Identities, x, y string, p float32) {
	a, b := set.Find(x), set.Find(y)
	if a < 0 || b < 0 || r.has(a, b) {
		return
	}
	r.of[a] = append(r.of[a], Rival{int32(b), p})
	r.of[b] = append(r.of[b], Rival{int32(a), p})
}

func (r *Rivals) has(a, b int) bool {
	for _, x := range r.of[a] {
		if int(x.Identity) == b {
			return true
		}
	}
	return false
}

// addSiblings notes the groups of one label.
func (r *Rivals) addSiblings(set *runstore.Identities) {
	for i := range set.Rows {
		label, group := schemas.CutGroup(set.Rows[i].Label)
		for k := int32(1); k < group; k++ {
			if a := set.Find(schemas.GroupKey(label, k)); a >= 0 {
				r.siblings[a] = append(r.siblings[a], int32(i))
				r.siblings[i] = append(r.siblings[i], int32(a))
			}
		}
	}
}

// Siblings returns the other groups of a merged label. They do not compete for its
// images: which of them an image belongs to is settled.
func (r *Rivals) Siblings(identity int) []int32 { return r.siblings[identity] }

// Of returns the rivals of an identity, a position in the set's identities.
func (r *Rivals) Of(identity int) []Rival {
	if len(r.of) == 0 {
		return nil
	}
	return r.of[identity]
}

// Sure returns those that are rather the same person than not, and its siblings.
func (r *Rivals) Sure(identity int) []int32 {
	out := slices.Clone(r.siblings[identity])
	for _, x := range r.of[identity] {
		if x.P >= .5 {
			out = append(out, x.Identity)
		}
	}
	return out
}
