package matching

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/facesieve/facesieve/cluster"
)

// candidateBlock is how many identities of one side stay in cache while the
// rows of the other are compared with them.
const candidateBlock = 256

// Candidate is a pair of identities that may be one person.
type Candidate struct {
	A, B   int     // rows of the two sources
	Cosine float32 // of the centroids
	Score  float32 // as Model has it: what its methods take
}

// Scorer compares centroids as a model does.
type Scorer struct {
	rows, all           cluster.Matrix
	rowsParts, allParts []parts
	shared              float32 // squared length of the mean
	middle              float32 // mean score of two different people
}

// parts are a vector's inner product with the mean, one by the square root of the
// identity's width, and that by the vector's length once the mean is subtracted; 0 where
// nothing is left of it.
type parts struct{ along, weight, scale float32 }

// Scorer returns what compares the identities rows with the identities all. It measures
// those that are not.
func (m Model) Scorer(rows, all Identities) *Scorer {
	return &Scorer{
		rows: rows.Centroids, all: all.Centroids, shared: cluster.Dot(m.Mean, m.Mean), middle: float32(m.ImpostorMean),
		rowsParts: m.weighted(rows), allParts: m.weighted(all),
	}
}

// With returns what compares other rows with the same identities.
func (s *Scorer) With(m Model, rows Identities) *Scorer {
	out := *s
	out.rows, out.rowsParts = rows.Centroids, m.weighted(rows)
	return &out
}

// weighted returns the parts of each identity.
func (m Model) weighted(p Identities) []parts {
	if p.Width == nil {
		p = m.Measured(p)
	}
	out := make([]parts, p.Centroids.Rows)
	shared := cluster.Dot(m.Mean, m.Mean)
	for i := range out {
		x := p.Centroids.Row(i)
		out[i].along = cluster.Dot(x, m.Mean)
		out[i].weight = float32(1 / math.Sqrt(float64(p.Width[i])))
		if q := cluster.Dot(x, x) - 2*out[i].along + shared; q > 1e-6 {
			out[i].scale = float32(float64(out[i].weight) / math.Sqrt(float64(q)))
		}
	}
	return out
}

// Pair compares row a of rows with row b of all.
func (s *Scorer) Pair(a, b int) Candidate {
	x, y := s.rowsParts[a], s.allParts[b]
	c := Candidate{A: a, B: b, Cosine: cluster.Dot(s.rows.Row(a), s.all.Row(b))}
	if scale := x.scale * y.scale; scale > 0 {
		centred := c.Cosine - x.along - y.along + s.shared
		c.Score = s.middle + (float32(centred*scale) - float32(s.middle*float32(x.weight*y.weight)))
	}
	return c
}

// Candidates returns the pairs of the identities rows with the identities all
// whose score is at least floor, in the order of their rows, and each row's best
// partner by score (Index -1 where there is none; of equal ones the lower index).
// Where rows are part of all, from is the index of the first in all: each pair is
// then listed once, with B the later one, and no identity is compared with itself.
// For two sources from is -1. Identities without a usable image take no part.
// Exact; the result does not depend on the number of goroutines.
func (m Model) Candidates(rows, all Identities, from int, floor float32) ([]Candidate, []cluster.Neighbour) {
	s := m.Scorer(rows, all)
	best := make([]cluster.Neighbour, rows.Centroids.Rows)
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
func (s *Scorer) block(
	first, last, from int, floor float32, na, nb []int32, found [][]Candidate, best []cluster.Neighbour,
) {
	for a := first; a < last; a++ {
		best[a].Index = -1
	}
	for b0 := 0; b0 < s.all.Rows; b0 += candidateBlock {
		for a := first; a < last; a++ {
			if na[a] < 1 {
				continue
			}
			for b := b0; b < min(b0+candidateBlock, s.all.Rows); b++ {
				if nb[b] < 1 || (from >= 0 && b == from+a) {
					continue
				}
				c := s.Pair(a, b)
				if best[a].Index < 0 || c.Score > best[a].Score {
					best[a] = cluster.Neighbour{Index: b, Score: c.Score}
				}
				if c.Score >= floor && (from < 0 || b > from+a) {
					found[a] = append(found[a], c)
				}
			}
		}
	}
}
