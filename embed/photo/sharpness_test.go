package photo

import (
	"math/rand/v2"
	"testing"
)

// noise is a picture of random greys, each of which covers step x step pixels, blended.
func noise(side, step int) *Picture {
	r := rand.New(rand.NewPCG(1, 2))
	n := side/step + 2
	cells := make([]float64, n*n)
	for i := range cells {
		cells[i] = 255 * r.Float64()
	}
	im := &Picture{Width: side, Height: side, Pix: make([]byte, 3*side*side)}
	for y := range side {
		for x := range side {
			fx, fy := float64(x%step)/float64(step), float64(y%step)/float64(step)
			at := func(dx, dy int) float64 { return cells[(y/step+dy)*n+x/step+dx] }
			g := (at(0, 0)*(1-fx)+at(1, 0)*fx)*(1-fy) + (at(0, 1)*(1-fx)+at(1, 1)*fx)*fy
			for c := range 3 {
				im.Pix[3*(y*side+x)+c] = byte(g)
			}
		}
	}
	return im
}

func TestSharpnessFallsWithBlur(t *testing.T) {
	last := Sharpness(noise(112, 1))
	if last < 1 {
		t.Errorf("pixels of their own have %v", last)
	}
	for _, step := range []int{2, 4, 8, 11} {
		got := Sharpness(noise(112, step))
		if !(got < last) || got <= 0 {
			t.Errorf("blurred over %d pixels: %v, over fewer %v", step, got, last)
		}
		last = got
	}
	if last > 1./5 {
		t.Errorf("one of 10 x 10 pixels has %v", last)
	}
}

func TestSharpnessWhereThereIsNone(t *testing.T) {
	for _, im := range []*Picture{
		{Width: 112, Height: 112, Pix: make([]byte, 3*112*112)},
		{Width: 1, Height: 1, Pix: make([]byte, 3)},
		{Width: 400, Height: 3, Pix: make([]byte, 3*1200)},
	} {
		if got := Sharpness(im); got != 0 {
			t.Errorf("%d x %d of one grey: %v", im.Width, im.Height, got)
		}
	}
	// Brighter or with less contrast: the same but for rounding.
	im := noise(112, 4)
	want := Sharpness(im)
	for i := range im.Pix {
		im.Pix[i] = im.Pix[i]/2 + 60
	}
	if got := Sharpness(im); got < .9*want || got > 1.1*want {
		t.Errorf("at half the contrast %v, not %v", got, want)
	}
}
