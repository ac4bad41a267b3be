package nearduplicates

import (
	"slices"
	"testing"
)

// A picture without a face represents no group that has one, however large it is.
func TestAPictureWithAFaceRepresents(t *testing.T) {
	f := finder{pictures: []picture{{pixels: 900}, {pixels: 100, usable: true}, {pixels: 400, usable: true},
		{pixels: 400, usable: true}, {pixels: 950}}}
	order := []int32{4, 3, 2, 1, 0}
	slices.SortFunc(order, f.better)
	if want := []int32{2, 3, 1, 4, 0}; !slices.Equal(order, want) {
		t.Errorf("%v; want %v", order, want)
	}
}
