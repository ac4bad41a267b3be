package matching

import (
	"math"

	"github.com/facesieve/facesieve/cluster"
)

// tailStart is the standard score above which the scores of different people
// follow a generalised Pareto distribution.
const tailStart = 3.0

// The tail of a face embedding where nothing can be measured.
const (
	shippedRate  = 2e-3 // share of different people above tailStart
	shippedScale = 0.35
	shippedShape = -0.05
	shapeSpread  = 0.02 // how much the tails of sets differ in shape
)

const (
	minVariance = 1e-8
	minShape    = -0.08 // a shorter tail would end below the look-alikes that exist
	maxShape    = 0.08
)

// survival returns the share of different people whose standard score is z or
// more.
func (m Model) survival(z float64) float64 {
	if z <= tailStart {
		return m.TailRate + float64((1-m.TailRate)*(1-normalBelow(z)/normalBelow(tailStart)))
	}
	return m.TailRate * paretoSurvival(z-tailStart, m.TailScale, m.TailShape)
}

// logDensity returns the logarithm of the density of the standard score z of
// different people. Below the tail it has the form of a normal density, joined
// without a step.
func (m Model) logDensity(z float64) float64 {
	start := cluster.Log(max(m.TailRate, 1e-12) / m.TailScale)
	if z <= tailStart {
		return start + float64((tailStart*tailStart-float64(z*z))/2)
	}
	return start + paretoLog(z-tailStart, m.TailScale, m.TailShape)
}

// normalBelow returns the share of a standard normal distribution below z.
func normalBelow(z float64) float64 { return 0.5 * cluster.Erfc(-z/math.Sqrt2) }

// excess is a pair whose standard score is above tailStart.
type excess struct {
	z        float64 // distance above tailStart
	weight   float64 // how many pairs it stands for
	compared bool    // the pair is of the sources compared, not of an auxiliary group
	score    float64
	na, nb   int // images of the two centroids
}
