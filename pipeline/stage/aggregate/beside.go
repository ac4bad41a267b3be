package aggregate

import (
	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/matching"
	"github.com/facesieve/facesieve/cluster/mixture"
)

// others are all labels of the set, whole, by which groups of one label are told apart.
type others struct {
	labels matching.Identities // those of lost shards have no image
	model  matching.Model
	scorer *matching.Scorer
}

// newOthers makes room for the centroids of labels.
func newOthers(labels, dimensions int) *others {
	return &others{labels: matching.Identities{
		Centroids: cluster.NewMatrix(labels, dimensions), N: make([]int32, labels), Rho: make([]float32, labels),
		Width: alike(labels),
	}}
}

// alike returns the widths of identities that are all taken to score as widely as others:
// the limits of package mixture rest on such scores.
func alike(identities int) []float32 {
	out := make([]float32, identities)
	for i := range out {
		out[i] = 1
	}
	return out
}

// set takes the images of a label. Different labels may be set at once.
func (o *others) set(label int, v cluster.Matrix) {
	if v.Rows > 0 {
		put(&o.labels, label, v)
	}
}

// put gives an identity the centroid of images.
func put(ids *matching.Identities, i int, v cluster.Matrix) {
	c := matching.Centroid(v, nil)
	copy(ids.Centroids.Row(i), c.Vector)
	ids.N[i], ids.Rho[i] = int32(v.Rows), c.Rho
}

// fit learns how alike labels of different people are, once all are set.
func (o *others) fit() {
	o.model = matching.FitSplits(o.labels, nil)
	o.scorer = o.model.Scorer(o.labels, o.labels)
}

// beside returns what the other labels tell of groups of one label's images.
func (o *others) beside(label int, v cluster.Matrix) mixture.Beside {
	return func(a, b []int) float64 { return o.nearest(label, v, a, b).LogRatio() }
}

// nearest compares two groups of rows of a label with the label that is nearest to the
// smaller one; of equal labels the first.
func (o *others) nearest(label int, v cluster.Matrix, a, b []int) mixture.Nearest {
	const smaller, larger = 0, 1
	if len(a) < len(b) {
		a, b = b, a
	}
	groups := matching.Identities{Centroids: cluster.NewMatrix(2, v.Cols), N: make([]int32, 2), Rho: make([]float32, 2), Width: alike(2)}
	put(&groups, smaller, some(v, b))
	put(&groups, larger, some(v, a))
	scorer := o.scorer.With(o.model, groups)
	best := matching.Candidate{B: -1}
	for i, n := range o.labels.N {
		if n < 1 || i == label {
			continue
		}
		if c := scorer.Pair(smaller, i); best.B < 0 || c.Score > best.Score {
			best = c
		}
	}
	if best.B < 0 {
		return mixture.Nearest{}
	}
	n := o.labels.N[best.B]
	p := func(group int, score float32) float64 {
		return o.model.Probability(score, int(groups.N[group]), int(n), float64(len(o.labels.N)))
	}
	return mixture.Nearest{
		PSmaller: p(smaller, best.Score),
		PLarger:  p(larger, scorer.Pair(larger, best.B).Score),
		Score:    float64(best.Score),
		Join:     float64(o.model.Scorer(groups, groups).Pair(smaller, larger).Score),
	}
}

// some returns rows of v.
func some(v cluster.Matrix, rows []int) cluster.Matrix {
	out := cluster.NewMatrix(len(rows), v.Cols)
	for i, r := range rows {
		copy(out.Row(i), v.Row(r))
	}
	return out
}
