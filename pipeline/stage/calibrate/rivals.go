package calibrate

import (
	"context"
	"math"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// Rival says that an identity of the set may be the same person as another. Identities
// are positions in the set's.
type Rival struct {
	Of       int32   `json:"of"`
	Identity int32   `json:"identity"`
	P        float32 `json:"p"` // probability that it is, as the images of Of have it
}

// Rivals are the splits of a run, by identity.
type Rivals struct {
	of [][]Rival // mostly nil
}

// NewRivals returns the rivals among n identities.
func NewRivals(n int, all []Rival) *Rivals {
	r := &Rivals{of: make([][]Rival, n)}
	for _, x := range all {
		r.of[x.Of] = append(r.of[x.Of], x)
	}
	return r
}

// findRivals returns the splits of a run's pairs table, each both ways. Centroids of two
// people come near each other where some of their images are exchanged, too: the
// probability of the split counts as far as the images of an identity do not tell the
// two apart.
func findRivals(ctx context.Context, shards *runstore.Shards, set *runstore.Identities) ([]Rival, error) {
	pairs, err := shards.Run.Pairs(ctx)
	if err != nil {
		return nil, err
	}
	var all []Rival
	wanted := map[runstore.ShardKey][]int{}
	add := func(a, b int, p float32) {
		key := runstore.ShardKey{Source: schemas.Set, Shard: set.ShardOf(a)}
		if !shards.Lost[key] {
			wanted[key] = append(wanted[key], len(all))
		}
		all = append(all, Rival{int32(a), int32(b), p})
	}
	for _, p := range pairs {
		a, b := set.Find(p.AIdentity), set.Find(p.BIdentity)
		if p.Kind == schemas.PairSplit && a >= 0 && b >= 0 {
			add(a, b, p.P)
			add(b, a, p.P)
		}
	}
	err = shards.Visit(ctx, nil, wanted, func(_ runstore.ShardKey, v *runstore.LabelledShard, rows []int) error {
		for _, i := range rows {
			m, err := v.Members(set.Rows[all[i].Of].Label)
			if err != nil {
				return err
			}
			all[i].P *= alike(m, set.Trimmed.Row(int(all[i].Identity)))
		}
		return nil
	})
	return all, err
}

// How much nearer an identity's images are to their own centroid than to another, in the
// median and as a share of the median own score, up to which they do not tell the two
// apart, and from which they do. Halves of one person give -.08 to .08, pairs of the most
// similar people with an eighth of their images exchanged .1 to .45.
const (
	apartFrom = .1
	apartTo   = .2
)

// alike returns how far an identity's images do not tell it apart from another, whose
// centroid is given: 0 to 1.
func alike(m *runstore.Members, other []float32) float32 {
	if m.Vectors.Rows < LeastJudged {
		return 1
	}
	own := cluster.IdentityCentroid(m.Vectors).Scores(m.Vectors)
	nearer := make([]float32, len(own))
	for i := range own {
		nearer[i] = own[i] - cluster.Dot(m.Vectors.Row(i), other)
	}
	usual := median(own)
	if !(usual > 0) {
		return 1
	}
	share := float64(median(nearer)) / float64(usual)
	return float32(math.Min(math.Max((apartTo-share)/(apartTo-apartFrom), 0), 1))
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
