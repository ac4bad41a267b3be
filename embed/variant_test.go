package embed

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
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
