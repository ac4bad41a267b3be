package train

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"testing"

	"github.com/facesieve/facesieve/embed/photo"
)

// encoded is a picture of 150 pixels a side whose colours say where one is.
func encoded(t *testing.T) []byte {
	t.Helper()
	im := image.NewRGBA(image.Rect(0, 0, 150, 150))
	for y := range 150 {
		for x := range 150 {
			im.Set(x, y, color.RGBA{uint8(x), uint8(y), uint8(x * y), 255})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, im); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What the network sees is the crop that the engine cuts, scaled by the contract
// and averaged two by two, with a margin around or not; bad pictures are named.
func TestLoad(t *testing.T) {
	data := encoded(t)
	landmarks := [10]float32{60, 70, 95, 72, 78, 90, 64, 110, 92, 111}
	give := func(data []byte, err error) func(context.Context) ([]byte, error) {
		return func(context.Context) ([]byte, error) { return data, err }
	}
	flat := [10]float32{}
	sources := []Source{
		{Name: "missing", Identity: "a", Landmarks: &landmarks, Read: give(nil, errors.New("gone"))},
		{Name: "good", Identity: "b", Landmarks: &landmarks, Read: give(data, nil)},
		{Name: "text", Identity: "b", Landmarks: &landmarks, Read: give([]byte("no picture"), nil)},
		{Name: "bare", Identity: "c", Read: give(data, nil)},
		{Name: "flat", Identity: "c", Landmarks: &flat, Read: give(data, nil)},
		{Name: "second", Identity: "c", Landmarks: &landmarks, Read: give(data, nil)},
		{Name: "third", Identity: "b", Landmarks: &landmarks, Read: give(data, nil)},
	}
	for _, margin := range []int{0, Margin} {
		var bad []string
		steps := 0
		p, err := Load(t.Context(), sources, margin, Watcher{
			Progress: func(done, total int) {
				if steps++; done != steps || total != len(sources) {
					t.Errorf("progress %d of %d after %d", done, total, steps)
				}
			},
			Bad: func(name string, _ error) { bad = append(bad, name) },
		})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(bad, []string{"missing", "text", "bare", "flat"}) || !slices.Equal(p.Names, []string{"good", "second", "third"}) {
			t.Errorf("bad are %v, good %v", bad, p.Names)
		}
		if !slices.Equal(p.Classes, []int{0, 1, 0}) || !slices.Equal(p.Identities, []string{"b", "c"}) {
			t.Errorf("classes %v of %v", p.Classes, p.Identities)
		}
		sameAsEngine(t, p, data, landmarks)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Load(ctx, sources, 0, Watcher{}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

func sameAsEngine(t *testing.T, p *Pictures, data []byte, landmarks [10]float32) {
	t.Helper()
	im, err := photo.Decode(data, photo.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := photo.Align(landmarks, photo.ArcFace112())
	if err != nil {
		t.Fatal(err)
	}
	const wide = 2 * Side
	crop := make([]uint8, wide*wide*3)
	photo.Warp(im, s, wide, wide, crop)
	planes := make([]float32, len(crop))
	photo.Tensor(crop, wide, wide, false, 0.00784313725490196, [3]float32{1, 1, 1}, [3]float32{1, 1, 1}, planes)
	got, mirrored := make([]float32, Side*Side*3), make([]float32, Side*Side*3)
	p.pixels(0, false, got)
	p.pixels(0, true, mirrored)
	for i, v := range got {
		c, x, y := i%3, i/3%Side, i/3/Side
		at := planes[c*wide*wide+2*y*wide+2*x:]
		want := (at[0] + at[1] + at[wide] + at[wide+1]) / 4
		// With a margin, positions are rounded to 1/32 pixel at another place.
		tolerance := 1e-5
		if p.Margin > 0 {
			tolerance = .02
		}
		if math.Abs(float64(v-want)) > tolerance {
			t.Fatalf("margin %d: value %d is %v, the engine sees %v", p.Margin, i, v, want)
		}
		if m := mirrored[(y*Side+Side-1-x)*3+c]; m != v {
			t.Fatalf("value %d is %v mirrored, %v plain", i, m, v)
		}
	}
}

func TestDigest(t *testing.T) {
	a, b := blobs(1, 2, 2, 1), blobs(1, 2, 2, 1)
	if a.Digest() != b.Digest() {
		t.Error("equal pictures have different digests")
	}
	b.sums[len(b.sums)-1]++
	if a.Digest() == b.Digest() {
		t.Error("a value more, the same digest")
	}
	b = blobs(1, 2, 2, 1)
	b.Classes[1] = 1
	if a.Digest() == b.Digest() {
		t.Error("another identity, the same digest")
	}
}
