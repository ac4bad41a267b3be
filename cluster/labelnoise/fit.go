package labelnoise

import (
	"fmt"
	"math"
	"slices"

	"github.com/facesieve/facesieve/cluster"
)

const (
	fitExamples    = 16_000 // the weights are fitted to so many images at most
	priorRidge     = 30.0   // strength with which weights are held to the prior's
	unitIdentities = 3.0    // identities that generic units count for
)

// Fit returns the model of a set, fitted to its examples with no labels but the set's
// own. They show what noise looks like here: each image that is presumed to be right
// appears as it stands, under a random label and under that of the most similar
// identity (a flip), and with its own identity taken out of the set (an outlier), for
// good or but for a few pictures. A classifier of these kinds is fitted to them and
// held to the prior's weights. The shares of the kinds among the real images then
// follow by expectation maximisation, and with them the probabilities.
func Fit(s Sample, p Prior) Model {
	m := emptyModel(s, p)
	examples := spread(s.Examples, fitExamples)
	m.Images = len(examples)
	sim := simulate(examples, &m)
	start := startShares{Shares{Clean: .98, Flip: .01, Outlier: .005, OutlierInCompany: .005}, 5}
	m.Weights = p.Many
	if m.Few() != "" {
		start = startShares{Shares{Clean: .85, Flip: .05, Outlier: .08, OutlierInCompany: .02}, 20}
		m.Weights = p.Few
	}
	m.Shares = start.shares
	if m.Images > 0 {
		o := sim.observations()
		o.ridge, o.prior = priorRidge, newParameters(m.Weights)
		fitted := o.minimum()
		m.Weights = fitted.weights()
		m.Shares = sim.shares(&m.Weights, start)
	}
	m.Rate = m.meanNoise(s.Examples)
	return m
}

// meanNoise returns the mean probability of noise of examples as they stand; 0 where
// there is none.
func (m *Model) meanNoise(examples []Example) float64 {
	sum := 0.0
	for i := range examples {
		sum += m.Judge(&examples[i].As[AsItStands]).Noise
	}
	return sum / math.Max(float64(len(examples)), 1)
}

// spread returns n evenly spaced elements of x, or all.
func spread[T any](x []T, n int) []T {
	if len(x) <= n {
		return x
	}
	out := make([]T, n)
	for i := range out {
		out[i] = x[i*len(x)/n]
	}
	return out
}

// emptyModel returns a model with the units of the sample's set.
func emptyModel(s Sample, p Prior) Model {
	m := Model{Units: units(s, p), Center: p.Center, Scale: p.Scale, Calibration: p.Calibration,
		Identities: s.Identities}
	if !slices.ContainsFunc(s.Examples, func(e Example) bool { return finite(e.As[AsItStands].Detector) }) {
		m.Calibration = p.WithoutDetector
	}
	_, _, m.PairsWithin = meanSpread(s.Within)
	_, _, m.PairsAcross = meanSpread(s.Across)
	m.Basis = fmt.Sprintf("weights %s, fitted further to noise simulated in this set", p.Name)
	if few := m.Few(); few != "" {
		m.Basis = fmt.Sprintf("weights %s for small sets (%s), in units of this set leaning on generic ones",
			p.Name, few)
	}
	return m
}

// few says what a set of so many identities has too few of; "" where of nothing.
func few(identities int) string {
	if identities >= FewIdentities {
		return ""
	}
	what := "identities"
	if identities == 1 {
		what = "identity"
	}
	return fmt.Sprintf("%d %s, fewer than %d", identities, what, FewIdentities)
}

// units returns what the set's evidence is counted in, leaning on the prior's where
// there are few identities.
func units(s Sample, p Prior) Units {
	u := p.Units
	if mean, sd, n := meanSpread(s.Random); n > 1 {
		k := float64(s.Identities)
		u.Mean = (float64(k*mean) + float64(unitIdentities*p.Units.Mean)) / (k + unitIdentities)
		u.Spread = (float64(k*sd) + float64(unitIdentities*p.Units.Spread)) / (k + unitIdentities)
	}
	var lengths, detector, typical []float64
	for i := range s.Examples {
		e := &s.Examples[i].As[AsItStands]
		if finite(e.Length) && e.Length > 0 {
			lengths = append(lengths, cluster.Log(float64(e.Length)))
		}
		if finite(e.Detector) {
			detector = append(detector, float64(e.Detector))
		}
		if finite(e.Typical) {
			typical = append(typical, u.cosine(e.Typical))
		}
	}
	u.LogLength, u.Detector = median(lengths, u.LogLength), median(detector, u.Detector)
	u.Typical = median(typical, p.Center[featureTypical])
	return u
}

// median returns the upper median of x, and otherwise where x is empty.
func median(x []float64, otherwise float64) float64 {
	if len(x) == 0 {
		return otherwise
	}
	return cluster.Median(x)
}
