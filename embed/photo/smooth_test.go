package photo

import (
	"bytes"
	"math"
	"slices"
	"testing"
)

// Where nothing is made smaller by half, it is Warp.
func TestWarpSmoothOfNearScaleIsWarp(t *testing.T) {
	im := pattern(90, 70)
	for _, s := range []Similarity{{1, 0, 3, 0, 1, -4}, {.6, -.3, 20, .3, .6, -7}, {0, -2, 90, 2, 0, 5}} {
		smooth, plain := make([]byte, 3*56*48), make([]byte, 3*56*48)
		WarpSmooth(im, s, 56, 48, smooth)
		s[2], s[5] = s[2]+(s[0]+s[1])/2-.5, s[5]+(s[3]+s[4])/2-.5
		Warp(im, s, 56, 48, plain)
		if !bytes.Equal(smooth, plain) {
			t.Errorf("%v differs", s)
		}
	}
}

// Stripes of one pixel become grey, not wider stripes; turned and moved as well.
func TestWarpSmoothDoesNotAlias(t *testing.T) {
	im := &Picture{Width: 640, Height: 480, Pix: make([]byte, 3*640*480)}
	for i := range im.Pix {
		im.Pix[i] = uint8(i / 3 % 2 * 255)
	}
	for _, s := range []Similarity{{.125, 0, 0, 0, .125, 0}, {0, -.13, 62, .13, 0, 3}, {-.2, 0, 100, 0, -.2, 70}} {
		dst := make([]byte, 3*32*32)
		WarpSmooth(im, s, 32, 32, dst)
		for y := 8; y < 24; y++ {
			for x := 8; x < 24; x++ {
				if v := dst[3*(32*y+x)]; v < 100 || v > 155 {
					t.Fatalf("%v: %d at %d, %d", s, v, x, y)
				}
			}
		}
	}
}

// Reduce gives the means of blocks, and positions in it are those of the picture.
func TestReduce(t *testing.T) {
	im := &Picture{Width: 5, Height: 3, Pix: make([]byte, 3*5*3)}
	for i := range 15 {
		im.Pix[3*i] = uint8(10 * i)
	}
	small := Reduce(im, 2)
	var red []uint8
	for i := 0; i < len(small.Pix); i += 3 {
		red = append(red, small.Pix[i])
	}
	if want := []uint8{30, 50, 65, 105, 125, 140}; small.Width != 3 || small.Height != 2 || !slices.Equal(red, want) {
		t.Errorf("%d x %d: %v, want %v", small.Width, small.Height, red, want)
	}
	s := Similarity{.5, 0, 1, 0, .5, 2}
	if got := s.OfBlocks(2); got != (Similarity{1, 0, 1, 0, 1, 2}) {
		t.Errorf("the similarity becomes %v", got)
	}
}

func TestWarpSmoothOfNonsense(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, s := range []Similarity{
		{}, {nan, 0, 0, 0, nan, 0}, {1, 0, inf, 0, 1, 0}, {inf, 0, 0, 0, inf, 0}, {1e-38, 0, 0, 0, 1e-38, 0},
		{1e38, 0, 0, 0, 1e38, 0}, {.01, 0, 1e30, 0, .01, -1e30}, {1, 0, 1e6, 0, 1, 0},
	} {
		for _, im := range []*Picture{pattern(1, 1), pattern(3000, 1), pattern(9, 70)} {
			WarpSmooth(im, s, 8, 8, bytes.Repeat([]byte{7}, 3*8*8))
		}
	}
	dst := bytes.Repeat([]byte{7}, 3*8*8)
	WarpSmooth(pattern(9, 9), Similarity{.01, 0, 300, 0, .01, 0}, 8, 8, dst)
	if slices.Max(dst) != 0 {
		t.Errorf("outside the picture the crop is %v", dst)
	}
}

func BenchmarkWarpSmooth(b *testing.B) {
	im := pattern(4000, 3000)
	dst := make([]byte, 3*320*320)
	for b.Loop() {
		WarpSmooth(im, Similarity{.08, 0, 0, 0, .08, 0}, 320, 320, dst)
	}
}
