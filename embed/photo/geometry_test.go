package photo

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
)

func TestLetterboxAsOpenCV(t *testing.T) {
	const size = 64
	for _, s := range [][2]int{{50, 37}, {64, 64}, {150, 201}, {5, 3}} {
		want := reference(t, read(t, fmt.Sprintf("resize-%dx%d.png", s[0], s[1])))
		dst := make([]float32, 3*size*size)
		for i := range dst {
			dst[i] = -1 // what an earlier image left
		}
		scale := Letterbox(pattern(s[0], s[1]), size, dst)
		if math.Abs(float64(scale)-size/float64(max(s[0], s[1]))) > 1e-6 {
			t.Errorf("%v: scale %v", s, scale)
		}
		got := &Picture{Width: size, Height: size, Pix: make([]uint8, 3*size*size)}
		for i := range size * size {
			for c := range 3 {
				v := dst[(2-c)*size*size+i]
				if v != float32(uint8(v)) {
					t.Fatalf("%v: value %v", s, v)
				}
				got.Pix[3*i+c] = uint8(v)
			}
		}
		if mean, most := difference(t, got, want); most > 1 || mean > .3 {
			t.Errorf("%v: mean difference %.3f, greatest %d", s, mean, most)
		}
	}
}

func TestWarpAsOpenCV(t *testing.T) {
	for name, s := range map[string]Similarity{
		"turn":  {.6, -.3, 20.25, .3, .6, -7.5},
		"shift": {1, 0, 3, 0, 1, -4},
		"grow":  {2.5, .4, -60.5, -.4, 2.5, -40},
	} {
		want := reference(t, read(t, "warp-"+name+".png"))
		got := &Picture{Width: 56, Height: 48, Pix: slices.Repeat([]uint8{99}, 3*56*48)}
		Warp(pattern(100, 80), s, 56, 48, got.Pix)
		// Newer versions of OpenCV round a position more finely than 1/32:
		// across an edge of 255 levels that is worth up to 8.
		if mean, most := difference(t, got, want); most > 8 || mean > .8 {
			t.Errorf("%s: mean difference %.3f, greatest %d", name, mean, most)
		}
	}
}

func TestWarpFarAway(t *testing.T) {
	dst := slices.Repeat([]uint8{7}, 3*8*8)
	for _, s := range []Similarity{{1, 0, 1e30, 0, 1, 0}, {1e-30, 0, 0, 0, 1e-30, 0}, {}, {1, 0, float32(math.NaN()), 0, 1, 0}} {
		Warp(pattern(9, 9), s, 8, 8, dst)
	}
	Warp(pattern(1, 1), Similarity{1, 0, 300, 0, 1, 0}, 8, 8, dst)
	if slices.Max(dst) != 0 {
		t.Errorf("outside the image the crop is %v", dst)
	}
}

func TestAlign(t *testing.T) {
	points := ArcFace112()
	for _, angle := range []float64{0, .4, -1.3, math.Pi} {
		const scale, x, y = 2.25, 130., -41.
		sin, cos := math.Sincos(angle)
		var landmarks [10]float32
		for i := 0; i < 10; i += 2 {
			px, py := float64(points[i]), float64(points[i+1])
			landmarks[i] = float32(scale*(cos*px-sin*py) + x)
			landmarks[i+1] = float32(scale*(sin*px+cos*py) + y)
		}
		s, err := Align(landmarks, points)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < 10; i += 2 {
			gotX := s[0]*landmarks[i] + s[1]*landmarks[i+1] + s[2]
			gotY := s[3]*landmarks[i] + s[4]*landmarks[i+1] + s[5]
			if math.Hypot(float64(gotX-points[i]), float64(gotY-points[i+1])) > 1e-3 {
				t.Errorf("angle %.1f: point %d at %v, %v", angle, i/2, gotX, gotY)
			}
		}
	}
}

// With noisy or mirrored landmarks the answer is the best similarity without
// a reflection: no small change of it is better.
func TestAlignIsLeastSquares(t *testing.T) {
	points := ArcFace112()
	for _, landmarks := range [][10]float32{
		{40, 51, 75, 55, 50, 70, 44, 99, 69, 90},
		{73, 51, 38, 51, 56, 71, 70, 92, 41, 92}, // mirrored
	} {
		s, err := Align(landmarks, points)
		if err != nil {
			t.Fatal(err)
		}
		if s[0] != s[4] || s[1] != -s[3] {
			t.Errorf("%v is no rotation and scale", s)
		}
		loss := func(a, b, x, y float64) (sum float64) {
			for i := 0; i < 10; i += 2 {
				px, py := float64(landmarks[i]), float64(landmarks[i+1])
				sum += math.Pow(a*px-b*py+x-float64(points[i]), 2) + math.Pow(b*px+a*py+y-float64(points[i+1]), 2)
			}
			return sum
		}
		a, b, x, y := float64(s[0]), float64(s[3]), float64(s[2]), float64(s[5])
		best := loss(a, b, x, y)
		for _, d := range []float64{-.01, .01} {
			if loss(a+d, b, x, y) < best || loss(a, b+d, x, y) < best || loss(a, b, x+10*d, y) < best || loss(a, b, x, y+10*d) < best {
				t.Errorf("%v is not the best for %v", s, landmarks)
			}
		}
	}
}

func TestAlignDegenerate(t *testing.T) {
	same := [10]float32{5, 5, 5, 5, 5, 5, 5, 5, 5, 5}
	broken := ArcFace112()
	broken[3] = float32(math.NaN())
	for _, landmarks := range [][10]float32{same, broken} {
		if s, err := Align(landmarks, ArcFace112()); !errors.Is(err, ErrLandmarks) || s != (Similarity{}) {
			t.Errorf("%v: %v, %v", landmarks, s, err)
		}
	}
}

func TestTensor(t *testing.T) {
	rgb := []uint8{0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 255} // 2 x 2
	dst := make([]float32, 12)
	Tensor(rgb, 2, 2, false, 1, [3]float32{}, [3]float32{1, 1, 1}, dst)
	if want := []float32{0, 30, 60, 90, 10, 40, 70, 100, 20, 50, 80, 255}; !slices.Equal(dst, want) {
		t.Errorf("RGB: %v", dst)
	}
	Tensor(rgb, 2, 2, true, 2, [3]float32{10, 20, 30}, [3]float32{2, 4, 8}, dst)
	mirrored := make([]float32, len(dst))
	Mirror(dst, 2, mirrored)
	want := []float32{45, 15, 250, 75, 15, 0, 45, 30, 3.75, -3.75, 18.75, 11.25}
	if !slices.Equal(mirrored, want) {
		t.Errorf("BGR, mirrored: %v, want %v", mirrored, want)
	}
}
