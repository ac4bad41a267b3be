package train

import (
	"math"
	"slices"
	"testing"
)

// Augmentation depends on seed, epoch and picture alone, and with nothing to do
// gives the picture.
func TestAugment(t *testing.T) {
	p := blobs(1, 3, 2, Margin)
	draw := func(a Augmentation, seed uint64, epoch, i int) []float32 {
		out := make([]float32, Side*Side*3)
		newAugmenter(a, seed).apply(p, epoch, i, out)
		return out
	}
	full, plain := DefaultAugmentation(), make([]float32, Side*Side*3)
	base := draw(full, 1, 2, 3)
	if !slices.Equal(base, draw(full, 1, 2, 3)) {
		t.Error("the same draw gives another picture")
	}
	for what, other := range map[string][]float32{"seed": draw(full, 2, 2, 3), "epoch": draw(full, 1, 3, 3)} {
		if slices.Equal(base, other) {
			t.Errorf("another %s gives the same picture", what)
		}
	}
	for epoch := range 50 {
		for i, v := range draw(full, 1, epoch, 0) {
			if !(v >= -1 && v <= 1) {
				t.Fatalf("epoch %d: value %d is %v", epoch, i, v)
			}
		}
	}
	for _, mirror := range []bool{false, true} {
		a := Augmentation{}
		if mirror {
			a.Mirror = 1
		}
		p.pixels(4, mirror, plain)
		for i, v := range draw(a, 1, 1, 4) {
			if math.Abs(float64(v-plain[i])) > 1e-4 {
				t.Fatalf("mirrored %v: value %d is %v, of the picture %v", mirror, i, v, plain[i])
			}
		}
	}
}
