package photo

import (
	"bytes"
	"image/jpeg"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// drawn is a picture of a few soft spots, which another seed puts elsewhere.
func drawn(w, h int, seed uint64) *Picture {
	r := rand.New(rand.NewPCG(seed, 1))
	im := &Picture{Width: w, Height: h, Pix: make([]uint8, 3*w*h)}
	type spot struct{ x, y, size, height float64 }
	var spots []spot
	for range 12 {
		spots = append(spots, spot{r.Float64(), r.Float64(), .05 + .2*r.Float64(), 180*r.Float64() - 90})
	}
	for i := range w * h {
		x, y, v := (float64(i%w)+.5)/float64(w), (float64(i/w)+.5)/float64(h), 128.
		for _, s := range spots {
			v += s.height * math.Exp(-((x-s.x)*(x-s.x)+(y-s.y)*(y-s.y))/(s.size*s.size))
		}
		for c := range 3 {
			im.Pix[3*i+c] = uint8(min(max(v, 0), 255))
		}
	}
	return im
}

// The hash is what the rule gives when it is computed with floating point.
func TestHashIsTheRules(t *testing.T) {
	for seed := range uint64(20) {
		s := Shrink(drawn(97, 131, seed))
		var all []float64
		for i := range 64 {
			u, v, sum := float64(i%8+1), float64(i/8+1), 0.
			for k, grey := range s.cells {
				sum += float64(grey) * math.Round(1<<14*math.Cos(float64(2*(k%32)+1)*u*math.Pi/64)) *
					math.Round(1<<14*math.Cos(float64(2*(k/32)+1)*v*math.Pi/64))
			}
			all = append(all, sum)
		}
		sorted := slices.Sorted(slices.Values(all))
		var want uint64
		for i, x := range all {
			if x > (sorted[31]+sorted[32])/2 {
				want |= 1 << i
			}
		}
		if got := s.Hash(); got != want {
			t.Errorf("seed %d: %016x, by the rule %016x", seed, got, want)
		}
	}
}

func TestSmallOfPlainPictures(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {3, 200}, {112, 112}, {640, 480}} {
		im := &Picture{Width: size[0], Height: size[1], Pix: bytes.Repeat([]uint8{255}, 3*size[0]*size[1])}
		s := Shrink(im)
		if s.Hash() != 0 || !slices.Equal(s.Thumbnail(16), bytes.Repeat([]byte{255}, 256)) {
			t.Errorf("%v: white is %x, %v", size, s.Hash(), s.Thumbnail(16))
		}
	}
	half := &Picture{Width: 64, Height: 64, Pix: make([]uint8, 3*64*64)}
	for i := range half.Pix[:len(half.Pix)/2] {
		half.Pix[i] = 100
	}
	got := Shrink(half).Thumbnail(2)
	if want := []byte{100, 100, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("the upper half is grey 100: %v, want %v", got, want)
	}
	for c, want := range []byte{77, 149, 29} { // 255 * 77 / 256, ...
		pix := make([]uint8, 3)
		pix[c] = 255
		if got := Shrink(&Picture{Width: 1, Height: 1, Pix: pix}).Thumbnail(1)[0]; got != want {
			t.Errorf("channel %d alone is grey %d, want %d", c, got, want)
		}
	}
}

// Copies of a picture are near it, other pictures far.
func TestNearPicturesHaveNearHashes(t *testing.T) {
	for seed := range uint64(20) {
		first := Shrink(drawn(400, 300, seed))
		var b bytes.Buffer
		if err := jpeg.Encode(&b, asRGBA(drawn(220, 160, seed)), &jpeg.Options{Quality: 40}); err != nil {
			t.Fatal(err)
		}
		im, err := Decode(b.Bytes(), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if d := bits.OnesCount64(first.Hash() ^ Shrink(im).Hash()); d > 6 {
			t.Errorf("seed %d: smaller and re-encoded, %d bits differ", seed, d)
		}
		if d := bits.OnesCount64(first.Hash() ^ Shrink(drawn(400, 300, seed+100)).Hash()); d < 12 {
			t.Errorf("seed %d: of another picture only %d bits differ", seed, d)
		}
	}
}

func BenchmarkSmall(b *testing.B) {
	im := smooth(250, 250)
	b.ReportAllocs()
	for b.Loop() {
		s := Shrink(im)
		s.Hash()
		s.Thumbnail(16)
	}
}
