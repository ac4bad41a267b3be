package labelnoise

import (
	"fmt"
	"math"

	"github.com/facesieve/facesieve/cluster"
)

const (
	fitImages  = 1 << 16 // the model is fitted to so many images at most
	hardShare  = .8      // share of simulated flips that go to the most similar identity
	priorCount = 5.0     // images that the shipped noise rate counts for
	priorRate  = .02     // shipped noise rate, half flips and half outliers

	shrinkIdentities = 50      // with fewer, the odds are shrunk and the margin alone ranks
	shrinkPairs      = 100_000 // with fewer pairs with two labels, the odds are shrunk
)

// Fit returns the model of a set, fitted to its scores with no labels but the
// set's own. It simulates noise in the set itself: each image that is presumed to
// be right shows by its scores what it would look like under another label (a
// random one, or the most similar one: a flip), and without its own identity in
// the set (an outlier). A classifier of the three classes is fitted to these, and
// shrunk to a shipped one, which counts for more in a small set. The shares of the
// classes among the real images then follow by expectation maximisation (Saerens
// et al. 2002). Rows with a score that is not finite are left out.
func Fit(s Sample) Model {
	m := emptyModel(s)
	sim := simulate(s)
	m.Images = len(sim.images)
	if m.Images > 0 {
		m.Size = sim.typicalSize()
		observed, margins := sim.observations(&m)
		m.FlipOdds, m.OutlierOdds = observed.solve(shippedOdds())
		if m.Identities < shrinkIdentities {
			m.Margin = observed.margin(margins)
		}
		sim.shares(&m)
	}
	m.thresholds(s, sim)
	return m
}

// margin returns the log-odds of any noise fitted to the margins z alone, with the
// weights and the shrinkage of s.
func (s *softmax) margin(z []float64) MarginOdds {
	n := len(z)
	fit := softmax{x: make([]terms, n), class: make([]class, n), weight: s.weight, ridge: s.ridge}
	for i := range z {
		// The margin stands for the own score; the other terms are 0.
		fit.x[i] = terms{termConstant: 1, termOwn: z[i]}
		fit.class[i] = min(s.class[i], classFlip)
	}
	noise, _ := fit.solve(Odds{termConstant: -.5, termOwn: -1.5}, Odds{})
	return MarginOdds{Intercept: noise[termConstant], Slope: math.Min(noise[termOwn], -.1)}
}

// emptyModel returns a model with the units and the prior of the sample's set and
// the shipped odds.
func emptyModel(s Sample) Model {
	m := Model{Rate: priorRate, Flips: priorRate / 2, Outlier: priorRate / 2, Identities: s.Identities, Size: 20}
	m.FlipOdds, m.OutlierOdds = shippedOdds()
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
	if few := m.Few(); few != "" {
		m.Basis = fmt.Sprintf("densities shrunk to shipped shapes (%s), in units of %s", few, units)
	}
	return m
}

// Few returns what the set has too few of to stand on its own, for a reader; its
// odds are then shrunk to shipped ones. It is empty if nothing is.
func (m Model) Few() string {
	switch {
	case m.Identities < shrinkIdentities:
		return fmt.Sprintf("%d identities, fewer than %d", m.Identities, shrinkIdentities)
	case m.PairsAcross < shrinkPairs:
		return fmt.Sprintf("%d cross-label pairs, fewer than %d", m.PairsAcross, shrinkPairs)
	}
	return ""
}

// ridge returns the strength of the shrinkage to the shipped odds.
func ridge(m Model) float64 {
	if m.Few() != "" {
		return 4
	}
	return 1
}

// shares estimates the shares of the classes among the real images by expectation
// maximisation, starting from those in m.
func (s simulation) shares(m *Model) {
	const rounds = 50
	n := len(s.images)
	flip, outlier := make([]float64, n), make([]float64, n)
	neutral := *m
	neutral.Flips, neutral.Outlier = 1./3, 1./3
	for i, x := range s.images {
		f, o := neutral.logOdds(x.own, x.other, x.size)
		flip[i], outlier[i] = cluster.Exp(math.Min(f, 300)), cluster.Exp(math.Min(o, 300))
	}
	for range rounds {
		clean := 1 - m.Flips - m.Outlier
		sumFlip, sumOutlier := priorCount*priorRate/2, priorCount*priorRate/2
		for i := range n {
			f, o := float64(flip[i]*m.Flips), float64(outlier[i]*m.Outlier)
			total := clean + f + o
			sumFlip += f / total
			sumOutlier += o / total
		}
		m.Flips, m.Outlier = sumFlip/(float64(n)+priorCount), sumOutlier/(float64(n)+priorCount)
	}
	m.Rate = m.Flips + m.Outlier
}
