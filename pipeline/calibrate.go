package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"sort"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/schemas"
)

const (
	sampleProducts = 2e11   // multiplications that a calibration may cost
	sampleMost     = 50_000 // images it looks at, at most
	sampleLeast    = 2_000
	samplePairs    = 100_000 // pairs of images, of one label and of two
)

// calibration is calibration.json: the judge of images, and what it was fitted to
// in figures for a reader.
type calibration struct {
	Noise    labelnoise.Model `json:"noise"`
	Impostor moments          `json:"impostor"` // of pairs of images under two labels
	Genuine  moments          `json:"genuine"`  // of pairs of images under one label
	RateLow  float64          `json:"rate_low"` // 95 % interval of the noise rate
	RateHigh float64          `json:"rate_high"`
}

// moments are the mean and the standard deviation of cosines.
type moments struct {
	Mean   float64 `json:"mean"`
	Spread float64 `json:"spread"`
	Pairs  int64   `json:"pairs"`
}

func momentsOf(cosines []float32) moments {
	m := moments{Pairs: int64(len(cosines))}
	if m.Pairs == 0 {
		return m
	}
	n := float64(m.Pairs)
	for _, x := range cosines {
		m.Mean += float64(x) / n
	}
	var variance float64
	for _, x := range cosines {
		d := float64(x) - m.Mean
		variance += float64(d*d) / n
	}
	m.Spread = math.Sqrt(variance)
	return m
}

// calibrate fits the judge of images to a sample of this set: whole identities,
// chosen by the hash of their label, so that one more identity changes little.
func (r *run) calibrate(ctx context.Context) error {
	name := schemas.CalibrationObject(r.ID)
	if ok, err := exists(ctx, r.store, name); err != nil || ok {
		return err
	}
	all, err := r.foldTable(ctx)
	if err != nil {
		return err
	}
	pairs, err := getTable(ctx, r.store, schemas.ReportObject(r.ID, schemas.PairsFile), schemas.ReadPairs)
	if err != nil {
		return err
	}
	s := sampler{run: r, set: all[schemas.Set], rivals: newRivals(all[schemas.Set], pairs)}
	sample, err := s.draw(ctx)
	if err != nil {
		return err
	}
	file := calibration{Noise: labelnoise.Fit(sample), Impostor: momentsOf(sample.Across), Genuine: momentsOf(sample.Within)}
	low, high := file.Noise.RateInterval(sample, s.own)
	file.RateLow, file.RateHigh = min(low, file.Noise.Rate), max(high, file.Noise.Rate)
	return putJSON(ctx, r.store, name, file)
}

// sampler draws what the judge of images is fitted to.
type sampler struct {
	*run
	set     *folded
	rivals  rivals
	out     labelnoise.Sample
	queries []float32
	own     []int // identity of each image
}

func (s *sampler) draw(ctx context.Context) (labelnoise.Sample, error) {
	set := s.set
	m := set.centroids
	limit := min(max(sampleProducts/float64(max(1, m.Rows*m.Cols)), sampleLeast), sampleMost)
	s.out.Identities = int(set.usable())
	s.out.ReviewAt, s.out.DropAt = s.spec.Judge.Review.Float(), s.spec.Judge.Drop.Float()
	for _, c := range set.rows {
		if c.Usable >= leastJudged {
			s.out.Judged += int(c.Usable)
		}
	}
	for _, k := range s.chosen(int(limit)) {
		v, err := s.views.get(ctx, schemas.Set, set.shardOf(k))
		if err != nil {
			return s.out, err
		}
		g, err := v.group(set.rows[k].Label)
		if err != nil {
			return s.out, err
		}
		s.take(k, g)
	}
	s.compare()
	return s.out, nil
}

// chosen is the identities of the sample, ascending: those with the lowest hash
// of their label until limit images are reached.
func (s *sampler) chosen(limit int) []int {
	set := s.set
	type candidate struct {
		k    int
		hash uint64
	}
	var all []candidate
	for k, c := range set.rows {
		if c.Usable >= leastJudged {
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
		n += int(set.rows[c.k].Usable)
		out = append(out, c.k)
	}
	sort.Ints(out)
	return out
}

// take adds the images of identity k.
func (s *sampler) take(k int, g *group) {
	n := g.vectors.Rows
	s.out.Own = append(s.out.Own, cluster.TrimmedCentroid(g.vectors).Scores(g.vectors)...)
	for i := range n {
		s.out.N = append(s.out.N, int32(n))
		s.own = append(s.own, k)
		if j := (i*7 + 1 + n/2) % n; j != i && len(s.out.Within) < samplePairs {
			s.out.Within = append(s.out.Within, cluster.Dot(g.vectors.Row(i), g.vectors.Row(j)))
		}
	}
	s.queries = append(s.queries, g.vectors.Data...)
}

// compare scores the sample against other identities and against each other.
func (s *sampler) compare() {
	q := cluster.Matrix{Rows: len(s.own), Cols: s.set.centroids.Cols, Data: s.queries}
	best := cluster.Nearest(q, s.set.centroids, func(i, c int) bool { return !s.rivals.compete(s.own[i], c) })
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

// across is the number of pairs of images of the sample under two labels: drawing
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
	place := make([]int, len(s.set.rows))
	for k, c := range s.set.rows {
		if place[k] = len(usable); c.Usable > 0 {
			usable = append(usable, k)
		}
	}
	for i, k := range s.own {
		x := float32(0)
		if c := labelnoise.RandomIdentity(i, place[k], len(usable)); c >= 0 {
			x = cluster.Dot(q.Row(i), s.set.centroids.Row(usable[c]))
		}
		s.out.Random = append(s.out.Random, x)
	}
}
