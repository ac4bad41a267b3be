package matching

import (
	"math"

	"github.com/facesieve/facesieve/cluster"
)

// share returns how much of a centroid of n images is its person, and not the
// accidents of the images: the square of the cosine between the centroid and that
// of endlessly many images, n*g / (1 + (n-1)*g) for images whose mean cosine is g.
func (m Model) share(n int) float64 {
	k := float64(max(n, 1))
	return k * m.ImageGenuine / (1 + float64((k-1)*m.ImageGenuine))
}

// spread returns the standard deviation of the scores of two different people.
func (m Model) spread(na, nb int) float64 {
	v := m.ImpostorNoise + float64(m.ImpostorShare*m.share(na)*m.share(nb))
	return math.Sqrt(max(v, minVariance))
}

// genuine returns the mean and the standard deviation of the scores of one person's centroids.
func (m Model) genuine(na, nb int) (mean, spread float64) {
	grow := math.Sqrt(m.share(na)*m.share(nb)) / max(m.ImageGenuine, 1e-6)
	return min(m.CrossGenuine*grow, 1), m.Spread * max(1, math.Sqrt(grow))
}

// Standard returns the standard score of two centroids of na and nb images.
func (m Model) Standard(score float32, na, nb int) float64 {
	return (float64(score) - m.ImpostorMean) / m.spread(na, nb)
}

// ExpectedFalse returns the number of pairs of different people that are expected
// to reach the score or a higher one, among so many comparisons of centroids of na
// and nb images.
func (m Model) ExpectedFalse(score float32, na, nb int, comparisons float64) float64 {
	return float64(comparisons * m.survival(m.Standard(score, na, nb)))
}

// Probability returns how probable it is that two centroids of na and nb images
// are of one person. The prior is the share of matches that the fit found among
// its pairs, and at least half a match among so many comparisons.
func (m Model) Probability(score float32, na, nb int, comparisons float64) float64 {
	rate := 0.5 / max(comparisons, 1)
	if m.Pairs > 0 {
		rate = max(rate, m.Matches/m.Pairs)
	}
	rate = min(rate, 0.5)
	odds := float64(rate / (1 - rate) * cluster.Exp(m.logRatio(score, na, nb)))
	return odds / (1 + odds)
}

// logRatio returns the log-likelihood ratio of one person to two. It never falls
// as the score grows.
func (m Model) logRatio(score float32, na, nb int) float64 {
	mean, spread := m.genuine(na, nb)
	// Above the mean of one person, being still more alike is no counter-evidence.
	d := min((float64(score)-mean)/spread, 0)
	sd := m.spread(na, nb)
	// One person in ten is wider spread: childhood photographs, bad images.
	narrow, wide := float64(0.9*normalDensity(d)), float64(0.1*normalDensity(d/2)/2)
	g := cluster.Log(narrow+wide) + cluster.Log(sd/spread)
	return min(g-m.logDensity(m.Standard(score, na, nb)), 60)
}

// normalDensity returns the density of a standard normal distribution at x.
func normalDensity(x float64) float64 { return cluster.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }
