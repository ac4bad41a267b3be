package embed

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"testing"

	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/schemas"
)

// With its mirror image a face's vector is that of the sum of both, each of its length,
// and the length half the sum's; without it is the face's own, whatever the batch.
func TestMirrorImagesAreAdded(t *testing.T) {
	face := picture(t, 112, 112, image.Pt(20, 50))
	p, err := photo.Decode(face, photo.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	images, read := rowsOf([][]byte{face, mirrored(t, p), face})
	c := tinyConfig(t)
	c.Batch = 3
	var rows [2][]schemas.Embedding
	for i, flip := range []string{FlipNone, FlipSum} {
		c.Spec.Flip = flip
		e := start(t, c)
		if rows[i], err = e.Embed(t.Context(), images, true, read, nil); err != nil {
			t.Fatal(err)
		}
		for k, r := range oneBatch(t, e, face, mirrored(t, p), face) {
			if !slices.Equal(r.Vector, rows[i][k].Vector) || r.Length != rows[i][k].Length {
				t.Errorf("%s: face %d of a batch has another vector", flip, k)
			}
		}
	}
	plain, both := rows[0], rows[1]
	if slices.Equal(plain[0].Vector, plain[1].Vector) || !slices.Equal(plain[0].Vector, plain[2].Vector) {
		t.Error("a face alone and its mirror image have one vector, or equal faces have two")
	}
	want := make([]float32, len(plain[0].Vector))
	for k := range want {
		want[k] = plain[0].Length*plain[0].Vector[k] + plain[1].Length*plain[1].Vector[k]
	}
	half := schemas.Length(want) / 2
	for i, r := range both {
		if math.Abs(float64(r.Length/half-1)) > 1e-3 {
			t.Errorf("row %d: length %g, want %g", i, r.Length, half)
		}
		for k, x := range r.Vector {
			if math.Abs(float64(x-want[k]/2/half)) > 2e-3 {
				t.Errorf("row %d: element %d is %g, want %g", i, k, x, want[k]/2/half)
			}
		}
	}
}

// oneBatch embeds aligned faces in one batch, on an engine that does nothing else.
func oneBatch(t *testing.T, e *Engine, faces ...[]byte) []schemas.Embedding {
	t.Helper()
	c := &call{results: make([]schemas.Embedding, len(faces))}
	var jobs []*job
	for i, data := range faces {
		p, err := photo.Decode(data, photo.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		c.open.Add(1)
		jobs = append(jobs, &job{call: c, index: i, picture: p, face: p.Pix})
	}
	if err := e.workers[0].embed(jobs); err != nil {
		t.Fatal(err)
	}
	return c.results
}

// mirrored is a picture turned left to right, as a PNG.
func mirrored(t *testing.T, p *photo.Picture) []byte {
	t.Helper()
	im := image.NewRGBA(image.Rect(0, 0, p.Width, p.Height))
	for i := range p.Width * p.Height {
		c := p.Pix[3*i:]
		im.Set(p.Width-1-i%p.Width, i/p.Width, color.RGBA{c[0], c[1], c[2], 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
