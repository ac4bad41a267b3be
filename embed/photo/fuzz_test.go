package photo

import (
	"errors"
	"os"
	"strings"
	"testing"
)

// Any bytes give a picture of the size it says or one of the five errors, and
// never more pixels than allowed.
func FuzzDecode(f *testing.F) {
	entries, err := os.ReadDir("testdata")
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() && !strings.HasSuffix(e.Name(), ".py") {
			data := read(f, e.Name())
			f.Add(data)
			f.Add(data[:len(data)*2/3])
		}
	}
	f.Add(pngHeader(60000, 60000))
	limits := Limits{Pixels: 1 << 18, Bytes: 16 << 20}
	f.Fuzz(func(t *testing.T, data []byte) {
		im, err := Decode(data, limits)
		if err != nil {
			for _, kind := range []error{ErrEmpty, ErrFormat, ErrTruncated, ErrCorrupt, ErrTooLarge} {
				if errors.Is(err, kind) && im == nil {
					return
				}
			}
			t.Fatalf("an error of no kind: %v", err)
		}
		if im.Width < 1 || im.Height < 1 || len(im.Pix) != 3*im.Width*im.Height || im.Width*im.Height > limits.Pixels {
			t.Fatalf("%d x %d pixels in %d bytes", im.Width, im.Height, len(im.Pix))
		}
	})
}
