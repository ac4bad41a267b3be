package calibrate

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"sort"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

const (
	sampleProducts = 2e11   // multiplications that a calibration may cost
	sampleMost     = 50_000 // images it looks at, at most
	sampleLeast    = 2_000
	samplePairs    = 100_000 // pairs of images, of one label and of two
)

// sampler draws what the judge of images is fitted to.
type sampler struct {
	shards      *runstore.Shards
	set         *runstore.Identities
	competitors *Competitors
	out         labelnoise.Sample
	queries     []float32 // the sample's vectors, one after the other
	own         []int     // identity of each image
}

func (s *sampler) draw(ctx context.Context) (labelnoise.Sample, error) {
	set, judge := s.set, &s.shards.Run.Spec.Judge
	m := set.Trimmed
	limit := min(max(sampleProducts/float64(max(1, m.Rows*m.Cols)), sampleLeast), sampleMost)
	s.out.Identities = set.CountUsable()
	s.out.ReviewAt, s.out.DropAt = judge.Review.Float(), judge.Drop.Float()
	for _, n := range set.Usable {
		if n >= LeastJudged {
			s.out.Judged += int(n)
		}
	}
	for _, k := range s.chosen(int(limit)) {
		v, err := s.shards.Get(ctx, runstore.ShardKey{Source: schemas.Set, Shard: set.ShardOf(k)})
		if err != nil {
			return s.out, err
		}
		members, err := v.Members(set.Rows[k].Label)
		if err != nil {
			return s.out, err
		}
		s.take(k, members)
	}
	s.compare()
	return s.out, nil
}

// chosen returns the identities of the sample, ascending: those with the lowest hash
// of their label until limit images are reached.
func (s *sampler) chosen(limit int) []int {
	set := s.set
	type candidate struct {
		k    int
		hash uint64
	}
	var all []candidate
	for k, c := range set.Rows {
		if c.Usable >= LeastJudged {
			sum := sha256.Sum256([]byte(c.Label))
			all = append(all, candidate{k, binary.BigEndian.Uint64(sum[:8])})
		}
	}
	sort.Slice(all, func(i, j int) bool {
		return all[i].hash < all[j].hash || all[i].hash == all[j].hash && all[i].k < all[j].k
	})
	var out []int
	n := 0
	for _, c := range all {
		if n >= limit {
			break
		}
		n += int(set.Rows[c.k].Usable)
		out = append(out, c.k)
	}
	sort.Ints(out)
	return out
}

// take adds the images of identity k.
func (s *sampler) take(k int, m *runstore.Members) {
	n := m.Vectors.Rows
	s.out.Own = append(s.out.Own, cluster.TrimmedCentroid(m.Vectors).Scores(m.Vectors)...)
	for i := range n {
		s.out.N = append(s.out.N, int32(n))
		s.own = append(s.own, k)
		if j := (i*7 + 1 + n/2) % n; j != i && len(s.out.Within) < samplePairs {
			s.out.Within = append(s.out.Within, cluster.Dot(m.Vectors.Row(i), m.Vectors.Row(j)))
		}
	}
	s.queries = append(s.queries, m.Vectors.Data...)
}

// compare scores the sample against other identities and against each other.
func (s *sampler) compare() {
	q := cluster.Matrix{Rows: len(s.own), Cols: s.set.Trimmed.Cols, Data: s.queries}
	best := cluster.Nearest(q, s.set.Trimmed, func(i, c int) bool { return !s.competitors.Compete(s.own[i], c) })
	s.randomOthers(q)
	state := uint64(1)
	random := func(n int) int { // a fixed linear congruential sequence (Knuth, MMIX)
		state = state*6364136223846793005 + 1442695040888963407
		return int((state >> 33) % uint64(n))
	}
	for _, b := range best {
		other := float32(math.NaN())
		if b.Index >= 0 {
			other = b.Score
		}
		s.out.Other = append(s.out.Other, other)
	}
	limit := min(samplePairs, s.across())
	for range 2 * samplePairs {
		if len(s.out.Across) >= limit {
			break
		}
		if i, j := random(q.Rows), random(q.Rows); s.own[i] != s.own[j] {
			s.out.Across = append(s.out.Across, cluster.Dot(q.Row(i), q.Row(j)))
		}
	}
}

// across returns the number of pairs of images of the sample under two labels: drawing
// more would only count some of them again.
func (s *sampler) across() int {
	same := 0
	for _, n := range s.out.N {
		same += int(n) - 1
	}
	n := len(s.own)
	return (n*(n-1) - same) / 2
}

// randomOthers scores each image of the sample against one other identity.
func (s *sampler) randomOthers(q cluster.Matrix) {
	var usable []int
	position := make([]int, len(s.set.Rows)) // of each identity among the usable ones
	for k, c := range s.set.Rows {
		if position[k] = len(usable); c.Usable > 0 {
			usable = append(usable, k)
		}
	}
	for i, k := range s.own {
		x := float32(0)
		if c := labelnoise.RandomIdentity(i, position[k], len(usable)); c >= 0 {
			x = cluster.Dot(q.Row(i), s.set.Trimmed.Row(usable[c]))
		}
		s.out.Random = append(s.out.Random, x)
	}
}
