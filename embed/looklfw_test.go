package embed

import (
	"bytes"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

func overlap(a, b [4]float32) float32 {
	both := intersection(a, b)
	return both / (area(a) + area(b) - both)
}

func cosine(a, b []float32) (sum float64) {
	for k := range a {
		sum += float64(a[k]) * float64(b[k])
	}
	return sum
}

func medianOf(x []float64) float64 {
	x = slices.Clone(x)
	slices.Sort(x)
	if len(x) == 0 {
		return math.NaN()
	}
	return x[len(x)/2]
}

// found is how a kind of picture fared.
type found struct {
	first, either int       // right faces
	loss, alone   []float64 // of own score beside the upright picture's; by the second look's vector alone
}

// measure looks at variants of portraits. Which face counts is decided as in a run: the
// one nearest to the person's other pictures.
func measure(t *testing.T, e *Engine, all []portraitOf, change func(portraitOf) variant) (f found) {
	t.Helper()
	var contents [][]byte
	var boxes [][4]float32
	for _, p := range all {
		v := change(p)
		var b bytes.Buffer
		if err := png.Encode(&b, v.image); err != nil {
			t.Fatal(err)
		}
		contents, boxes = append(contents, b.Bytes()), append(boxes, v.box)
	}
	first, second := looked(t, e, contents)
	const right = .3
	for i, p := range all {
		one := first[i].Error == "" && overlap(first[i].Box, boxes[i]) >= right
		best := nearest(second[i], p.others)
		two := best != nil && overlap(best.Box, boxes[i]) >= right
		if one {
			f.first++
		}
		if one || two {
			f.either++
		}
		score, alone := 0., 0. // of what is lost
		if two {
			score, alone = cosine(final(t, first[i], *best), p.others), cosine(best.Vector, p.others)
		}
		upright := cosine(p.upright.Vector, p.others)
		f.loss, f.alone = append(f.loss, upright-score), append(f.alone, upright-alone)
	}
	return f
}

// nearest is the looked face that is nearest to a vector, nil without one.
func nearest(s schemas.SecondLook, to []float32) (best *schemas.LookedFace) {
	for k := range s.Faces {
		if f := &s.Faces[k]; best == nil || cosine(f.Vector, to) > cosine(best.Vector, to) {
			best = f
		}
	}
	return best
}

// final is the unit vector of both looks where the level view shows the first look's
// face, else the vector of the second: the landmarks of the first one were of another
// face, or wrong.
func final(t *testing.T, first schemas.Embedding, second schemas.LookedFace) []float32 {
	t.Helper()
	if second.View != schemas.ViewLevel || first.Vector == nil {
		return second.Vector
	}
	v := slices.Clone(first.Vector)
	for k := range v {
		v[k] += second.Vector[k]
	}
	if err := schemas.RoundVector(v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestLookLFW makes photographs of LFW hard to find: turned without a word of it, cut to
// the face, made small: 15 of them, 100 where FACESIEVE_ACCEPTANCE is set, which takes
// minutes. FACESIEVE_CHOOSE measures the half that the views were chosen on.
func TestLookLFW(t *testing.T) {
	n, most := 15, .2 // so few say little
	if os.Getenv("FACESIEVE_ACCEPTANCE") != "" {
		n, most = 100, .1
	}
	e := start(t, realConfig(t))
	all := lfwPortraits(t, e, os.Getenv("FACESIEVE_CHOOSE") == "", n)
	r := rand.New(rand.NewPCG(1, 2))
	side := func() float64 { return 25 + 15*r.Float64() }
	for _, c := range []struct {
		name string
		make func(portraitOf) variant
		want int
	}{
		{"upright", func(p portraitOf) variant { return variant{rgba(p.picture), p.upright.Box} }, 100},
		{"turned by 90", func(p portraitOf) variant { return turned(p, 1) }, 97},
		{"turned by 180", func(p portraitOf) variant { return turned(p, 2) }, 97},
		{"turned by 270", func(p portraitOf) variant { return turned(p, 3) }, 97},
		{"the face alone", tight, 97},
		{"25 to 40 px, alone", func(p portraitOf) variant { return small(p, side(), false, r) }, 90},
		{"25 to 40 px, in a scene", func(p portraitOf) variant { return small(p, side(), true, r) }, 90},
	} {
		f := measure(t, e, all, c.make)
		t.Logf("%-24s %d pictures: the right face found by the first look %d, by either %d; median loss of own score %.3f, of the second look's alone %.3f",
			c.name, len(all), f.first, f.either, medianOf(f.loss), medianOf(f.alone))
		if len(all) < n || 100*f.either < c.want*n || medianOf(f.loss) > most {
			t.Errorf("%s: %d of %d found, want %d %%; loss %.3f, want at most %v", c.name, f.either, len(all), c.want, medianOf(f.loss), most)
		}
	}
}
