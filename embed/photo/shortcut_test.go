package photo

import (
	"bytes"
	"image"
	"io"
	"math"
	"reflect"
	"testing"

	"github.com/gen2brain/jpegn"
)

// A picture without its standard Huffman tables is the same picture, and one
// with tables of its own keeps them.
func TestWithoutTables(t *testing.T) {
	cut, kept := 0, 0
	for _, name := range []string{"baseline420.jpg", "baseline422.jpg", "baseline-grey.jpg", "progressive420.jpg"} {
		data := read(t, name)
		h, err := parseJPEG(data)
		if err != nil {
			t.Fatal(err)
		}
		short, err := io.ReadAll(h.withoutTables(data))
		if err != nil {
			t.Fatal(err)
		}
		if h.ownTables {
			kept++
			if !bytes.Equal(short, data) {
				t.Errorf("%s: changed, although its tables are its own", name)
			}
			continue
		}
		cut++
		if got := h.withoutTables(data).(spliced).Len(); got != len(short) || got >= len(data) {
			t.Errorf("%s: length %d said, %d read, %d whole", name, got, len(short), len(data))
		}
		if got, want := decodedBy(t, short), decodedBy(t, data); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: other pixels without its tables", name)
		}
	}
	if cut == 0 || kept == 0 {
		t.Errorf("%d files with the standard's tables, %d with their own: both must occur", cut, kept)
	}
}

func decodedBy(t *testing.T, data []byte) image.Image {
	t.Helper()
	m, err := jpegn.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A row inside the image is sampled as its pixels are one by one.
func TestWarpRowAsSample(t *testing.T) {
	im := pattern(90, 70)
	const w, h, less = 40, 30, fixedBits - cellBits
	crop, fast := make([]uint8, 3*w*h), 0
	for k := range 16 {
		sin, cos := math.Sincos(float64(k) * math.Pi / 8)
		s := Similarity{float32(cos), float32(-sin), float32(20 - 45*cos + 35*sin), float32(sin), float32(cos), float32(15 - 45*sin - 35*cos)}
		Warp(im, s, w, h, crop)
		m := s.inverse()
		for y := range h {
			x0 := fixed((m[1]*float64(y)+m[2])*(1<<fixedBits)) + 1<<(less-1)
			y0 := fixed((m[4]*float64(y)+m[5])*(1<<fixedBits)) + 1<<(less-1)
			for x := range w {
				fx, fy := x0+fixed(m[0]*float64(x)*(1<<fixedBits)), y0+fixed(m[3]*float64(x)*(1<<fixedBits))
				if im.inside(fx, fy) {
					fast++
				}
				v := im.sample(fx>>less, fy>>less)
				want := [3]uint8{uint8(v), uint8(v >> lane), uint8(v >> (2 * lane))}
				if at := 3 * (y*w + x); [3]uint8(crop[at:at+3]) != want {
					t.Fatalf("turn %d, pixel %d, %d: %v, not %v", k, x, y, crop[at:at+3], want)
				}
			}
		}
	}
	if fast == 0 {
		t.Error("no position was inside the image")
	}
}
