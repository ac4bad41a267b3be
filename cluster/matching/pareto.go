package matching

import (
	"math"

	"github.com/facesieve/facesieve/cluster"
)

// paretoSurvival returns the share above x >= 0 of a generalised Pareto
// distribution.
func paretoSurvival(x, scale, shape float64) float64 {
	if math.Abs(shape) < 1e-9 {
		return cluster.Exp(-x / scale)
	}
	return cluster.Exp(-cluster.Log(max(1+float64(shape*x/scale), 0)) / shape)
}

// paretoLog returns the logarithm of its density times the scale. Beyond the end
// of a bounded tail it stays finite.
func paretoLog(x, scale, shape float64) float64 {
	if math.Abs(shape) < 1e-9 {
		return -x / scale
	}
	return -(1/shape + 1) * cluster.Log(max(1+float64(shape*x/scale), 1e-6))
}

// fitPareto returns the scale and the shape with the highest likelihood for the
// excesses, each with its probability of being of different people, under a prior
// as strong as about forty excesses around the shipped scale, and around the
// shipped shape, which one set's few extremes say little about.
func fitPareto(x []excess, impostor []float64) (scale, shape float64) {
	const scalePrior = 20
	shippedLog := cluster.Log(shippedScale)
	loss := func(logScale, shape float64) float64 {
		scale := cluster.Exp(logScale)
		a, b := logScale-shippedLog, (shape-shippedShape)/shapeSpread
		s := float64(scalePrior*a*a) + float64(b*b/2)
		for i := range x {
			s -= float64(x[i].weight * impostor[i] * (paretoLog(x[i].z, scale, shape) - logScale))
		}
		return s
	}
	low, high := cluster.Log(shippedScale/4), cluster.Log(shippedScale*4)
	bestScale := func(shape float64) float64 {
		return goldenMin(low, high, func(logScale float64) float64 { return loss(logScale, shape) })
	}
	shape = goldenMin(minShape, maxShape, func(s float64) float64 { return loss(bestScale(s), s) })
	return cluster.Exp(bestScale(shape)), shape
}

// goldenMin returns where f, with one minimum between low and high, is smallest,
// to one in a thousand, by golden-section search (Kiefer 1953).
func goldenMin(low, high float64, f func(float64) float64) float64 {
	const ratio = 0.6180339887498949
	below := func() float64 { return high - float64(ratio*(high-low)) }
	above := func() float64 { return low + float64(ratio*(high-low)) }
	a, b := below(), above()
	fa, fb := f(a), f(b)
	for high-low > 1e-3 {
		if fa <= fb {
			high, b, fb = b, a, fa
			a = below()
			fa = f(a)
		} else {
			low, a, fa = a, b, fb
			b = above()
			fb = f(b)
		}
	}
	return (low + high) / 2
}
