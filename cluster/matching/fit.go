package matching

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/facesieve/facesieve/cluster"
)

const (
	samplePairs   = 2_000_000 // about so many pairs of each two sources are looked at
	tailPairs     = 1_000_000 // with fewer pairs of the sources compared, auxiliary groups add theirs
	fewIdentities = 50        // with fewer, auxiliary groups add to the moments, too
)

// fitter fits a model to the scores of groups of pairs.
type fitter struct {
	m         Model
	sources   []Identities // each in an order that follows from its content
	compared  []scoreGroup // the pairs that the model is for
	auxiliary []scoreGroup // pairs within one source, which tell of different people too
}

// scoreGroup is the pairs of two sources, or within one: an element of score, na
// and nb for each.
type scoreGroup struct {
	score      []float32
	na, nb     []int32 // images of the two centroids
	identities int     // of the smaller source
	a, b       int     // the sources
}

// newFitter returns a fitter without any group.
func newFitter(sources []Identities) *fitter {
	f := &fitter{}
	for _, p := range sources {
		f.sources = append(f.sources, p.sorted())
	}
	f.m.Mean = sharedMean(f.sources)
	f.m.ImageGenuine = meanRho(f.sources, float64(cluster.Dot(f.m.Mean, f.m.Mean)))
	return f
}

// sorted returns the identities with a usable image, in an order that follows from
// their content: a hash first, so that any first part is an even sample.
func (p Identities) sorted() Identities {
	type entry struct {
		hash uint64
		key  []byte
		row  int
	}
	var order []entry
	for i := range p.Centroids.Rows {
		if q := cluster.Dot(p.Centroids.Row(i), p.Centroids.Row(i)); p.N[i] < 1 || !(q > 0.5 && q < 2) {
			continue
		}
		key := make([]byte, 0, 4*(p.Centroids.Cols+2))
		for _, x := range p.Centroids.Row(i) {
			key = binary.LittleEndian.AppendUint32(key, math.Float32bits(x))
		}
		key = binary.LittleEndian.AppendUint32(key, uint32(p.N[i]))
		key = binary.LittleEndian.AppendUint32(key, math.Float32bits(p.rho(i)))
		order = append(order, entry{contentHash(key), key, i})
	}
	slices.SortFunc(order, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), bytes.Compare(a.key, b.key))
	})
	out := Identities{Centroids: cluster.NewMatrix(len(order), p.Centroids.Cols)}
	for k, e := range order {
		copy(out.Centroids.Row(k), p.Centroids.Row(e.row))
		out.N = append(out.N, p.N[e.row])
		out.Rho = append(out.Rho, p.rho(e.row))
		if p.Width != nil {
			out.Width = append(out.Width, p.Width[e.row])
		}
	}
	return out
}

// contentHash returns the 64-bit FNV-1a hash of b, mixed once more.
func contentHash(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, x := range b {
		h = (h ^ uint64(x)) * 1099511628211
	}
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>32
}

// sharedMean returns the mean of the centroids, shrunk by the length that the mean
// of as many unrelated directions has by chance, and further where identities are
// few.
func sharedMean(sources []Identities) []float32 {
	cols := 0
	for _, p := range sources {
		cols = max(cols, p.Centroids.Cols)
	}
	sum := make([]float64, cols)
	var k float64
	for _, p := range sources {
		for i := range p.Centroids.Rows {
			for j, x := range p.Centroids.Row(i) {
				sum[j] += float64(x)
			}
			k++
		}
	}
	out := make([]float32, len(sum))
	var ss float64
	for _, x := range sum {
		ss += float64(x * x)
	}
	if k < 2 || ss == 0 {
		return out
	}
	// (ss - k) / (k (k-1)) estimates the shared part's square without bias.
	shrink := max((ss-k)/(k*(k-1))/(ss/(k*k)), 0) * k / (k + 20)
	for j, x := range sum {
		out[j] = float32(x / k * shrink)
	}
	return out
}

// meanRho returns the mean score of two images of one person, from the identities'
// mean cosines; shared is the squared length of the shared mean. Identities of
// many images count for more.
func meanRho(sources []Identities, shared float64) float64 {
	var sum, weight float64
	for _, p := range sources {
		for i, r := range p.Rho {
			if p.N[i] > 1 && r > 0 && r <= 1 {
				w := 1 - 1/float64(p.N[i])
				sum += float64(w * float64(r))
				weight += w
			}
		}
	}
	const prior, shipped = 5, 0.6
	shipping := shared + float64((1-shared)*shipped)
	rho := (sum + float64(prior*shipping)) / (weight + prior)
	return min(max((rho-shared)/(1-shared), 0.05), 0.999)
}

// compare adds the pairs of two sources, or within one where a equals b, to those
// that the model is for.
func (f *fitter) compare(a, b int) { f.compared = append(f.compared, f.group(a, b)) }

// assist adds the pairs within a source to the auxiliary ones.
func (f *fitter) assist(s int) { f.auxiliary = append(f.auxiliary, f.group(s, s)) }

// group scores the pairs of two sources, or within one where a equals b.
func (f *fitter) group(a, b int) scoreGroup {
	p, q := f.sources[a], f.sources[b]
	g := scoreGroup{a: a, b: b}
	rows, cols := sampleSize(p.Centroids.Rows, q.Centroids.Rows)
	if a == b {
		rows = min(p.Centroids.Rows, int(math.Sqrt(2*samplePairs)))
		cols = rows
	}
	g.identities = min(rows, cols)
	s := f.m.Scorer(p, q)
	for i := range rows {
		first := 0
		if a == b {
			first = i + 1
		}
		for j := first; j < cols; j++ {
			g.score = append(g.score, s.Pair(i, j).Score)
			g.na = append(g.na, p.N[i])
			g.nb = append(g.nb, q.N[j])
		}
	}
	return g
}

// sampleSize returns how many rows of each of two sources are compared.
func sampleSize(a, b int) (int, int) {
	if a == 0 || b == 0 || a*b <= samplePairs {
		return a, b
	}
	side := int(math.Sqrt(samplePairs))
	if a <= b {
		a = min(a, side)
		return a, min(b, samplePairs/a)
	}
	b = min(b, side)
	return min(a, samplePairs/b), b
}

// model fits everything that follows from the gathered scores.
func (f *fitter) model() Model {
	f.moments()
	f.measure()
	excesses, pairs, own := f.excesses()
	f.mixture(excesses, pairs, own)
	f.m.Basis = f.basis(pairs, own)
	return f.m
}

// basis says what the tail rests on: so many pairs, own of them of the sources
// compared.
func (f *fitter) basis(pairs, own float64) string {
	switch {
	case own >= tailPairs:
		return fmt.Sprintf("%.0f pairs of different people of the sources compared", own)
	case pairs >= 1e5:
		return fmt.Sprintf("%.0f pairs of the sources compared, "+
			"and pairs of other people of those sources that count for %.0f", own, pairs-own)
	}
	return fmt.Sprintf("few identities (%.0f pairs): the tail is shrunk to a shipped shape, "+
		"in units of these pairs' own mean and spread", pairs)
}
