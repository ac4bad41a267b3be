package cluster

import (
	"fmt"
	"math"
	"slices"
)

const (
	fitImages  = 1 << 16 // the model is fitted to so many images at most
	fitRounds  = 6       // rounds of believing, planting and fitting
	hardShare  = .5      // share of planted flips that go to the most similar identity
	priorCount = 5.0     // images that the shipped noise rate counts for
	priorRate  = .02     // shipped noise rate, half flips and half outliers

	shrinkIdentities = 50
	shrinkPairs      = 100_000
)

// FitNoise fits a noise model to the scores of a set, with no labels but the
// set's own. It plants noise in the set itself: each image that is believed to
// be right shows by its scores what it would look like under another label (a
// random one, or the most similar one: a flip), and without its own identity in
// the set (an outlier). A classifier of the three kinds is fitted to these; the
// shares of the kinds among the real images follow by EM (Saerens et al. 2002);
// the images believed to be right are chosen again, and so on. The classifier
// is shrunk to a shipped one, which counts for more in a small set.
func FitNoise(s NoiseSample) NoiseModel {
	m := emptyModel(s)
	p := newPlanting(s, &m)
	if len(p.own) > 0 {
		prior := shippedOdds()
		fit := softmax{x: p.terms(&m), class: p.classes(), weight: make([]float64, 4*len(p.own)), ridge: ridge(m), prior: prior}
		right, w := p.firstBelief(&m), prior
		for range fitRounds {
			p.weigh(right, fit.weight)
			w = fit.solve(w)
			m.FlipOdds, m.OutlierOdds = [scoreTerms]float64(w[:scoreTerms]), [scoreTerms]float64(w[scoreTerms:])
			p.believe(&m, right)
		}
	}
	m.thresholds(s, p)
	return m
}

// emptyModel has the units and the prior of the sample's set and the shipped
// odds.
func emptyModel(s NoiseSample) NoiseModel {
	m := NoiseModel{Rate: priorRate, Flips: priorRate / 2, Outlier: priorRate / 2, Identities: s.Identities, Size: 20}
	odds := shippedOdds()
	m.FlipOdds, m.OutlierOdds = [scoreTerms]float64(odds[:scoreTerms]), [scoreTerms]float64(odds[scoreTerms:])
	var n int
	m.Mean, m.Spread, n = meanSpread(s.Random)
	within, _, pairsWithin := meanSpread(s.Within)
	across, spread, pairsAcross := meanSpread(s.Across)
	m.PairsWithin, m.PairsAcross, m.Rho = pairsWithin, pairsAcross, .5
	if pairsWithin > 0 && pairsAcross > 0 && across < 1 {
		m.Rho = math.Min(math.Max((within-across)/(1-across), .05), .95)
	}
	units := "this set's own impostor mean and spread"
	if n < 2 {
		m.Mean, m.Spread, units = across, spread, "the spread of this set's cross-label pairs"
	}
	if n < 2 && pairsAcross < 2 {
		m.Mean, m.Spread, units = 0, .12, "a generic impostor spread of .12, for the set shows none"
	}
	m.Basis = "densities of this set, in units of " + units
	if few := m.few(); few != "" {
		m.Basis = fmt.Sprintf("densities shrunk to shipped shapes (%s), in units of %s", few, units)
	}
	return m
}

// few says what the set has too few of to stand on its own; empty if nothing.
func (m NoiseModel) few() string {
	switch {
	case m.Identities < shrinkIdentities:
		return fmt.Sprintf("%d identities, fewer than %d", m.Identities, shrinkIdentities)
	case m.PairsAcross < shrinkPairs:
		return fmt.Sprintf("%d cross-label pairs, fewer than %d", m.PairsAcross, shrinkPairs)
	}
	return ""
}

// ridge is the strength of the shrinkage, as images.
func ridge(m NoiseModel) float64 {
	if m.few() != "" {
		return 4
	}
	return 1
}

// planting is the sample without unusable rows, and what was planted in it.
type planting struct {
	own, other, random, rest []float64
	size                     []int
}

// newPlanting takes an even sample of the finite rows of s, and the typical size
// from it.
func newPlanting(s NoiseSample, m *NoiseModel) *planting {
	var rows []int
	for i := range s.Own {
		if finite(s.Own[i]) && finite(s.Other[i]) && finite(s.Random[i]) {
			rows = append(rows, i)
		}
	}
	n := min(len(rows), fitImages)
	p := &planting{own: make([]float64, n), other: make([]float64, n), random: make([]float64, n), rest: make([]float64, n), size: make([]int, n)}
	for j := range n {
		i := rows[j*len(rows)/n]
		p.own[j], p.other[j], p.random[j], p.size[j] = float64(s.Own[i]), float64(s.Other[i]), float64(s.Random[i]), int(s.N[i])
	}
	// Where the random identity is the best other one, the best of the rest is
	// not known: another image's stands in for it.
	for j := range n {
		p.rest[j] = p.other[j]
		if p.random[j] >= p.other[j] {
			p.rest[j] = p.other[max(RandomIdentity(j, j, n), 0)]
		}
	}
	if n > 0 {
		sizes := slices.Sorted(slices.Values(p.size))
		m.Size = math.Max(float64(sizes[n/2]), 3)
	}
	m.Images = n
	return p
}

