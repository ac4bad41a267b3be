package matching

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/facesieve/facesieve/cluster"
)

const (
	cohortSize = 16384 // most identities whose directions are summed up
	// widthPrior is how many identities the usual width counts for: two by the square of the
	// relative spread, .08, of the squares of widths of facescrub-mini and LFW.
	widthPrior = 300
)

// measure measures the sources, once the scores of different people are known, and
// scores the groups anew.
func (f *fitter) measure() {
	measured := true
	for _, p := range f.sources {
		measured = measured && p.Width != nil
	}
	if measured {
		return
	}
	f.cohort()
	for i, p := range f.sources {
		if p.Width == nil {
			f.sources[i] = f.m.Measured(p)
		}
	}
	for _, groups := range [][]scoreGroup{f.compared, f.auxiliary} {
		for i, g := range groups {
			groups[i] = f.group(g.a, g.b)
		}
	}
}

// cohort fits Model.Moments, to the first identities of each source in turn: an even sample.
func (f *fitter) cohort() {
	cols := len(f.m.Mean)
	sum, row := make([]float64, cols*(cols+1)/2), make([]float32, cols)
	var share float64
	for k := 0; k < cohortSize; k++ {
		more := false
		for _, p := range f.sources {
			if k >= p.Centroids.Rows || f.m.Cohort >= cohortSize {
				continue
			}
			more = true
			if !f.m.centred(row, p.Centroids.Row(k)) {
				continue
			}
			addMoments(sum, row)
			share += f.m.share(int(p.N[k]))
			f.m.Cohort++
		}
		if !more {
			break
		}
	}
	if f.m.Cohort < 2 {
		f.m.Cohort = 0
		return
	}
	f.m.CohortShare = share / f.m.Cohort
	f.m.Moments = make([]float32, len(sum))
	for i, x := range sum {
		f.m.Moments[i] = float32(x / f.m.Cohort)
	}
}

// addMoments adds the products of x's elements, of each two once, row after row.
func addMoments(sum []float64, x []float32) {
	at := 0
	for i := range x {
		for j := range i + 1 {
			sum[at] += float64(float64(x[i]) * float64(x[j]))
			at++
		}
	}
}

// centred puts the unit vector of x without the mean into out and says whether there is one.
func (m Model) centred(out, x []float32) bool {
	for j := range out {
		out[j] = x[j] - m.Mean[j]
	}
	if !(cluster.Norm(out) > 1e-3) {
		return false
	}
	cluster.Normalize(out)
	return true
}

// Measured returns identities with their Width: how widely the scores of each with all
// others spread, beside those that centroids of as many images have. A face that is like
// many others, a blurred one say, comes near a stranger's more often than others do; its
// scores count for less by that much, as scores do that are normalised by a cohort's (Z- and
// T-norm: Auckenthaler, Carey & Lloyd-Thomas 2000). The spread follows from the second moments of the
// centroids, so that no scores are computed; it is shrunk to the usual one where identities
// are few. The result does not depend on the number of goroutines.
func (m Model) Measured(p Identities) Identities {
	p.Width = make([]float32, p.Centroids.Rows)
	cols := len(m.Mean)
	moments := cluster.NewMatrix(cols, cols)
	for i, at := 0, 0; i < cols && m.Cohort > 0; i++ {
		for j := range i + 1 {
			moments.Row(i)[j], moments.Row(j)[i] = m.Moments[at], m.Moments[at]
			at++
		}
	}
	const block = 64
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(p.Width)/block+1) {
		group.Go(func() {
			x := make([]float32, cols)
			for {
				first := int(next.Add(block)) - block
				if first >= len(p.Width) {
					return
				}
				for i := first; i < min(first+block, len(p.Width)); i++ {
					p.Width[i] = 1
					if m.Cohort > 0 && p.N[i] > 0 && m.centred(x, p.Centroids.Row(i)) {
						p.Width[i] = m.width(x, int(p.N[i]), moments)
					}
				}
			}
		})
	}
	group.Wait()
	return p
}

// width returns the width of an identity of n images, whose direction x is.
func (m Model) width(x []float32, n int, moments cluster.Matrix) float32 {
	var square float64 // mean of its squared scores
	for i, c := range x {
		square += float64(float64(c) * float64(cluster.Dot(moments.Row(i), x)))
	}
	// It is one of the cohort, and its score with itself is 1.
	square = max(float64(m.Cohort*square)-1, 0) / (m.Cohort - 1)
	usual := m.ImpostorNoise + float64(m.ImpostorShare*m.share(n)*m.CohortShare) + float64(m.ImpostorMean*m.ImpostorMean)
	ratio := square / max(usual, minVariance)
	return float32(math.Sqrt((widthPrior + float64(m.Cohort*ratio)) / (widthPrior + m.Cohort)))
}
