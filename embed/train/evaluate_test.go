package train

import (
	"math"
	"testing"
)

func TestMeasure(t *testing.T) {
	vectors := [][]float32{{1, 0}, {.8, .6}, {0, 1}, {.6, .8}}
	var pairs []Comparison
	for fold := range 10 {
		pairs = append(pairs, Comparison{A: 0, B: 1, Same: true, Fold: fold}, Comparison{A: 0, B: 2, Fold: fold})
	}
	if a := accuracy(compared(vectors, pairs)); math.Abs(a.Mean-1) > 1e-9 || a.Error > 1e-9 || a.Pairs != 20 {
		t.Errorf("pairs that a threshold parts: %+v", a)
	}
	pairs[0].B = -1
	trials := compared(vectors, pairs)
	if a := accuracy(trials); math.Abs(a.Mean-.95) > 1e-9 {
		t.Errorf("with one of 20 pictures missing: %+v", a)
	}
	trials[2].Score = .6
	want := Densities{GenuineMean: .7778, GenuineStd: .0667, Made: "10 and 9 pairs of held-out faces"}
	if d := densities(trials); *d != want {
		t.Errorf("densities %+v, want %+v", *d, want)
	}
}
