package matching

import (
	"math"
	"slices"
)

// The scores of a face embedding where nothing can be measured.
const (
	shippedNoise  = 0.0085 // Model.ImpostorNoise
	shippedShare  = 0.0035 // Model.ImpostorShare
	shippedSpread = 0.11   // Model.Spread
)

// moments fits the mean and the variance of the scores of different people to the
// groups compared; where their identities are few, to the auxiliary groups too.
func (f *fitter) moments() {
	f.m.ImpostorNoise, f.m.ImpostorShare = shippedNoise, shippedShare
	var mean, level, slope, weight float64
	add := func(g scoreGroup, w float64) {
		if len(g.score) == 0 || w <= 0 {
			return
		}
		mu, intercept, rise := f.groupMoments(g)
		mean += float64(w * mu)
		level += float64(w * intercept)
		slope += float64(w * rise)
		weight += w
	}
	var identities float64
	for _, g := range f.compared {
		add(g, float64(g.identities))
		identities += float64(g.identities)
	}
	for _, g := range f.auxiliary {
		add(g, min(float64(g.identities), max(0, fewIdentities-identities)))
	}
	const prior = 3 // identities that the shipped variance counts for
	if weight > 0 {
		mean /= weight
	}
	level = (level + prior*shippedNoise) / (weight + prior)
	slope = (slope + prior*shippedShare) / (weight + prior)
	f.m.ImpostorMean, f.m.ImpostorNoise, f.m.ImpostorShare = mean, level, slope
}

// groupMoments returns the mean of a group's scores, and intercept and slope of
// the line of their variance over the product of the two centroids' shares. Scores
// further from the median than four robust standard deviations, as those of
// matches, count as four.
func (f *fitter) groupMoments(g scoreGroup) (mean, intercept, slope float64) {
	lo, mid, hi := quantiles(g.score)
	sd := max((hi-lo)/2, math.Sqrt(minVariance))
	far := float64(4 * sd)
	clip := func(x float32) float64 { return min(max(float64(x), mid-far), mid+far) }
	k := float64(len(g.score))
	var sx, sy, sxx, sxy float64
	for _, x := range g.score {
		mean += clip(x) / k
	}
	for i, s := range g.score {
		x := float64(f.m.share(int(g.na[i])) * f.m.share(int(g.nb[i])))
		d := clip(s) - mean
		y := float64(d * d)
		sx, sy, sxx, sxy = sx+x, sy+y, sxx+float64(x*x), sxy+float64(x*y)
	}
	mx, my := sx/k, sy/k
	// The slope is known only where sizes differ; elsewhere it is the shipped one
	// in units of the variance seen.
	prior := 1e5 * 0.01
	rel := my / (shippedNoise + float64(shippedShare*mx))
	slope = (sxy - float64(k*mx*my) + float64(prior*rel*shippedShare)) / (sxx - float64(k*mx*mx) + prior)
	slope = min(max(slope, 0), my/max(mx, 1e-9)*0.8)
	return mean, my - float64(slope*mx), slope
}

// quantiles returns the 16th, 50th and 84th percentile.
func quantiles(x []float32) (lo, mid, hi float64) {
	s := slices.Clone(x)
	slices.Sort(s)
	at := func(q float64) float64 { return float64(s[int(float64(q*float64(len(s)-1))+0.5)]) }
	return at(0.16), at(0.5), at(0.84)
}

// excesses returns the pairs with standard scores above the tail's start: all of
// the groups compared, and those of the auxiliary groups, weighted so that they
// make the pairs up to tailPairs. pairs is how many pairs the result stands for,
// own how many of these are of the groups compared.
func (f *fitter) excesses() (out []excess, pairs, own float64) {
	for _, g := range f.compared {
		own += float64(len(g.score))
		f.m.Pairs += float64(len(g.score))
		out = f.m.above(out, g, 1, true)
	}
	var lent float64
	for _, g := range f.auxiliary {
		lent += float64(len(g.score))
	}
	weight := 0.0
	if lent > 0 {
		weight = min(1, max(0, tailPairs-own)/lent)
	}
	if weight == 0 {
		return out, own, own
	}
	for _, g := range f.auxiliary {
		own := f.m // an auxiliary group's scores count in its own units
		if g.identities >= fewIdentities {
			own.ImpostorMean, own.ImpostorNoise, own.ImpostorShare = f.groupMoments(g)
		}
		out = own.above(out, g, weight, false)
	}
	return out, own + float64(weight*lent), own
}

// above appends a group's pairs with standard scores above the tail's start.
func (m Model) above(out []excess, g scoreGroup, weight float64, compared bool) []excess {
	for i, s := range g.score {
		na, nb := int(g.na[i]), int(g.nb[i])
		if z := m.Standard(s, na, nb); z > tailStart {
			out = append(out, excess{z - tailStart, weight, compared, float64(s), na, nb})
		}
	}
	return out
}
