package embed

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/facesieve/facesieve/embed/detect"
	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/schemas"
)

// spotted is a black picture with one white pixel.
func spotted(w, h, x, y int) *photo.Picture {
	p := &photo.Picture{Width: w, Height: h, Pix: make([]byte, 3*w*h)}
	copy(p.Pix[3*(y*w+x):], []byte{255, 255, 255})
	return p
}

// What stands at a spot of the picture stands in every view that shows the spot where the
// view says, and what is found there is moved back to it.
func TestViewsShowWhatTheySay(t *testing.T) {
	const w, h, x, y, size = 150, 100, 97, 31, 320
	p := spotted(w, h, x, y)
	// Eyes a quarter turned, the face in the spot.
	first := schemas.Embedding{Faces: 1, Box: [4]float32{x + .5 - 20, y + .5 - 20, 40, 40}, Landmarks: [10]float32{90, 30, 95, 35}}
	all := append(firstViews(&first, size), wholeViews(w, h, size)...)
	seen := map[schemas.View]bool{}
	for _, v := range all {
		square := make([]byte, 3*size*size)
		photo.WarpSmooth(p, v.to, size, size, square)
		var sum, sx, sy float64
		for i := range size * size {
			g := float64(square[3*i])
			sum, sx, sy = sum+g, sx+g*(float64(i%size)+.5), sy+g*(float64(i/size)+.5)
		}
		if sum < 255 {
			continue // a tile that does not show it
		}
		seen[v.name] = true
		wantX := float64(v.to[0])*(x+.5) + float64(v.to[1])*(y+.5) + float64(v.to[2])
		wantY := float64(v.to[3])*(x+.5) + float64(v.to[4])*(y+.5) + float64(v.to[5])
		inside := wantX > 8 && wantY > 8 && wantX < size-8 && wantY < size-8
		if inside && math.Hypot(sx/sum-wantX, sy/sum-wantY) > .2 {
			t.Errorf("%s: the spot is at %.2f, %.2f, not at %.2f, %.2f", v.name, sx/sum, sy/sum, wantX, wantY)
		}
		px, py := float32(wantX), float32(wantY)
		faces := []detect.Face{{Box: [4]float32{px - 8, py - 4, 16, 8}, Landmarks: [10]float32{px, py}}}
		v.ofPicture(faces)
		f := faces[0]
		if math.Hypot(float64(f.Box[0]+f.Box[2]/2-x-.5), float64(f.Box[1]+f.Box[3]/2-y-.5)) > .01 ||
			math.Hypot(float64(f.Landmarks[0]-x-.5), float64(f.Landmarks[1]-y-.5)) > .01 {
			t.Errorf("%s: a face of the spot is moved to %v", v.name, f)
		}
		lying := v.name == schemas.ViewTurned90 || v.name == schemas.ViewTurned270
		if v.name != schemas.ViewLevel && (f.Box[3] > f.Box[2]) != lying {
			t.Errorf("%s: the box is %v", v.name, f.Box)
		}
	}
	if len(seen) != 6 {
		t.Errorf("the spot is seen in %v alone", seen)
	}
}

// A level view has the eyes on one level, the left one on the left, and the face in the
// middle, half as wide.
func TestLevelView(t *testing.T) {
	const size = 320
	for angle := 0.; angle < 2*math.Pi; angle += .3 {
		sin, cos := math.Sincos(angle)
		at := func(x, y float64) (float32, float32) {
			return float32(200 + 30*(cos*x-sin*y)), float32(100 + 30*(sin*x+cos*y))
		}
		first := schemas.Embedding{Faces: 1, Box: [4]float32{200 - 30, 100 - 40, 60, 80}}
		l := &first.Landmarks
		l[0], l[1] = at(-.5, -.3)
		l[2], l[3] = at(.5, -.3)
		v, ok := levelView(&first, size)
		to := func(x, y float32) (float64, float64) {
			return float64(v.to[0]*x + v.to[1]*y + v.to[2]), float64(v.to[3]*x + v.to[4]*y + v.to[5])
		}
		ax, ay := to(l[0], l[1])
		bx, by := to(l[2], l[3])
		mx, my := to(200, 100)
		if !ok || math.Abs(ay-by) > .01 || ax >= bx || math.Hypot(mx-160, my-160) > .01 ||
			math.Abs(v.to.Scale()*math.Sqrt(60*80)-size/2) > .01 {
			t.Errorf("angle %.1f: eyes at %.1f, %.1f and %.1f, %.1f, middle at %.1f, %.1f", angle, ax, ay, bx, by, mx, my)
		}
	}
}

