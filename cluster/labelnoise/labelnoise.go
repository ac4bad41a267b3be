// Package labelnoise says how probable it is that an image carries a wrong label,
// from two cosines: to the centroid of its own identity, and to that of the most
// similar other one. Its model is fitted to one set without any label but the
// set's own, by simulating wrong labels in it.
//
// Probabilities are between 0 and 1, scores are cosines. The same numbers give
// the same bits on every processor.
package labelnoise

import (
	"math"

	"github.com/facesieve/facesieve/cluster"
)

// Sample is what the model of one set is fitted to. Own, Other, Random and N have
// one element for each image whose identity has at least three usable images, or
// for each of an even sample of these.
type Sample struct {
	Own    []float32 // leave-one-out cosine to the own identity's trimmed centroid
	Other  []float32 // cosine to the best other identity's; NaN where there is none
	Random []float32 // cosine to that of the identity that RandomIdentity draws; NaN where there is none
	N      []int32   // usable images of the own identity

	Within []float32 // cosines of random pairs of images with one label
	Across []float32 // cosines of random pairs of images with two labels

	Identities int     // identities in the whole set
	Judged     int     // images judged in the whole run; 0 is len(Own)
	ReviewAt   float64 // p_noise from which an image is reviewed; 0 is .5
	DropAt     float64 // p_noise from which an image is dropped; 0 is .95
}

// Model says how probable it is that an image carries a wrong label, from its
// scores. It comes from one set and one embedding model and is good for no other.
//
// An image is clean, or a flip (it shows another identity of the set), or an
// outlier (it shows nobody of the set). The log-odds of the last two against the
// first are quadratic in the own and the best other score, both counted in
// standard deviations of this set's impostor scores, so that no cosine is fixed.
type Model struct {
	Mean   float64 `json:"impostor_mean"`   // of an image's cosine to a random other identity's centroid
	Spread float64 `json:"impostor_spread"` // its standard deviation
	Rho    float64 `json:"genuine"`         // (g-i)/(1-i) of the mean cosines of genuine and impostor pairs
	Size   float64 `json:"typical_size"`    // images of an identity to which own scores are converted

	Rate    float64 `json:"noise_rate"`   // estimated share of wrong labels, the prior
	Flips   float64 `json:"flip_rate"`    // estimated share of flips
	Outlier float64 `json:"outlier_rate"` // estimated share of outliers

	// Margin, where set, replaces the odds below in a set of few identities, whose
	// images teach no more than how noise ranks by the margin own minus other.
	Margin MarginOdds `json:"margin_odds,omitzero"`

	FlipOdds    Odds `json:"flip_odds"`
	OutlierOdds Odds `json:"outlier_odds"`

	Basis       string `json:"basis"`        // what the densities rest on, for the reader of a report
	Images      int    `json:"images"`       // images that the model was fitted to
	Identities  int    `json:"identities"`   // identities in the set
	PairsWithin int    `json:"pairs_within"` // pairs with one label seen
	PairsAcross int    `json:"pairs_across"` // pairs with two labels seen

	Review Threshold `json:"review"`
	Drop   Threshold `json:"drop"`
}

// MarginOdds are log-odds of noise against clean that are linear in the margin,
// the own minus the best other score in impostor standard deviations.
type MarginOdds struct {
	Intercept float64 `json:"intercept"`
	Slope     float64 `json:"slope"` // per standard deviation; below 0
}

// Threshold is the probability at which a decision falls, in other units.
type Threshold struct {
	P     float64 `json:"p"`     // p_noise of the decision
	Score float64 `json:"score"` // own score there, of an image with the median best other score

	// FalseMatchRate is the share of images that reach Score with a random other
	// identity's centroid.
	FalseMatchRate float64 `json:"false_match_rate"`

	FalseFlags float64 `json:"expected_false_flags"` // clean images expected at or above P in this run
	Flags      float64 `json:"flags"`                // images at or above P in this run
}

// Judge returns the probability that an image's label is wrong, and that it shows
// the best other identity: pFlip <= pNoise. own is its leave-one-out score, other
// the best other score (NaN where there is no other identity), n the number of
// usable images under its label. pNoise falls with own. Log-odds above 4 grow like
// a logarithm, so that images whose label is surely wrong are still ranked.
func (m Model) Judge(own, other float32, n int) (pNoise, pFlip float32) {
	flip, outlier := m.logOdds(float64(own), float64(other), n)
	x := softCap(logSum(flip, outlier))
	p := logistic(x)
	return float32(p), float32(p * logistic(flip-outlier))
}

// logOdds returns the posterior log-odds of flip and of outlier against clean.
func (m Model) logOdds(own, other float64, n int) (flip, outlier float64) {
	if !finite(float32(other)) {
		other = m.Mean
	}
	if !finite(float32(own)) {
		own = m.Mean
	}
	standardOwn, standardOther := m.standard(own, other, n)
	clean := math.Max(1-m.Flips-m.Outlier, 1e-9)
	if m.Margin.Slope != 0 {
		return m.marginOdds(own, other, standardOther, clean)
	}
	flip = m.FlipOdds.decreasing(standardOwn, standardOther)
	outlier = m.OutlierOdds.decreasing(standardOwn, standardOther)
	return flip + cluster.Log(math.Max(m.Flips, 1e-12)/clean),
		outlier + cluster.Log(math.Max(m.Outlier, 1e-12)/clean)
}

// marginOdds returns the log-odds of noise by the margin alone, divided between
// flip and outlier by the standard best other score. clean is the share of clean
// images.
func (m Model) marginOdds(own, other, standardOther, clean float64) (flip, outlier float64) {
	z := (own - other) / math.Max(m.Spread, 1e-3)
	noise := m.Margin.Intercept + float64(m.Margin.Slope*z) +
		cluster.Log(math.Max(m.Flips+m.Outlier, 1e-12)/clean)
	split := float64(flipSlope*(standardOther-flipFrom)) +
		cluster.Log(math.Max(m.Flips, 1e-12)/math.Max(m.Outlier, 1e-12))
	return noise - softplus(-split), noise - softplus(split)
}

// A noisy image whose best other score lies flipFrom impostor standard deviations
// above the mean is as likely a flip as an outlier, other things being equal; the
// log-odds grow by flipSlope a standard deviation. Few identities cannot teach
// these values, so they are shipped.
const (
	flipFrom  = 3.5
	flipSlope = 2.0
)

// standard returns scores in standard deviations of impostor scores. The own
// score is converted to an identity of typical size by the expectation of a
// leave-one-out score.
func (m Model) standard(own, other float64, n int) (standardOwn, standardOther float64) {
	spread := math.Max(m.Spread, 1e-3)
	typical, actual := expectedScore(m.Rho, m.Size-1), expectedScore(m.Rho, float64(n-1))
	return (own - m.Mean) / spread * typical / actual, (other - m.Mean) / spread
}

// expectedScore returns the mean cosine of an image to a centroid of n others,
// where rho is the mean cosine of two images: rho*sqrt(n/(1+(n-1)*rho)).
func expectedScore(rho, n float64) float64 {
	n = math.Max(n, 1)
	return rho * math.Sqrt(n/(1+float64((n-1)*rho)))
}

// RandomIdentity returns the identity that the image with this number, of identity
// own, is compared with for Sample.Random: an even draw from the other of so many
// identities that depends on nothing else. It is -1 where there is no other.
func RandomIdentity(image, own, identities int) int {
	if identities < 2 {
		return -1
	}
	x := uint64(image)*0x9e3779b97f4a7c15 + 0x9e3779b97f4a7c15 // splitmix64, Steele et al. 2014
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	return (own + 1 + int(x%uint64(identities-1))) % identities
}
