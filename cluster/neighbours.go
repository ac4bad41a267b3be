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
	fewRows       = 64  // up to so many nearest rows are kept in order, instead of sorting all
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
	eachProduct(queries, centroids, func(q, first int, scores []float32) {
		best := out[q]
		for i, s := range scores {
			if (best.Index < 0 || s > best.Score) && (skip == nil || !skip(q, first+i)) {
				best = Neighbour{first + i, s}
			}
		}
		out[q] = best
	})
	return out
}

// NearestK returns, for each row of queries, the k rows of centroids with the highest
// inner product, best first, of those for which skip is false; equal ones stand in the
// order of their index. There are fewer than k where too few are left. It is exact.
// skip may be nil, and is called from several goroutines. The result does not depend
// on their number.
func NearestK(queries, centroids Matrix, k int, skip func(query, centroid int) bool) [][]Neighbour {
	out := make([][]Neighbour, queries.Rows)
	if k <= 0 {
		return out
	}
	all := make([]Neighbour, queries.Rows*k)
	for q := range out {
		out[q] = all[q*k : q*k : (q+1)*k]
	}
	eachProduct(queries, centroids, func(q, first int, scores []float32) {
		best := out[q]
		for i, s := range scores {
			if (len(best) < k || s > best[k-1].Score) && (skip == nil || !skip(q, first+i)) {
				best = insert(best, Neighbour{first + i, s})
			}
		}
		out[q] = best
	})
	return out
}

// insert puts n into a list that descends by score, behind what is equal. From a list
// that is full, as its capacity says, the last goes.
func insert(best []Neighbour, n Neighbour) []Neighbour {
	at := len(best)
	for at > 0 && best[at-1].Score < n.Score {
		at--
	}
	if len(best) < cap(best) {
		best = best[:len(best)+1]
	}
	copy(best[at+1:], best[at:])
	best[at] = n
	return best
}

// eachProduct calls f with the inner products of every row of queries with all rows of
// centroids: for each q in parts, ascending, the scores of the centroids from first on.
// It calls f from several goroutines, for one q never at the same time.
func eachProduct(queries, centroids Matrix, f func(q, first int, scores []float32)) {
	blocks := (queries.Rows + queryBlock - 1) / queryBlock
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), blocks) {
		group.Go(func() {
			scores := make([]float32, centroidBlock)
			for b := int(next.Add(1)) - 1; b < blocks; b = int(next.Add(1)) - 1 {
				for c := 0; c < centroids.Rows; c += centroidBlock {
					n := min(centroidBlock, centroids.Rows-c)
					for q := b * queryBlock; q < min((b+1)*queryBlock, queries.Rows); q++ {
						Dots(scores[:n], queries.Row(q), centroids, c)
						f(q, c, scores[:n])
					}
				}
			}
		})
	}
	group.Wait()
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
	eachScore(query, rows, func(i int, score float32) {
		if skip == nil || !skip(i) {
			all = append(all, Neighbour{i, score})
		}
	})
	slices.SortStableFunc(all, func(a, b Neighbour) int { return cmp.Compare(b.Score, a.Score) })
	return slices.Clone(all[:min(k, len(all))])
}

// nearestFew is NearestRows for a small k, in one pass.
func nearestFew(query []float32, rows Matrix, k int, skip func(row int) bool) []Neighbour {
	best := make([]Neighbour, 0, k)
	eachScore(query, rows, func(i int, score float32) {
		if (len(best) < k || score > best[k-1].Score) && (skip == nil || !skip(i)) {
			best = insert(best, Neighbour{i, score})
		}
	})
	return best
}

// eachScore calls f with every row's inner product with query, in order.
func eachScore(query []float32, rows Matrix, f func(row int, score float32)) {
	scores := make([]float32, min(centroidBlock, rows.Rows))
	for first := 0; first < rows.Rows; first += centroidBlock {
		n := min(centroidBlock, rows.Rows-first)
		Dots(scores[:n], query, rows, first)
		for i, s := range scores[:n] {
			f(first+i, s)
		}
	}
}
