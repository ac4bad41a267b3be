package matching

import "math"

const (
	tailStart   = 3.0  // standard score above which the tail is a generalised Pareto distribution
	shippedRate = 2e-3 // the tail of a face embedding where nothing can be measured:
	shippedSize = 0.35 // share above tailStart, scale
	shippedForm = -0.05
	formSpread  = 0.02 // how much the tails of sets differ in shape
	minVariance = 1e-8
	minShape    = -0.08 // a shorter tail would end below the look-alikes that exist
	maxShape    = 0.08
)

// survival is the share of different people whose standard score is z or more.
func (m Model) survival(z float64) float64 {
	if z <= tailStart {
		return m.TailRate + (1-m.TailRate)*(1-normalBelow(z)/normalBelow(tailStart))
	}
	return m.TailRate * paretoSurvival(z-tailStart, m.TailScale, m.TailShape)
}

// logDensity is the logarithm of the density of z for different people. Below
// the tail it has the form of a normal density, joined without a step.
func (m Model) logDensity(z float64) float64 {
	start := math.Log(max(m.TailRate, 1e-12) / m.TailScale)
	if z <= tailStart {
		return start + (tailStart*tailStart-z*z)/2
	}
	return start + paretoLog(z-tailStart, m.TailScale, m.TailShape)
}

// paretoSurvival is the generalised Pareto distribution's share above x >= 0.
func paretoSurvival(x, scale, shape float64) float64 {
	if math.Abs(shape) < 1e-9 {
		return math.Exp(-x / scale)
	}
	return math.Pow(max(1+shape*x/scale, 0), -1/shape)
}

// paretoLog is the logarithm of its density times the scale. Beyond the end of a
// bounded tail it stays finite.
func paretoLog(x, scale, shape float64) float64 {
	if math.Abs(shape) < 1e-9 {
		return -x / scale
	}
	return -(1/shape + 1) * math.Log(max(1+shape*x/scale, 1e-6))
}

func normalBelow(z float64) float64 { return 0.5 * math.Erfc(-z/math.Sqrt2) }

// excess is a standard score above tailStart.
type excess struct {
	z        float64 // distance above tailStart
	weight   float64 // how many pairs it stands for
	compared bool    // of the sources compared, not lent by another
	score    float64
	na, nb   int
}

// fitPareto is the scale and the shape with the highest likelihood for the
// excesses, each with its probability of being an impostor, under a prior as
// strong as about forty excesses around the shipped scale, and around the shipped
// shape, which one set's few extremes say little about.
func fitPareto(x []excess, impostor []float64) (scale, shape float64) {
	loss := func(scale, shape float64) float64 {
		s := 20*math.Pow(math.Log(scale/shippedSize), 2) + math.Pow((shape-shippedForm)/formSpread, 2)/2
		for i := range x {
			s -= x[i].weight * impostor[i] * (paretoLog(x[i].z, scale, shape) - math.Log(scale))
		}
		return s
	}
	bestScale := func(shape float64) float64 {
		return math.Exp(goldenMin(math.Log(shippedSize/4), math.Log(shippedSize*4), func(l float64) float64 { return loss(math.Exp(l), shape) }))
	}
	shape = goldenMin(minShape, maxShape, func(s float64) float64 { return loss(bestScale(s), s) })
	return bestScale(shape), shape
}

// goldenMin is where f, with one minimum between lo and hi, is smallest.
func goldenMin(lo, hi float64, f func(float64) float64) float64 {
	const ratio = 0.6180339887498949
	a, b := hi-ratio*(hi-lo), lo+ratio*(hi-lo)
	fa, fb := f(a), f(b)
	for hi-lo > 1e-3 {
		if fa <= fb {
			hi, b, fb = b, a, fa
			a = hi - ratio*(hi-lo)
			fa = f(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + ratio*(hi-lo)
			fb = f(b)
		}
	}
	return (lo + hi) / 2
}
