package cluster

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

const precision = 400 // bits of the reference values

func bigFloat(x float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(x) }

// bigExp is e to the x by its power series, for |x| up to about 100.
func bigExp(x *big.Float) *big.Float {
	// exp(x) = exp(x/1024)**1024
	r := new(big.Float).Quo(x, bigFloat(1024))
	sum, term := bigFloat(1), bigFloat(1)
	for n := 1; n < 80; n++ {
		term.Quo(term.Mul(term, r), bigFloat(float64(n)))
		sum.Add(sum, term)
	}
	for range 10 {
		sum.Mul(sum, sum)
	}
	return sum
}

// bigLog is the natural logarithm of x, by Newton's method on bigExp.
func bigLog(x float64) *big.Float {
	y := bigFloat(math.Log(x))
	for range 3 {
		e := bigExp(y)
		// y += 2*(x-e)/(x+e) triples the digits.
		d := new(big.Float).Sub(bigFloat(x), e)
		d.Quo(d, e.Add(e, bigFloat(x)))
		y.Add(y, d.Mul(d, bigFloat(2)))
	}
	return y
}

// bigErfc is the complementary error function by the power series of erf.
func bigErfc(x float64) *big.Float {
	square := new(big.Float).Mul(bigFloat(x), bigFloat(x))
	sum, power := bigFloat(x), bigFloat(x)
	for n := 1; n < 600; n++ {
		power.Mul(power, square)
		power.Quo(power.Neg(power), bigFloat(float64(n)))
		sum.Add(sum, new(big.Float).Quo(power, bigFloat(float64(2*n+1))))
	}
	sum.Mul(sum, bigFloat(2))
	// A square root of pi to 400 bits.
	pi, _, _ := big.ParseFloat("3.14159265358979323846264338327950288419716939937510582097494459230781640628620"+
		"8998628034825342117067982148086513282306647093844609550582231725359408128481117450",
		10, precision, big.ToNearestEven)
	sum.Quo(sum, new(big.Float).Sqrt(pi))
	return sum.Sub(bigFloat(1), sum)
}

// ulps is how far got is from want, in units of got's last place.
func ulps(got float64, want *big.Float) float64 {
	unit := math.Nextafter(math.Abs(got), math.Inf(1)) - math.Abs(got)
	d, _ := new(big.Float).Sub(bigFloat(got), want).Float64()
	return math.Abs(d) / unit
}

func TestExpIsExactToOneUlp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	worst := 0.
	for range 2000 {
		x := 40 * (2*r.Float64() - 1) * math.Pow(r.Float64(), 6)
		worst = max(worst, ulps(Exp(x), bigExp(bigFloat(x))))
	}
	for x := -700.0; x <= 700; x += 23.45678 {
		worst = max(worst, ulps(Exp(x), bigExp(bigFloat(x))))
	}
	t.Logf("at most %.3f ulp", worst)
	if worst > 1 {
		t.Errorf("error of %.3f ulp", worst)
	}
	inf := math.Inf(1)
	for x, want := range map[float64]float64{0: 1, inf: inf, -inf: 0, 710: inf, -746: 0} {
		if got := Exp(x); got != want {
			t.Errorf("Exp(%v) = %v, not %v", x, got, want)
		}
	}
	if got, want := Exp(-744), math.Exp(-744); got != want {
		t.Errorf("Exp(-744) = %v, not %v", got, want)
	}
	if !math.IsNaN(Exp(math.NaN())) {
		t.Error("Exp(NaN) is a number")
	}
}

func TestLogIsExactToOneUlp(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	worst := 0.
	for i := range 2000 {
		x := math.Exp(r.NormFloat64())
		switch i % 4 {
		case 1:
			x = math.Exp(60 * r.NormFloat64())
		case 2:
			x = 1 + r.NormFloat64()*1e-3
		case 3:
			x = 1 + .4*(r.Float64()-.5)
		}
		worst = max(worst, ulps(Log(x), bigLog(x)))
	}
	t.Logf("at most %.3f ulp", worst)
	if worst > 1 {
		t.Errorf("error of %.3f ulp", worst)
	}
	inf := math.Inf(1)
	for x, want := range map[float64]float64{0: -inf, 1: 0, inf: inf, 5e-324: -744.4400719213812} {
		if got := Log(x); got != want {
			t.Errorf("Log(%v) = %v, not %v", x, got, want)
		}
	}
	for _, x := range []float64{-1, math.NaN(), math.Inf(-1)} {
		if got := Log(x); !math.IsNaN(got) {
			t.Errorf("Log(%v) = %v", x, got)
		}
	}
}

func TestErfcIsExactToItsBound(t *testing.T) {
	worst := 0.
	for x := -6.0; x < 8; x += .01371 {
		got, want := Erfc(x), bigErfc(x)
		d, _ := new(big.Float).Quo(new(big.Float).Sub(bigFloat(got), want), want).Float64()
		worst = max(worst, math.Abs(d))
	}
	for x := 8.0; x < 26; x += .0371 {
		worst = max(worst, math.Abs(Erfc(x)/math.Erfc(x)-1))
	}
	t.Logf("relative error of at most %.2g", worst)
	if worst > 3e-15 {
		t.Errorf("relative error of %.2g", worst)
	}
	for x, want := range map[float64]float64{0: 1, math.Inf(1): 0, math.Inf(-1): 2, 40: 0, -40: 2} {
		if got := Erfc(x); got != want {
			t.Errorf("Erfc(%v) = %v, not %v", x, got, want)
		}
	}
	if !math.IsNaN(Erfc(math.NaN())) {
		t.Error("Erfc(NaN) is a number")
	}
}

func BenchmarkExp(b *testing.B) {
	x := -3.
	for b.Loop() {
		x = Exp(x) - 3
	}
}

func BenchmarkLog(b *testing.B) {
	x := 3.
	for b.Loop() {
		x = Log(x) + 3
	}
}
