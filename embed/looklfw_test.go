package embed

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/image/draw"

	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/schemas"
)

// portraitOf is a picture of a person of whom there are others.
type portraitOf struct {
	picture *photo.Picture
	upright schemas.Embedding
	others  []float32 // unit mean of the vectors of the person's other pictures
}

// lfwPortraits are as many people of LFW that have three images or more, every second
// one: those with even numbers are for choosing, the others for what is reported.
func lfwPortraits(t *testing.T, e *Engine, odd bool, n int) []portraitOf {
	t.Helper()
	dirs := below(t, shared(t, "data", "lfw", "lfw"), "*")
	var all []portraitOf
	number := 0
	for _, dir := range dirs {
		paths, err := filepath.Glob(filepath.Join(dir, "*.jpg"))
		if err != nil || len(paths) < 3 {
			continue
		}
		if number++; (number%2 == 1) != odd || len(all) == n {
			continue
		}
		paths = paths[:min(len(paths), 6)]
		rows := embedAll(t, e, paths, false)
		data, err := os.ReadFile(paths[0])
		if err != nil {
			t.Fatal(err)
		}
		picture, err := photo.Decode(data, photo.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		others := make([]float32, len(rows[0].Vector))
		for _, r := range rows[1:] {
			for k, x := range r.Vector {
				others[k] += x
			}
		}
		if err := schemas.RoundVector(others); err != nil {
			t.Fatal(err)
		}
		all = append(all, portraitOf{picture, rows[0], others})
	}
	return all
}

// variant is a picture made of another one, and the box that its face must have.
type variant struct {
	image image.Image
	box   [4]float32
}

// turned turns a picture clockwise by quarters.
func turned(p portraitOf, quarters int) variant {
	w, h := p.picture.Width, p.picture.Height
	b := p.upright.Box
	out := image.Rect(0, 0, w, h)
	at := func(x, y int) (int, int) { return w - 1 - x, h - 1 - y }
	box := [4]float32{float32(w) - b[0] - b[2], float32(h) - b[1] - b[3], b[2], b[3]}
	switch quarters {
	case 1:
		out = image.Rect(0, 0, h, w)
		at = func(x, y int) (int, int) { return y, h - 1 - x }
		box = [4]float32{float32(h) - b[1] - b[3], b[0], b[3], b[2]}
	case 3:
		out = image.Rect(0, 0, h, w)
		at = func(x, y int) (int, int) { return w - 1 - y, x }
		box = [4]float32{b[1], float32(w) - b[0] - b[2], b[3], b[2]}
	}
	im := image.NewRGBA(out)
	for y := range out.Dy() {
		for x := range out.Dx() {
			fx, fy := at(x, y)
			pix := p.picture.Pix[3*(fy*w+fx):]
			im.SetRGBA(x, y, color.RGBA{pix[0], pix[1], pix[2], 255})
		}
	}
	return variant{im, box}
}

// rgba is a picture as the standard library has it.
func rgba(p *photo.Picture) *image.RGBA {
	im := image.NewRGBA(image.Rect(0, 0, p.Width, p.Height))
	for i := range p.Width * p.Height {
		copy(im.Pix[4*i:], p.Pix[3*i:3*i+3])
		im.Pix[4*i+3] = 255
	}
	return im
}

// tight is the box of the face alone.
func tight(p portraitOf) variant {
	b := p.upright.Box
	r := image.Rect(int(b[0]), int(b[1]), int(b[0]+b[2]+1), int(b[1]+b[3]+1)).
		Intersect(image.Rect(0, 0, p.picture.Width, p.picture.Height))
	im := image.NewRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	draw.Draw(im, im.Rect, rgba(p.picture), r.Min, draw.Src)
	return variant{im, [4]float32{b[0] - float32(r.Min.X), b[1] - float32(r.Min.Y), b[2], b[3]}}
}

// small is the picture made so small that its face is side pixels wide; with a scene it
// stands somewhere in a picture of 640 x 480 pixels.
func small(p portraitOf, side float64, scene bool, r *rand.Rand) variant {
	b := p.upright.Box
	scale := side / math.Sqrt(float64(b[2])*float64(b[3]))
	w, h := int(float64(p.picture.Width)*scale+.5), int(float64(p.picture.Height)*scale+.5)
	canvas, at := image.Rect(0, 0, w, h), image.Point{}
	if scene {
		canvas = image.Rect(0, 0, 640, 480)
		at = image.Pt(r.IntN(640-w), r.IntN(480-h))
	}
	im := image.NewRGBA(canvas)
	for y := range canvas.Dy() {
		for x := range canvas.Dx() {
			v := uint8(60 + x/8 + y/8 + r.IntN(9))
			im.SetRGBA(x, y, color.RGBA{v, v, v / 2, 255})
		}
	}
	draw.CatmullRom.Scale(im, image.Rect(0, 0, w, h).Add(at), rgba(p.picture), image.Rect(0, 0, p.picture.Width, p.picture.Height), draw.Src, nil)
	s, x, y := float32(scale), float32(at.X), float32(at.Y)
	return variant{im, [4]float32{s*b[0] + x, s*b[1] + y, s * b[2], s * b[3]}}
}

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

// lookAll embeds pictures and looks at all of them again.
func lookAll(t *testing.T, e *Engine, contents [][]byte) ([]schemas.Embedding, []schemas.SecondLook) {
	t.Helper()
	images, read := rowsOf(contents)
	first, err := e.Embed(t.Context(), images, false, read, nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := e.Look(t.Context(), images, first, read, nil)
	if err != nil {
		t.Fatal(err)
	}
	return first, second
}

// sum is the unit vector of two; of one where the other is nil.
func sum(t *testing.T, a, b []float32) []float32 {
	t.Helper()
	if a == nil {
		return b
	}
	v := slices.Clone(a)
	for k := range b {
		v[k] += b[k]
	}
	if err := schemas.RoundVector(v); err != nil {
		t.Fatal(err)
	}
	return v
}

// found is how a kind of picture fared.
type found struct {
	n, first, either, level int
	loss, lossSum, lossAny  []float64 // of own score beside the upright picture's
}

// measure looks at variants of portraits.
func measure(t *testing.T, e *Engine, all []portraitOf, make func(portraitOf) variant) (f found) {
	t.Helper()
	var contents [][]byte
	var boxes [][4]float32
	for _, p := range all {
		v := make(p)
		var b bytes.Buffer
		if err := png.Encode(&b, v.image); err != nil {
			t.Fatal(err)
		}
		contents, boxes = append(contents, b.Bytes()), append(boxes, v.box)
	}
	first, second := lookAll(t, e, contents)
	const right = .3
	f.n = len(all)
	for i, p := range all {
		upright := cosine(p.upright.Vector, p.others)
		one := first[i].Error == "" && overlap(first[i].Box, boxes[i]) >= right
		var best *schemas.LookedFace
		for k := range second[i].Faces {
			s := &second[i].Faces[k]
			if best == nil || cosine(s.Vector, p.others) > cosine(best.Vector, p.others) {
				best = s
			}
		}
		two := best != nil && overlap(best.Box, boxes[i]) >= right
		if one {
			f.first++
		}
		if one || two {
			f.either++
		}
		if best != nil && best.View == schemas.ViewLevel {
			f.level++
		}
		switch {
		case two:
			f.loss = append(f.loss, upright-cosine(best.Vector, p.others))
			f.lossSum = append(f.lossSum, upright-cosine(sum(t, first[i].Vector, best.Vector), p.others))
		default:
			if os.Getenv("LOOK_DEBUG") != "" {
				t.Logf("  %d: want %v, first %v %.2f %q, second %v", i, boxes[i], first[i].Box, first[i].DetScore, first[i].Error, faceText(second[i]))
			}
			f.loss, f.lossSum = append(f.loss, 1), append(f.lossSum, 1)
		}
	}
	return f
}

func faceText(s schemas.SecondLook) (text []string) {
	for _, f := range s.Faces {
		text = append(text, fmt.Sprintf("%s %.2f %v", f.View, f.DetScore, f.Box))
	}
	return text
}

var _ = context.Background

func TestLookLFW(t *testing.T) {
	e := start(t, realConfig(t))
	odd := os.Getenv("LOOK_CHOOSE") == ""
	all := lfwPortraits(t, e, odd, 100)
	r := rand.New(rand.NewPCG(1, 2))
	side := func() float64 { return 25 + 15*r.Float64() }
	for _, c := range []struct {
		name string
		make func(portraitOf) variant
	}{
		{"upright", func(p portraitOf) variant { return variant{rgba(p.picture), p.upright.Box} }},
		{"turned 90", func(p portraitOf) variant { return turned(p, 1) }},
		{"turned 180", func(p portraitOf) variant { return turned(p, 2) }},
		{"turned 270", func(p portraitOf) variant { return turned(p, 3) }},
		{"tight", tight},
		{"25 to 40 px, alone", func(p portraitOf) variant { return small(p, side(), false, r) }},
		{"25 to 40 px, in a scene", func(p portraitOf) variant { return small(p, side(), true, r) }},
	} {
		f := measure(t, e, all, c.make)
		t.Logf("%-24s n %d: found by the first look %d, by either %d; level best %d; median loss of own score %.3f alone, %.3f summed",
			c.name, f.n, f.first, f.either, f.level, medianOf(f.loss), medianOf(f.lossSum))
	}
}
