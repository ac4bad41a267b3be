// Package mixture tells labels that hold images of two people from labels of one person:
// it looks for two groups of images that are each alike and not like each other, and
// says how probable it is that they are two people rather than two modes of one, such as
// childhood and age or one session in make-up.
//
// A label's images are joined by average linkage, near-duplicates counting once, and the
// last joins are weighed by how alike each side is, how alike the two are, and how many
// images there are: a logistic model, learnt from labels of several collections that
// were merged for it, in sets with and without other noise. Cosines count in units of
// the set, and how many labels are merged is estimated from the set itself.
package mixture

import (
	"math"

	"github.com/facesieve/facesieve/cluster"
)

// Split is two groups of one label's images that may be two people: B is the one that
// joined the rest late, and may be the larger one. Cosines are means over pairs of
// images, near-duplicates counted once.
type Split struct {
	Join       float64 // between images of A and of B
	Top        float64 // the same, of the best pairs alone: as many as the smaller group has images
	OwnA, OwnB float64 // within A and within B
	NA, NB     int     // images, near-duplicates counted once
	A, B       []int   // rows of the images; some rows may be in neither
}

// Units are the mean cosines of a set in whose terms splits are weighed.
type Units struct {
	Impostor float64 // of images under two labels
	Genuine  float64 // of images under one label: the median of labels
}

// What is taken where a set is too small to say.
const (
	shippedImpostor = .01
	shippedGenuine  = .45
	shippedLabels   = 5  // that the two count for
	leastRange      = .2 // between the two units
)

// The weights of the model, for cosines in units of the set: 0 is two people's, 1 one
// person's. They were learnt from merged labels of CelebA, FaceScrub, LFW and VGGFace2, a
// quarter of the sets each with 0, 10 and 30 % of random flips and 10 % of flips to the
// nearest identity.
const (
	weightJoin   = .2717
	weightTop    = -9.3974
	weightOwnA   = -.1164
	weightOwnB   = 6.9619
	weightLogA   = .7524
	weightLogB   = 1.8696
	weightOffset = -3.8398
)

// LogRatio returns the logarithm of how much more likely a split is where its sides are
// two people than where they are one.
func (u Units) LogRatio(s *Split) float64 {
	span := math.Max(u.Genuine-u.Impostor, leastRange)
	scaled := func(x float64) float64 { return (x - u.Impostor) / span }
	return weightOffset + float64(weightJoin*scaled(s.Join)) + float64(weightTop*scaled(s.Top)) +
		float64(weightOwnA*scaled(s.OwnA)) + float64(weightOwnB*scaled(s.OwnB)) +
		float64(weightLogA*cluster.Log(float64(s.NA))) + float64(weightLogB*cluster.Log(float64(s.NB)))
}

// Model is what tells merged labels of one set.
type Model struct {
	Units Units
	Rate  float64 // share of labels that hold two people
}

// P returns the probability that a label holds two people, given the log-ratio of the
// best of its splits.
func (m Model) P(logRatio float64) float64 {
	return 1 / (1 + cluster.Exp(-logRatio-cluster.Log(m.Rate/(1-m.Rate))))
}

// unlikely is the log-ratio of a label that has no split.
const unlikely = -20

// leastShare is the share of a label's images, in percent, that a second person has at
// least. Fewer of one other person may each have strayed by itself; they are judged better
// one by one: with a tenth of CelebA's images under the nearest label, by .005 of the area
// under precision and recall, while labels that were merged from 15 % on are all found.
const leastShare = 14

// counts says whether two groups of so many images may be two people.
func counts(a, b int) bool { return 100*min(a, b) >= leastShare*(a+b) }

// best returns the likeliest of some splits and its log-ratio; -1 where there is none.
func (u Units) best(splits []Split) (index int, logRatio float64) {
	index, logRatio = -1, unlikely
	for i := range splits {
		if !counts(splits[i].NA, splits[i].NB) {
			continue
		}
		if l := u.LogRatio(&splits[i]); index < 0 || l > logRatio {
			index, logRatio = i, l
		}
	}
	return index, logRatio
}

// Label returns the probability that a label with these splits holds two people, by its
// own images alone.
func (m Model) Label(splits []Split) float64 {
	_, l := m.Units.best(splits)
	return m.P(l)
}
