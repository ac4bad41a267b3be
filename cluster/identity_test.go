package cluster

import (
	"math"
	"testing"
)

// Scores of a small identity move little where a vector does, although one of the
// images is a stranger's: nothing is dropped at a limit.
func TestSmallIdentityHasNoJumps(t *testing.T) {
	for n := 2; n <= softRows; n++ {
		v := NewMatrix(n, 16)
		for i := range n {
			for j := range 16 {
				v.Row(i)[j] = float32(math.Sin(float64(3*i*j+j))) * .6
			}
			v.Row(i)[0] += 2
		}
		v.Row(n - 1)[0] = 0 // a stranger
		for i := range n {
			Normalize(v.Row(i))
		}
		before := IdentityCentroid(v).Scores(v)
		for step := range 200 {
			v.Row(0)[1] += .001
			Normalize(v.Row(0))
			after := IdentityCentroid(v).Scores(v)
			for i := range after {
				if math.Abs(float64(after[i]-before[i])) > .02 {
					t.Fatalf("%d images, step %d: score %d went from %v to %v", n, step, i, before[i], after[i])
				}
			}
			before = after
		}
		if n > 3 && before[n-1] > before[0]-.2 {
			t.Errorf("%d images: the stranger scores %v, an image %v", n, before[n-1], before[0])
		}
	}
}

// A weighted score is the cosine to the weighted sum of the other rows.
func TestWeightedScoresLeaveTheRowOut(t *testing.T) {
	v := NewMatrix(4, 3)
	copy(v.Data, []float32{1, 0, 0, .8, .6, 0, .6, 0, .8, 0, .6, .8})
	c := IdentityCentroid(v)
	for i, got := range c.Scores(v) {
		var rest [3]float64
		for k := range 4 {
			for j := range 3 {
				if k != i {
					rest[j] += float64(c.Weight[k]) * float64(v.Row(k)[j])
				}
			}
		}
		var dot, square float64
		for j := range 3 {
			dot += rest[j] * float64(v.Row(i)[j])
			square += rest[j] * rest[j]
		}
		if want := dot / math.Sqrt(square); math.Abs(want-float64(got)) > 1e-5 {
			t.Errorf("row %d: %v, want %v", i, got, want)
		}
	}
}
