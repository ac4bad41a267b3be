package cluster

import "math"

// The logarithm of 2 in two parts: a multiple of ln2High by a whole number of up
// to 20 bits is exact.
const (
	ln2High = 6.93147180369123816490e-01
	ln2Low  = 1.90821492927058770002e-10
)

// mulAdd returns x*y + z, with the product rounded: the conversion forbids a fused
// operation.
func mulAdd(x, y, z float64) float64 { return float64(x*y) + z }

// Exp returns e to the power x, as math.Exp does, but with the same bits on every
// processor. It is within one unit in the last place where the result is at least
// 2**-1022. Above 709.78 it is +Inf, below -745.13 it is 0.
func Exp(x float64) float64 {
	switch {
	case math.IsNaN(x):
		return x
	case x > 7.09782712893383973096e+02:
		return math.Inf(1)
	case x < -7.45133219101941108420e+02:
		return 0
	}
	k := math.Floor(float64(x*math.Log2E) + .5)
	high, low := x-float64(k*ln2High), float64(k*ln2Low)
	r := high - low // |r| <= ln(2)/2
	// exp(r) = 1 + r + square*(1/2! + r/3! + r**2/4! + ... + r**11/13!)
	square := float64(r * r)
	even := mulAdd(square, 1./479001600, 1./3628800)
	even = mulAdd(square, even, 1./40320)
	even = mulAdd(square, even, 1./720)
	even = mulAdd(square, even, 1./24)
	even = mulAdd(square, even, 1./2)
	odd := mulAdd(square, 1./6227020800, 1./39916800)
	odd = mulAdd(square, odd, 1./362880)
	odd = mulAdd(square, odd, 1./5040)
	odd = mulAdd(square, odd, 1./120)
	odd = mulAdd(square, odd, 1./6)
	tail := float64(square * mulAdd(r, odd, even))
	return math.Ldexp(1+(high+(tail-low)), int(k))
}

// Log returns the natural logarithm of x, as math.Log does, but with the same bits
// on every processor. It is within one unit in the last place. Log(0) is -Inf; of
// a negative x it is NaN.
func Log(x float64) float64 {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 1):
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	fraction, exponent := math.Frexp(x)
	if fraction < math.Sqrt2/2 {
		fraction, exponent = 2*fraction, exponent-1
	}
	// With s = f/(2+f), log(1+f) = 2s + s*rest = f - half + s*(half+rest).
	f := fraction - 1
	s := f / (2 + f)
	square, half := float64(s*s), float64(float64(f*f)/2)
	fourth := float64(square * square)
	// rest = 2/3*s**2 + 2/5*s**4 + ... + 2/21*s**20
	odd := mulAdd(fourth, 2./19, 2./15)
	odd = mulAdd(fourth, odd, 2./11)
	odd = mulAdd(fourth, odd, 2./7)
	odd = mulAdd(fourth, odd, 2./3)
	even := mulAdd(fourth, 2./21, 2./17)
	even = mulAdd(fourth, even, 2./13)
	even = mulAdd(fourth, even, 2./9)
	even = mulAdd(fourth, even, 2./5)
	rest := float64(square*odd) + float64(fourth*even)
	k := float64(exponent)
	return float64(k*ln2High) - ((half - (float64(s*(half+rest)) + float64(k*ln2Low))) - f)
}

// Erfc returns the complementary error function of x, as math.Erfc does, but with
// the same bits on every processor. Its relative error is at most 3e-15 where the
// result is at least 2**-1022.
func Erfc(x float64) float64 {
	switch {
	case math.IsNaN(x):
		return x
	case x < 0:
		return 2 - Erfc(-x)
	case x > 28:
		return 0
	}
	// exp(-x*x), with x cut to so few bits that its square is exact.
	cut := math.Float64frombits(math.Float64bits(x) &^ (1<<32 - 1))
	gauss := float64(Exp(-float64(cut*cut)) * Exp(-float64((x-cut)*(x+cut))))
	square := float64(x * x)
	if x < 1 {
		// Abramowitz and Stegun 1964, 7.1.6: all terms are positive.
		term, sum := x, x
		for n := 3.; term > sum*0x1p-54; n += 2 {
			term = float64(term * (2 * square) / n)
			sum += term
		}
		return 1 - float64(2/math.SqrtPi*float64(gauss*sum))
	}
	// The continued fraction of Laplace, ibid. 7.1.14, from its end.
	fraction := x
	for n := math.Floor(20 + 200/square); n > 0; n-- {
		fraction = x + n/2/fraction
	}
	return gauss / (math.SqrtPi * fraction)
}
