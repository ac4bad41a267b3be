package matching

import (
	"math"

	"github.com/facesieve/facesieve/cluster"
)

const (
	tailStart    = 3.0  // standard score above which the tail is a generalised Pareto distribution
	shippedRate  = 2e-3 // the tail of a face embedding where nothing can be measured:
	shippedScale = 0.35 // share above tailStart, scale
	shippedShape = -0.05
	shapeSpread  = 0.02 // how much the tails of sets differ in shape
	minVariance  = 1e-8
	minShape     = -0.08 // a shorter tail would end below the look-alikes that exist
	maxShape     = 0.08
)

// survival is the share of different people whose standard score is z or more.
func (m Model) survival(z float64) float64 {
	if z <= tailStart {
		return m.TailRate + float64((1-m.TailRate)*(1-normalBelow(z)/normalBelow(tailStart)))
	}
	return m.TailRate * paretoSurvival(z-tailStart, m.TailScale, m.TailShape)
}

// logDensity is the logarithm of the density of z for different people. Below
// the tail it has the form of a normal density, joined without a step.
func (m Model) logDensity(z float64) float64 {
	start := cluster.Log(max(m.TailRate, 1e-12) / m.TailScale)
	if z <= tailStart {
		return start + float64((tailStart*tailStart-float64(z*z))/2)
	}
	return start + paretoLog(z-tailStart, m.TailScale, m.TailShape)
}

// normalBelow returns the share of a standard normal distribution below z.
func normalBelow(z float64) float64 { return 0.5 * cluster.Erfc(-z/math.Sqrt2) }

// excess is a standard score above tailStart.
type excess struct {
	z        float64 // distance above tailStart
	weight   float64 // how many pairs it stands for
	compared bool    // of the sources compared, not lent by another
	score    float64
	na, nb   int
}