// Tiles cover a picture, and overlap by half.
func TestTiles(t *testing.T) {
	for _, length := range []float64{1, 320, 320.5, 481, 640} {
		at := tiles(length, 320)
		if at[0] != 0 || at[len(at)-1]+320 < length || len(at) > 3 {
			t.Errorf("%v: %v", length, at)
		}
		for i := 1; i < len(at); i++ {
			if at[i]-at[i-1] > 160 || at[i] <= at[i-1] {
				t.Errorf("%v: %v", length, at)
			}
		}
	}
}

// Which views are tried, and which face counts.
func TestUnsure(t *testing.T) {
	sure := schemas.Embedding{HasDetScore: true, DetScore: .88}
	level := func(score float32) []foundFace {
		return []foundFace{{detect.Face{Score: score}, schemas.ViewLevel}}
	}
	for name, c := range map[string]struct {
		first schemas.Embedding
		found []foundFace
		want  bool
	}{
		"sure":            {sure, level(.91), false},
		"level is not":    {sure, level(.90), true},
		"not found again": {sure, nil, true},
		"first is not":    {schemas.Embedding{HasDetScore: true, DetScore: .87}, level(.95), true},
		"no score":        {schemas.Embedding{}, level(.95), true},
		"no number":       {schemas.Embedding{HasDetScore: true, DetScore: float32(math.NaN())}, level(.95), true},
	} {
		if unsure(&c.first, c.found) != c.want {
			t.Errorf("%s: unsure is %t", name, !c.want)
		}
	}
}

func TestDistinctFaces(t *testing.T) {
	face := func(v schemas.View, score, x, side float32) foundFace {
		return foundFace{detect.Face{Score: score, Box: [4]float32{x, 0, side, side}}, v}
	}
	text := func(all []foundFace) (s []string) {
		for _, f := range all {
			s = append(s, fmt.Sprintf("%s %.2f", f.view, f.Score))
		}
		return s
	}
	nan := face(schemas.ViewTile, .9, float32(math.NaN()), 10)
	for name, c := range map[string]struct {
		found []foundFace
		want  []string
	}{
		"level is as good": {[]foundFace{face("tile", .92, 1, 10), face("level", .9, 0, 10), face("padded", .91, 2, 9)}, []string{"level 0.90"}},
		"level is wrong":   {[]foundFace{face("level", .9, 0, 10), face("turned-180", .94, 1, 10), face("tile", .6, 2, 5)}, []string{"turned-180 0.94"}},
		"others by rank":   {[]foundFace{face("tile", .9, 40, 10), face("padded", .6, 80, 10), face("padded", .7, 120, 10), face("level", .6, 0, 10)}, []string{"level 0.60", "padded 0.70", "padded 0.60", "tile 0.90"}},
		"no faces":         {[]foundFace{nan, face("tile", .9, 0, 0), face("tile", .9, 0, -3), face("tile", float32(math.Inf(1)), 0, 3)}, nil},
	} {
		if got := text(distinct(c.found, 8)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	var many []foundFace
	for i := range 20 {
		many = append(many, face("whole", float32(i)/20, float32(20*i), 10))
	}
	if got := distinct(many, 8); len(got) != 8 || got[0].Score != .95 {
		t.Errorf("of twenty %v are left", text(got))
	}
}

// FuzzViews says that no first look makes a view that can't be cut out.
func FuzzViews(f *testing.F) {
	f.Add(100, 80, float32(10), float32(10), float32(30), float32(30), float32(12), float32(15), float32(22), float32(15))
	f.Add(1, 5000, float32(-1e30), float32(1e38), float32(1e-30), float32(1), float32(0), float32(0), float32(1e-40), float32(3))
	f.Fuzz(func(t *testing.T, w, h int, x, y, bw, bh, ax, ay, bx, by float32) {
		w, h = 1+(w%3000+3000)%3000, 1+(h%50+50)%50
		first := schemas.Embedding{Faces: 2, Box: [4]float32{x, y, bw, bh}, Landmarks: [10]float32{ax, ay, bx, by}}
		const size = 32
		p, square := spotted(w, h, w/2, h/2), make([]byte, 3*size*size)
		for _, v := range append(firstViews(&first, size), wholeViews(w, h, size)...) {
			photo.WarpSmooth(p, v.to, size, size, square)
			v.ofPicture([]detect.Face{{Box: [4]float32{1, 1, 2, 2}}})
		}
	})
}
