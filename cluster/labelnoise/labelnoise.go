// Package labelnoise says how probable it is that an image carries a wrong label,
// from what is measured of the image under that label: cosines to centroids and to
// its nearest images, the detector's score, the length of its embedding. Its model
// is fitted to one set without any label but the set's own, by simulating wrong
// labels in it, and leans on weights learnt from collections whose labels are known.
//
// Probabilities are between 0 and 1, scores are cosines. The same numbers give
// the same bits on every processor.
package labelnoise

import (
	"math"

	"github.com/facesieve/facesieve/cluster"
)

// Neighbours is how many of an image's nearest images vote on its label.
const Neighbours = 10

// Evidence is what is measured of an image under one label. The image never counts
// for itself. Numbers that are not known are NaN.
type Evidence struct {
	Own   float32 // cosine to the label's centroid, made without the image
	Other float32 // cosine to the best centroid of another identity

	// OwnImages and OtherImages are the best cosines to images of the label and of
	// other labels, descending, at most Neighbours of each.
	OwnImages, OtherImages []float32

	Typical  float32 // median Own of the label's images; NaN for two, whose scores are one
	Detector float32 // the detector's score of the face
	Length   float32 // Euclidean norm of the embedding before it is scaled to 1
}

// Kind is whom an image shows, as the classes of the model tell it apart.
type Kind uint8

// The kinds.
const (
	Clean            Kind = iota // the person of its label
	Flip                         // another identity of the set
	Outlier                      // nobody of the set, in no other picture
	OutlierInCompany             // nobody of the set, in other pictures of the set or of the label too
	kindCount
)

// Shares are the shares of the kinds among the images of a set.
type Shares struct {
	Clean            float64 `json:"clean"`
	Flip             float64 `json:"flip"`
	Outlier          float64 `json:"outlier"`
	OutlierInCompany float64 `json:"outlier_in_company"`
}

// list returns the shares by kind.
func (s Shares) list() [kindCount]float64 {
	return [kindCount]float64{s.Clean, s.Flip, s.Outlier, s.OutlierInCompany}
}

// newShares is the inverse of list.
func newShares(x [kindCount]float64) Shares {
	return Shares{Clean: x[Clean], Flip: x[Flip], Outlier: x[Outlier], OutlierInCompany: x[OutlierInCompany]}
}

// Model says how probable it is that an image carries a wrong label. It comes from
// one set and one embedding model and is good for no other.
//
// The log-odds of each kind of noise against a right label are a weighted sum of
// features (Features), which are counted in units of this set, so that no cosine is
// fixed.
type Model struct {
	Units       Units       `json:"units"`
	Center      Features    `json:"feature_center"` // subtracted from a feature before it is weighed
	Scale       Features    `json:"feature_scale"`  // and what it is then divided by
	Weights     Weights     `json:"weights"`
	Calibration Calibration `json:"calibration"`
	Shares      Shares      `json:"shares"` // estimated, the priors

	Rate float64 `json:"noise_rate"` // estimated share of wrong labels

	Basis       string `json:"basis"`        // what the weights rest on, for the reader of a report
	Images      int    `json:"images"`       // images that the model was fitted to
	Identities  int    `json:"identities"`   // identities in the set
	PairsWithin int    `json:"pairs_within"` // pairs with one label seen
	PairsAcross int    `json:"pairs_across"` // pairs with two labels seen
}

// Calibration turns the log-odds x of the classes into those that are stated:
// Intercept + Slope * x.
type Calibration struct {
	Intercept float64 `json:"intercept"`
	Slope     float64 `json:"slope"` // above 0
}

// Opinion is what a Model says of an image under a label.
type Opinion struct {
	Noise float64 // probability that the label is wrong
	Flip  float64 // probability that the image shows another identity of the set; at most Noise
}

// Judge returns the probability that an image's label is wrong, and that it shows
// another identity. Both are above 0 and below 1.
func (m *Model) Judge(e *Evidence) Opinion {
	f := newFeatures(e, m.Units)
	odds := m.Weights.odds(f.scaled(&m.Center, &m.Scale))
	share := m.Shares.list()
	clean := cluster.Log(math.Max(share[Clean], leastShare))
	for k := range odds {
		odds[k] += cluster.Log(math.Max(share[k+1], leastShare)) - clean
	}
	outlier := logSum(odds[Outlier-1], odds[OutlierInCompany-1])
	noise := logSum(odds[Flip-1], outlier)
	stated := m.Calibration.Intercept + float64(m.Calibration.Slope*noise)
	p := logistic(softCap(stated))
	return Opinion{Noise: p, Flip: p * logistic(odds[Flip-1]-outlier)}
}

// leastShare keeps a kind that a set seems to lack possible.
const leastShare = 1e-9

// Few returns what the set has too few of to stand on its own, for a reader; its
// weights are then mostly the shipped ones. It is empty if nothing is.
func (m *Model) Few() string { return few(m.Identities) }

// fewDoubt is how far the log-odds of a set of few identities may lie from the truth:
// calibrated on one collection of sets as small, those of another were off by -.7 to 2.2.
const fewDoubt = 2.0

// ReviewFrom returns the probability of noise from which an image is worth a look, where
// limit is that of a set of many identities. With few identities it is what could be
// limit: these probabilities lean on other collections.
func (m *Model) ReviewFrom(limit float64) float64 {
	if m.Few() == "" || limit <= 0 || limit >= 1 {
		return limit
	}
	return logistic(cluster.Log(limit/(1-limit)) - fewDoubt)
}