// terms are those of the real images, then of random flips, of flips into the
// most similar identity, and of outliers.
func (p *planting) terms(m *NoiseModel) [][scoreTerms]float64 {
	n := len(p.own)
	x := make([][scoreTerms]float64, 4*n)
	for i := range n {
		for k, pair := range [4][2]float64{
			{p.own[i], p.other[i]},
			{p.random[i], math.Max(p.own[i], p.rest[i])},
			{p.other[i], p.own[i]},
			{p.random[i], p.rest[i]},
		} {
			x[k*n+i] = terms(m.standard(pair[0], pair[1], p.size[i]))
		}
	}
	return x
}

func (p *planting) classes() []uint8 {
	n := len(p.own)
	c := make([]uint8, 4*n)
	for i := range c {
		c[i] = [4]uint8{0, 1, 1, 2}[i/n]
	}
	return c
}

// weigh gives every planted image the belief that its original is right.
func (p *planting) weigh(right, weight []float64) {
	n := len(p.own)
	for i, r := range right {
		weight[i], weight[n+i], weight[2*n+i], weight[3*n+i] = r, r*(1-hardShare), r*hardShare, r
	}
}

// firstBelief is high for own scores that impostors do not reach and that beat
// the best other.
func (p *planting) firstBelief(m *NoiseModel) []float64 {
	right := make([]float64, len(p.own))
	for i := range right {
		zo, zb := m.standard(p.own[i], p.other[i], p.size[i])
		right[i] = 1 / (1 + exp(3-2*zo))
		if zo <= zb {
			right[i] *= .3
		}
	}
	return right
}

// believe estimates the shares of the kinds among the real images, starting from
// those in m, and each image's probability to be right.
func (p *planting) believe(m *NoiseModel, right []float64) {
	const rounds = 50
	n := len(p.own)
	flip, outlier := make([]float64, n), make([]float64, n)
	neutral := *m
	neutral.Flips, neutral.Outlier = 1./3, 1./3
	for i := range n {
		f, o := neutral.logOdds(p.own[i], p.other[i], p.size[i])
		flip[i], outlier[i] = exp(math.Min(f, 300)), exp(math.Min(o, 300))
	}
	for range rounds {
		clean := 1 - m.Flips - m.Outlier
		sumFlip, sumOutlier := priorCount*priorRate/2, priorCount*priorRate/2
		for i := range n {
			f, o := float64(flip[i]*m.Flips), float64(outlier[i]*m.Outlier)
			total := clean + f + o
			right[i] = clean / total
			sumFlip += f / total
			sumOutlier += o / total
		}
		m.Flips, m.Outlier = sumFlip/(float64(n)+priorCount), sumOutlier/(float64(n)+priorCount)
	}
	m.Rate = m.Flips + m.Outlier
}

// thresholds states what the decisions mean in this run.
func (m *NoiseModel) thresholds(s NoiseSample, p *planting) {
	m.Review = m.threshold(s, p, orDefault(s.ReviewAt, .5))
	m.Drop = m.threshold(s, p, orDefault(s.DropAt, .95))
}

func orDefault(x, otherwise float64) float64 {
	if x == 0 {
		return otherwise
	}
	return x
}

func (m *NoiseModel) threshold(s NoiseSample, p *planting, at float64) Threshold {
	t := Threshold{P: at, Score: m.Mean}
	n := len(p.own)
	if n == 0 {
		return t
	}
	other := slices.Sorted(slices.Values(p.other))[n/2]
	low, high := -1.0, 1.0
	for range 40 {
		t.Score = (low + high) / 2
		if q, _ := m.Judge(float32(t.Score), float32(other), int(m.Size)); float64(q) >= at {
			low = t.Score
		} else {
			high = t.Score
		}
	}
	above := 0
	for _, r := range p.random {
		if r >= t.Score {
			above++
		}
	}
	t.FalseMatchRate = float64(above) / float64(n)
	scale := float64(max(s.Judged, len(s.Own))) / float64(n)
	for i := range n {
		if q, _ := m.Judge(float32(p.own[i]), float32(p.other[i]), p.size[i]); float64(q) >= at {
			t.Flags += scale
			t.FalseFlags += float64(scale * (1 - float64(q)))
		}
	}
	return t
}

// shippedOdds are the weights of a model fitted to other collections, in units
// of their impostor spread.
func shippedOdds() [params]float64 {
	return [params]float64{
		-.8, .6, -1.5, -.2, 1.2, -.8,
		1.2, -.4, 2, -.35, .3, -.6,
	}
}
