package cluster

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
)

// MatchTier says how sure it is that two identities are one person.
type MatchTier string

// The tiers, strongest first. MatchNone is a pair that is not worth a line.
const (
	MatchCertain  MatchTier = "certain"
	MatchProbable MatchTier = "probable"
	MatchReview   MatchTier = "review"  // one name, the faces leave it open
	MatchRefused  MatchTier = "refused" // one name, the faces say no
	MatchNone     MatchTier = ""
)

const (
	certainP     = 0.95
	probableP    = 0.5
	refusedRatio = 0.1 // likelihood of one person to two, below which the faces say no
)

// Limits are how many pairs of different people may reach a tier by chance, among
// all comparisons of a run.
type Limits struct {
	Certain  float64 // for MatchCertain
	Probable float64 // for MatchProbable; at least Certain
}

// Candidate is a pair of identities that may be one person.
type Candidate struct {
	A, B   int     // rows of the two sources
	Cosine float32 // of the centroids
	Score  float32 // the cosine without what all people share: what the model's methods take
}

// Match is what the model says about a candidate.
type Match struct {
	Tier          MatchTier
	P             float64 // probability that the two are one person
	ExpectedFalse float64 // false matches expected at this score or above among all comparisons
}

// Judge gives a pair its tier: certain where at most limits.Certain pairs of
// different people are expected to reach its score among all comparisons of the
// run, probable where at most limits.Probable are, and in both the pair itself
// must be more likely one person than not (certain: at 0.95). The name decides nothing there; below, a pair of one name
// is refused where the faces speak against it and left for review otherwise.
func (m PeopleModel) Judge(score float32, na, nb int, comparisons float64, limits Limits, nameMatch bool) Match {
	out := Match{
		P:             m.Probability(score, na, nb, comparisons),
		ExpectedFalse: m.ExpectedFalse(score, na, nb, comparisons),
	}
	switch {
	case na < 1 || nb < 1:
		out.P = 0
		if nameMatch {
			out.Tier = MatchReview
		}
	case out.ExpectedFalse <= limits.Certain && out.P >= certainP:
		out.Tier = MatchCertain
	case out.ExpectedFalse <= limits.Probable && out.P >= probableP:
		out.Tier = MatchProbable
	case nameMatch && m.logRatio(score, na, nb) < math.Log(refusedRatio):
		out.Tier = MatchRefused
	case nameMatch:
		out.Tier = MatchReview
	}
	return out
}

// Floor is the score, for the smallest identities, below which no pair reaches
// MatchProbable among so many comparisons, less a margin of one spread: a floor
// for Candidates.
func (m PeopleModel) Floor(comparisons float64, limits Limits) float32 {
	lo, hi := 0.0, 30.0
	for range 50 {
		z := (lo + hi) / 2
		if comparisons*m.survival(z) > limits.Probable {
			lo = z
		} else {
			hi = z
		}
	}
	sd := min(m.spread(1, 1), m.spread(math.MaxInt32, math.MaxInt32))
	return float32(m.ImpostorMean + max(lo-1, 0)*sd)
}

// Scorer compares centroids as a model does.
type Scorer struct {
	rows, all     Matrix
	rowsBy, allBy []lean
	shared        float32
}

// lean is how far a vector goes along what all share, and how long it is without.
type lean struct{ along, length float32 }

// Scorer prepares the comparison of the identities rows with the identities all.
func (m PeopleModel) Scorer(rows, all People) *Scorer {
	return &Scorer{
		rows: rows.Centroids, all: all.Centroids, shared: Dot(m.Mean, m.Mean),
		rowsBy: m.leans(rows.Centroids), allBy: m.leans(all.Centroids),
	}
}

func (m PeopleModel) leans(v Matrix) []lean {
	out := make([]lean, v.Rows)
	shared := Dot(m.Mean, m.Mean)
	for i := range out {
		x := v.Row(i)
		out[i].along = Dot(x, m.Mean)
		if q := Dot(x, x) - 2*out[i].along + shared; q > 1e-6 {
			out[i].length = float32(math.Sqrt(float64(q)))
		}
	}
	return out
}

// Pair compares row a with row b of all.
func (s *Scorer) Pair(a, b int) Candidate {
	x, y := s.rowsBy[a], s.allBy[b]
	c := Candidate{A: a, B: b, Cosine: Dot(s.rows.Row(a), s.all.Row(b))}
	if l := x.length * y.length; l > 0 {
		c.Score = (c.Cosine - x.along - y.along + s.shared) / l
	}
	return c
}

// Candidates are the pairs of the identities rows with the identities all whose
// score is at least floor, in the order of their rows, and each row's best
// partner by score (Index -1 where there is none; of equal ones the lower
// index). Where rows are part of all, from is the index of the first in all:
// each pair is then listed once, with B the later one, and nobody is compared
// with himself. For two sources from is -1. Identities without a usable image
// take no part. Exact; the result does not depend on the number of goroutines.
func (m PeopleModel) Candidates(rows, all People, from int, floor float32) ([]Candidate, []Neighbour) {
	s := m.Scorer(rows, all)
	best := make([]Neighbour, rows.Centroids.Rows)
	found := make([][]Candidate, rows.Centroids.Rows)
	const block = 32
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(best)/block+1) {
		group.Go(func() {
			for {
				first := int(next.Add(block)) - block
				if first >= len(best) {
					return
				}
				s.block(first, min(first+block, len(best)), from, floor, rows.N, all.N, found, best)
			}
		})
	}
	group.Wait()
	var pairs []Candidate
	for _, f := range found {
		pairs = append(pairs, f...)
	}
	return pairs, best
}

// block compares rows first to last with all, a stretch of all at a time.
func (s *Scorer) block(first, last, from int, floor float32, na, nb []int32, found [][]Candidate, best []Neighbour) {
	for a := first; a < last; a++ {
		best[a].Index = -1
	}
	for b0 := 0; b0 < s.all.Rows; b0 += centroidBlock {
		for a := first; a < last; a++ {
			if na[a] < 1 {
				continue
			}
			for b := b0; b < min(b0+centroidBlock, s.all.Rows); b++ {
				if nb[b] < 1 || (from >= 0 && b == from+a) {
					continue
				}
				c := s.Pair(a, b)
				if best[a].Index < 0 || c.Score > best[a].Score {
					best[a] = Neighbour{b, c.Score}
				}
				if c.Score >= floor && (from < 0 || b > from+a) {
					found[a] = append(found[a], c)
				}
			}
		}
	}
}
