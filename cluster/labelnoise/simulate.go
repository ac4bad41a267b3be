package labelnoise

import (
	"math"
	"slices"

	"github.com/facesieve/facesieve/cluster"
)

// simulation is the images that wrong labels are simulated with.
type simulation struct {
	images []image
}

// image is the scores of an image of the sample.
type image struct {
	own, other float64 // as in Sample
	random     float64 // as in Sample
	rest       float64 // the best of the identities that are neither its own nor the random one
	size       int     // usable images of its identity
}

// variant is an image as it is or as it would be under a wrong label.
type variant struct {
	own, other float64 // the scores that it has so
	class      class
	share      float64 // how much it counts for
}

// variantCount is the number of variants of an image.
const variantCount = 4

// simulate takes an even sample of the rows of s whose scores are finite.
func simulate(s Sample) simulation {
	var rows []int
	for i := range s.Own {
		if finite(s.Own[i]) && finite(s.Other[i]) && finite(s.Random[i]) {
			rows = append(rows, i)
		}
	}
	n := min(len(rows), fitImages)
	images := make([]image, n)
	for j := range images {
		i := rows[j*len(rows)/n]
		images[j] = image{
			own: float64(s.Own[i]), other: float64(s.Other[i]), random: float64(s.Random[i]), size: int(s.N[i]),
		}
	}
	// Where the random identity is the best other one, the best of the rest is
	// not known: another image's stands in for it.
	for j := range images {
		x := &images[j]
		x.rest = x.other
		if x.random >= x.other {
			x.rest = images[max(RandomIdentity(j, j, n), 0)].other
		}
	}
	return simulation{images: images}
}

// typicalSize returns the median size of the images' identities, at least 3.
func (s simulation) typicalSize() float64 {
	sizes := make([]int, len(s.images))
	for i, x := range s.images {
		sizes[i] = x.size
	}
	slices.Sort(sizes)
	return math.Max(float64(sizes[len(sizes)/2]), 3)
}

// variants returns the image as it is, as a flip of a random identity, as a flip
// of the most similar one, and as an outlier, whose own identity the set lacks.
func (x image) variants() [variantCount]variant {
	return [variantCount]variant{
		{x.own, x.other, classClean, 1},
		{x.random, math.Max(x.own, x.rest), classFlip, 1 - hardShare},
		{x.other, x.own, classFlip, hardShare},
		{x.random, x.rest, classOutlier, 1},
	}
}

// observations returns what the classes are told apart by: the variants of all
// images with their terms, in order of variant and then of image, each weighted
// by how far its image is presumed right. margins are the variants' own minus
// their other scores, in impostor standard deviations.
func (s simulation) observations(m *Model) (o softmax, margins []float64) {
	n := len(s.images)
	o = softmax{
		x:      make([]terms, variantCount*n),
		class:  make([]class, variantCount*n),
		weight: make([]float64, variantCount*n),
		ridge:  ridge(*m),
	}
	margins = make([]float64, variantCount*n)
	for i, x := range s.images {
		right := x.presumedRight(m)
		for k, v := range x.variants() {
			at := k*n + i
			o.x[at] = newTerms(m.standard(v.own, v.other, x.size))
			o.class[at], o.weight[at] = v.class, right*v.share
			margins[at] = (v.own - v.other) / math.Max(m.Spread, 1e-3)
		}
	}
	return o, margins
}

// presumedRight returns how far an image is presumed to have the right label
// before anything is fitted: high for own scores that impostors do not reach and
// that the best other does not surpass by much. It is not computed again from the
// fitted model, which would distrust the hard but right images more in each round.
func (x image) presumedRight(m *Model) float64 {
	own, other := m.standard(x.own, x.other, x.size)
	right := 1 / (1 + cluster.Exp(3-2*own))
	return right / (1 + cluster.Exp(1.5*(other-own-1)))
}
