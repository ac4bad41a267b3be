package cluster

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

const (
	queryBlock    = 64  // queries that one goroutine takes at a time
	centroidBlock = 256 // centroids that stay in cache meanwhile
	fewRows       = 16  // up to so many nearest rows are kept in order, instead of sorting all
)

// Neighbour is a row of a matrix and its cosine with a query; Index is -1 where
// there is none.
type Neighbour struct {
	Index int
	Score float32
}

// Nearest returns, for each row of queries, the row of centroids with the highest
// inner product among those for which skip is false; of equal ones the one with
// the lower index. It is exact. skip may be nil, and is called from several
// goroutines. The result does not depend on their number.
func Nearest(queries, centroids Matrix, skip func(query, centroid int) bool) []Neighbour {
	out := make([]Neighbour, queries.Rows)
	for i := range out {
		out[i].Index = -1
	}
	blocks := (queries.Rows + queryBlock - 1) / queryBlock
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), blocks) {
		group.Go(func() {
			for b := int(next.Add(1)) - 1; b < blocks; b = int(next.Add(1)) - 1 {
				first := b * queryBlock
				nearestBlock(queries, centroids, skip, first, out[first:min(first+queryBlock, queries.Rows)])
			}
		})
	}
	group.Wait()
	return out
}

// nearestBlock fills out for the queries from first on.
func nearestBlock(queries, centroids Matrix, skip func(int, int) bool, first int, out []Neighbour) {
	for c0 := 0; c0 < centroids.Rows; c0 += centroidBlock {
		c1 := min(c0+centroidBlock, centroids.Rows)
		for q := range out {
			x := queries.Row(first + q)
			for c := c0; c < c1; c++ {
				if skip != nil && skip(first+q, c) {
					continue
				}
				s := Dot(x, centroids.Row(c))
				if out[q].Index < 0 || s > out[q].Score {
					out[q] = Neighbour{c, s}
				}
			}
		}
	}
}

// NearestRows returns the k rows with the highest inner product with query, best
// first, of those for which skip, which may be nil, is false. Equal ones stand in
// the order of their index. There are fewer than k if too few rows are left.
func NearestRows(query []float32, rows Matrix, k int, skip func(row int) bool) []Neighbour {
	if k <= 0 {
		return nil
	}
	if k <= fewRows {
		return nearestFew(query, rows, k, skip)
	}
	all := make([]Neighbour, 0, rows.Rows)
	for i := range rows.Rows {
		if skip == nil || !skip(i) {
			all = append(all, Neighbour{i, Dot(query, rows.Row(i))})
		}
	}
	slices.SortStableFunc(all, func(a, b Neighbour) int { return cmp.Compare(b.Score, a.Score) })
	return slices.Clone(all[:min(k, len(all))])
}

// nearestFew is NearestRows for a small k, in one pass.
func nearestFew(query []float32, rows Matrix, k int, skip func(row int) bool) []Neighbour {
	best := make([]Neighbour, 0, k+1)
	for i := range rows.Rows {
		if skip != nil && skip(i) {
			continue
		}
		n := Neighbour{i, Dot(query, rows.Row(i))}
		if len(best) == k && n.Score <= best[k-1].Score {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, n, func(b, n Neighbour) int {
			if b.Score >= n.Score {
				return -1
			}
			return 1
		})
		best = slices.Insert(best, at, n)
		best = best[:min(k, len(best))]
	}
	return best
}
