package phash

import (
	"math"
	"testing"
)

func TestWaveIsACosine(t *testing.T) {
	for k := range 3 * 4 * Samples {
		want := math.Round((1 << 14) * math.Cos(float64(k)*math.Pi/(2*Samples)))
		if got := Wave(k); float64(got) != want {
			t.Errorf("Wave(%d) = %d, want %g", k, got, want)
		}
	}
}

func TestBitsAreThoseAboveTheMedian(t *testing.T) {
	var c [Side * Side]int64
	if got := Bits(c); got != 0 {
		t.Errorf("equal coefficients give %x", got)
	}
	for i := range c {
		c[i] = int64(i)
	}
	if got := Bits(c); got != 0xffffffff00000000 {
		t.Errorf("ascending coefficients give %x", got)
	}
}
