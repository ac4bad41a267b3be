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
	if a := accuracy(vectors, pairs); math.Abs(a.Mean-1) > 1e-9 || a.Error > 1e-9 || a.Pairs != 20 {
		t.Errorf("pairs that a threshold parts: %+v", a)
	}
	pairs[0].B = -1
	if a := accuracy(vectors, pairs); math.Abs(a.Mean-.95) > 1e-9 {
		t.Errorf("with one of 20 pictures missing: %+v", a)
	}
}
