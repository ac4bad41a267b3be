package cluster

import (
	"slices"
	"testing"
)

func TestMedian(t *testing.T) {
	x := []float32{4, 1, 3, 2}
	if got := Median(x); got != 3 {
		t.Errorf("the upper median of %v is 3; got %g", x, got)
	}
	if !slices.Equal(x, []float32{4, 1, 3, 2}) {
		t.Errorf("the numbers have moved: %v", x)
	}
	if got := Median([]float64{5, 1, 2}); got != 2 {
		t.Errorf("the median of 1, 2, 5 is 2; got %g", got)
	}
}
