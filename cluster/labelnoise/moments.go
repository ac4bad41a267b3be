package labelnoise

import "math"

// meanSpread returns the mean and the standard deviation of the finite values of
// x, and their number.
func meanSpread(x []float32) (mean, spread float64, n int) {
	for _, v := range x {
		if finite(v) {
			mean += float64(v)
			n++
		}
	}
	if n == 0 {
		return 0, 0, 0
	}
	mean /= float64(n)
	for _, v := range x {
		if finite(v) {
			d := float64(v) - mean
			spread += float64(d * d)
		}
	}
	return mean, math.Sqrt(spread / float64(n)), n
}

// finite says whether v is neither infinite nor NaN.
func finite(v float32) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }
