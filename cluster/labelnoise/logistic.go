package labelnoise

import (
	"math"

	"github.com/facesieve/facesieve/cluster"
)

// logistic returns the probability whose log-odds are x.
func logistic(x float64) float64 { return 1 / (1 + cluster.Exp(-x)) }

// logSum returns log(exp(a) + exp(b)).
func logSum(a, b float64) float64 {
	high, low := math.Max(a, b), math.Min(a, b)
	return high + cluster.Log(1+cluster.Exp(low-high))
}

// softCap returns x between -30 and 12, and what grows like a logarithm beyond: float32 has
// few values near 1 and many near 0.
func softCap(x float64) float64 {
	const low, high, room = -30, 12, .5
	switch {
	case x > high:
		return high + float64(room*cluster.Log(1+(x-high)/room))
	case x < low:
		return low - float64(room*cluster.Log(1+(low-x)/room))
	}
	return x
}
