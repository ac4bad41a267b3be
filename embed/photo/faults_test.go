package photo

import (
	"bytes"
	"errors"
	"testing"

	"golang.org/x/image/bmp"
)

func TestDecodeFaults(t *testing.T) {
	bitmap := encoded(t, func(b *bytes.Buffer) error { return bmp.Encode(b, asRGBA(pattern(8, 8))) })
	huge := bytes.Clone(read(t, "baseline420.jpg"))
	at := bytes.Index(huge, []byte{0xff, 0xc0})
	copy(huge[at+5:], []byte{0xea, 0x60, 0xea, 0x60})
	hugeBMP := bytes.Clone(bitmap)
	copy(hugeBMP[18:], []byte{0x60, 0xea, 0, 0, 0x60, 0xea, 0, 0})
	hugeGIF := bytes.Clone(read(t, "animated.gif"))
	copy(hugeGIF[6:], []byte{0x60, 0xea, 0x60, 0xea})
	hugeWebP := bytes.Clone(read(t, "lossless.webp"))
	copy(hugeWebP[21:], []byte{0xff, 0xff, 0xff, 0x0f})
	noPixels := bytes.Clone(huge)
	copy(noPixels[at+5:], []byte{0, 0, 0, 0})
	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"empty", nil, ErrEmpty},
		{"text", []byte("this is a text, whatever its name says\n"), ErrFormat},
		{"a text that begins as a bitmap does", []byte("BMW is a car maker in Munich, not a bitmap"), ErrFormat},
		{"a sound", []byte("RIFF\x10\x00\x00\x00WAVEfmt 12345678"), ErrFormat},
		{"60,000 x 60,000 JPEG", huge, ErrTooLarge},
		{"60,000 x 60,000 BMP", hugeBMP, ErrTooLarge},
		{"60,000 x 60,000 GIF", hugeGIF, ErrTooLarge},
		{"16,384 x 16,384 WebP", hugeWebP, ErrTooLarge},
		{"60,000 x 60,000 PNG", pngHeader(60000, 60000), ErrTooLarge},
		{"no pixels", noPixels, ErrCorrupt},
	} {
		if im, err := Decode(c.data, Limits{}); !errors.Is(err, c.want) || im != nil {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := Decode(bitmap, Limits{Pixels: 63}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("64 pixels under a limit of 63: %v", err)
	}
	if _, err := Decode(bitmap, Limits{Bytes: 64}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("64 pixels in 64 bytes: %v", err)
	}
}
