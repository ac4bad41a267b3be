package photo

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// pattern draws the picture that testdata/make.py draws too.
func pattern(w, h int) *Picture {
	im := &Picture{Width: w, Height: h}
	for y := range h {
		for x := range w {
			im.Pix = append(im.Pix, uint8(7*x+3*y), uint8(x*x/8+5*y), uint8(x*y/4))
		}
	}
	return im
}

func asRGBA(im *Picture) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, im.Width, im.Height))
	for i := range im.Width * im.Height {
		copy(m.Pix[4*i:], im.Pix[3*i:3*i+3])
		m.Pix[4*i+3] = 255
	}
	return m
}

// encoded returns what an encoder writes.
func encoded(t testing.TB, write func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// difference returns the mean and the greatest absolute difference.
func difference(t testing.TB, got, want *Picture) (mean float64, most int) {
	t.Helper()
	if got.Width != want.Width || got.Height != want.Height || len(got.Pix) != len(want.Pix) {
		t.Fatalf("%d x %d pixels, want %d x %d", got.Width, got.Height, want.Width, want.Height)
	}
	sum := 0
	for i, v := range got.Pix {
		d := max(int(v), int(want.Pix[i])) - min(int(v), int(want.Pix[i]))
		sum += d
		most = max(most, d)
	}
	return float64(sum) / float64(len(got.Pix)), most
}

// reference reads a PNG with the standard library alone.
func reference(t testing.TB, data []byte) *Picture {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	im := &Picture{Width: m.Bounds().Dx(), Height: m.Bounds().Dy()}
	for y := range im.Height {
		for x := range im.Width {
			r, g, b, _ := m.At(x, y).RGBA()
			im.Pix = append(im.Pix, uint8(r>>8), uint8(g>>8), uint8(b>>8))
		}
	}
	return im
}

// Every file of testdata decodes to what Pillow makes of it: lossless kinds
// exactly, JPEG and lossy WebP within a few levels.
func TestDecodeAsReference(t *testing.T) {
	names, err := filepath.Glob("testdata/*.*.png")
	if err != nil || len(names) < 18 {
		t.Fatalf("testdata has %d references: %v", len(names), err)
	}
	for _, name := range names {
		file := strings.TrimSuffix(filepath.Base(name), ".png")
		t.Run(file, func(t *testing.T) {
			got, err := Decode(read(t, file), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			mean, most := difference(t, got, reference(t, read(t, file+".png")))
			lossy := strings.HasSuffix(file, ".jpg") || strings.HasSuffix(file, "lossy.webp")
			if limit := map[bool]float64{true: 1.5, false: .34}[lossy]; mean > limit || !lossy && most > 1 {
				t.Errorf("mean difference %.3f, greatest %d", mean, most)
			}
		})
	}
}

func TestDecodeBaselineAsStandardLibrary(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {2, 3}, {7, 9}, {16, 16}, {17, 33}, {250, 250}} {
		im := smooth(size[0], size[1])
		data := encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, asRGBA(im), &jpeg.Options{Quality: 92}) })
		m, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(data, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		// The planes may differ by a level or two, the conversion not at all.
		if mean, _ := difference(t, got, toRGB(m)); mean > 1 {
			t.Errorf("%v: mean difference %.2f", size, mean)
		}
		if mean, _ := difference(t, got, im); size[0] == 250 && mean > 2 {
			t.Errorf("%v: mean difference to the source %.2f", size, mean)
		}
	}
}

// smooth draws without sharp edges, so that chroma subsampling costs little.
func smooth(w, h int) *Picture {
	im := &Picture{Width: w, Height: h}
	for y := range h {
		for x := range w {
			im.Pix = append(im.Pix, uint8(40+x*160/w), uint8(200-y*150/h), uint8(60+(x+y)*120/(w+h)))
		}
	}
	return im
}

func TestDecodeDeepPNG(t *testing.T) {
	m := image.NewNRGBA64(image.Rect(0, 0, 5, 4))
	for i := range 20 {
		m.SetNRGBA64(i%5, i/5, color.NRGBA64{R: uint16(i * 3000), G: 0x1234, B: 0xfedc, A: 0xffff})
	}
	m.SetNRGBA64(0, 0, color.NRGBA64{R: 0xffff, A: 0})
	got, err := Decode(encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, m) }), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if p := got.Pix[:3]; p[0] != 255 || p[1] != 255 || p[2] != 255 {
		t.Errorf("a transparent pixel is %v, want white", p)
	}
	if p := got.Pix[3*7 : 3*7+3]; p[0] != 7*3000>>8 || p[1] != 0x12 || p[2] != 0xfe {
		t.Errorf("pixel 7 is %v", p)
	}
}

func TestDecodeGIFOnCanvas(t *testing.T) {
	frame := image.NewPaletted(image.Rect(2, 1, 5, 4), color.Palette{color.Black, color.RGBA{R: 200, A: 255}})
	for i := range frame.Pix {
		frame.Pix[i] = 1
	}
	data := encoded(t, func(b *bytes.Buffer) error {
		return gif.EncodeAll(b, &gif.GIF{Image: []*image.Paletted{frame}, Delay: []int{0}, Config: image.Config{Width: 9, Height: 6}})
	})
	got, err := Decode(data, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 9 * 6 {
		want := [3]uint8{255, 255, 255}
		if image.Pt(i%9, i/9).In(frame.Rect) {
			want = [3]uint8{200, 0, 0}
		}
		if [3]uint8(got.Pix[3*i:3*i+3]) != want {
			t.Fatalf("pixel %d, %d is %v, want %v", i%9, i/9, got.Pix[3*i:3*i+3], want)
		}
	}
}

// The same bytes give the same pixels, also from many goroutines at once.
func TestDecodeIsDeterministic(t *testing.T) {
	names := []string{"baseline420.jpg", "progressive420.jpg", "restart.jpg", "cmyk-adobe.jpg", "lossy.webp", "colour.bmp", "animated.gif"}
	budget := NewBudget(1)
	want := map[string][]uint8{}
	files := map[string][]byte{}
	for _, name := range names {
		files[name] = read(t, name)
		im, err := Decode(files[name], Limits{})
		if err != nil {
			t.Fatal(err)
		}
		want[name] = im.Pix
	}
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			boxes := make([]float32, 3*64*64)
			for i := range 40 {
				name := names[(i+worker)%len(names)]
				im, err := Decode(files[name], Limits{Budget: budget})
				if err != nil || !bytes.Equal(im.Pix, want[name]) {
					t.Errorf("%s: other pixels than before, error %v", name, err)
					return
				}
				Letterbox(im, 64, boxes)
			}
		})
	}
	wg.Wait()
}
