package runstore

import (
	"slices"
	"testing"
)

// What is around an image counts a photograph once, and never the image's own under its label.
func TestPhotographsCountOnce(t *testing.T) {
	p := &Photographs{group: map[int64]int64{10: 10, 11: 10, 20: 20, 21: 20, 40: 40, 41: 40}}
	around := []*Around{
		{OwnCosines: []float32{.99, .9, .89, .5, .4}, OwnPositions: []int64{11, 20, 21, 12, -1},
			Images: []NearImage{{Position: 41}, {Position: 30}, {Position: 40}, {Position: 31}}},
		nil,
		{OwnCosines: []float32{.9, .8}, OwnPositions: []int64{10, 11}},
	}
	p.CountOnce(around, 10)
	a := around[0]
	if !slices.Equal(a.OwnCosines, []float32{.9, .5, .4}) || !slices.Equal(a.OwnPositions, []int64{20, 12, -1}) {
		t.Errorf("%v, %v", a.OwnCosines, a.OwnPositions)
	}
	if len(a.Images) != 3 || a.Images[0].Position != 41 || a.Images[1].Position != 30 || a.Images[2].Position != 31 {
		t.Errorf("%+v", a.Images)
	}
	if b := around[2]; !slices.Equal(b.OwnCosines, []float32{.9}) {
		t.Errorf("%v", b.OwnCosines)
	}
}
