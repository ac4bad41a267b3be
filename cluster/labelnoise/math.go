package labelnoise

import "math"

// exp and log stand in for the library's, whose last bit depends on the
// processor. They are good to about 1e-15 of the result.

// exp is e to the x; arguments beyond 700 either way count as 700.
func exp(x float64) float64 {
	const ln2High, ln2Low = 6.93147180369123816490e-01, 1.90821492927058770002e-10
	x = math.Min(math.Max(x, -700), 700)
	k := math.Floor(float64(x*math.Log2E) + .5)
	r := float64(x-float64(k*ln2High)) - float64(k*ln2Low)
	s := 1.0
	for i := 13; i > 0; i-- {
		s = 1 + float64(float64(s*r)/float64(i))
	}
	return math.Ldexp(s, int(k))
}

// log is the natural logarithm of a positive x.
func log(x float64) float64 {
	f, k := math.Frexp(x)
	if f < math.Sqrt2/2 {
		f, k = 2*f, k-1
	}
	s := (f - 1) / (f + 1)
	square, sum := float64(s*s), 0.0
	for i := 23; i > 0; i -= 2 {
		sum = 1/float64(i) + float64(sum*square)
	}
	return float64(float64(k)*math.Ln2) + float64(2*s*sum)
}

// logSum is log(exp(a) + exp(b)).
func logSum(a, b float64) float64 {
	high, low := math.Max(a, b), math.Min(a, b)
	return high + log(1+exp(low-high))
}

// meanSpread is the mean and the standard deviation of the finite values of x,
// and their number.
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

func finite(v float32) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }
