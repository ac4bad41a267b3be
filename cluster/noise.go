package cluster

import (
	"math"
	"slices"
)

// NoiseSample is what the noise model of one set is fitted to. Own, Other,
// Random and N have one element for each of the set's judged images (or for an
// even sample of them): those whose identity has at least three usable images.
type NoiseSample struct {
	Own    []float32 // leave-one-out cosine to the own trimmed centroid
	Other  []float32 // cosine to the best other identity's trimmed centroid
	Random []float32 // cosine to the trimmed centroid of one random other identity
	N      []int32   // usable images of the own identity

	Within []float32 // cosines of random pairs of images with one label
	Across []float32 // cosines of random pairs of images with two labels

	Identities int // identities in the whole set
}

// NoiseModel says how probable it is that an image carries a wrong label, from
// its scores. It comes from one set and one embedder and is good for no other.
type NoiseModel struct {
	Mean   float64 `json:"impostor_mean"`   // of an image's cosine with a random other centroid
	Spread float64 `json:"impostor_spread"` // its standard deviation
	Rate   float64 `json:"noise_rate"`      // estimated share of wrong labels: the prior
	Flips  float64 `json:"flip_share"`      // estimated share of these that belong to another identity of the set
	Basis  string  `json:"basis"`           // what the densities rest on, for the reader of a report
	Images int     `json:"images"`          // images that the model was fitted to

	PairsWithin int     `json:"pairs_within"` // genuine-label pairs seen
	PairsAcross int     `json:"pairs_across"` // cross-label pairs seen
	PairMean    float64 `json:"pair_mean"`    // mean cosine of cross-label pairs
	PairSpread  float64 `json:"pair_spread"`  // their standard deviation

	Review Threshold `json:"review"` // own score at which an image with a usual best other comes under review
	Drop   Threshold `json:"drop"`   // the same for drop
}

// Threshold is an own score below which a decision falls, as rates.
type Threshold struct {
	P              float64 `json:"p"`                    // p_noise of the decision
	Score          float64 `json:"score"`                // own score there, for an image whose best other score is the median
	FalseMatchRate float64 `json:"false_match_rate"`     // share of random other people's images that score higher
	FalseFlags     float64 `json:"expected_false_flags"` // right images at or above P expected in this run
	Flags          float64 `json:"expected_flags"`       // images at or above P expected in this run
}

// FitNoise fits a model to the scores of a set.
func FitNoise(s NoiseSample) NoiseModel {
	m := NoiseModel{Images: len(s.Own), PairsWithin: len(s.Within), PairsAcross: len(s.Across)}
	m.Mean, m.Spread = meanSpread(s.Random)
	m.PairMean, m.PairSpread = meanSpread(s.Across)
	m.Basis = "generic shape in units of this set's impostor spread"
	m.Rate, m.Flips = .02, .5
	return m
}

// Judge is the probability that an image is noise, and that it belongs to the
// best other identity, from its leave-one-out score, the best other score and
// the number of usable images under its label.
func (m NoiseModel) Judge(own, other float32, n int) (pNoise, pFlip float32) {
	z := (float64(own) - float64(other)) / math.Max(m.Spread, 1e-6)
	x := -2*z + math.Log(m.Rate/(1-m.Rate))
	x = 12 * math.Tanh(x/12)
	p := 1 / (1 + math.Exp(-x))
	w := 1 / (1 + math.Exp(-2*((float64(other)-m.Mean)/math.Max(m.Spread, 1e-6)-3)))
	return float32(p), float32(float64(p * w))
}

// meanSpread is the mean and the standard deviation of the finite values of x.
func meanSpread(x []float32) (mean, spread float64) {
	kept := slices.DeleteFunc(slices.Clone(x), func(v float32) bool { return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) })
	if len(kept) == 0 {
		return 0, 1
	}
	for _, v := range kept {
		mean += float64(v)
	}
	mean /= float64(len(kept))
	for _, v := range kept {
		d := float64(v) - mean
		spread += float64(d * d)
	}
	return mean, math.Sqrt(spread / float64(len(kept)))
}
