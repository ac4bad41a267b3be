package photo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"golang.org/x/image/bmp"
)

// pngHeader is a PNG's signature and header chunk.
func pngHeader(w, h uint32) []byte {
	chunk := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	chunk = append(binary.BigEndian.AppendUint32(chunk, h), 8, 2, 0, 0, 0)
	data := append([]byte(pngMagic), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(data, chunk...), crc32.ChecksumIEEE(chunk))
}

// truncatable returns a file of each kind and how many bytes at its end may
// be missing without a pixel being lost.
func truncatable(t testing.TB) map[string]struct {
	data []byte
	tail int
} {
	source := asRGBA(pattern(61, 47))
	type file = struct {
		data []byte
		tail int
	}
	return map[string]file{
		"baseline":         {encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, source, nil) }), 3},
		"baseline 4:2:2":   {read(t, "baseline422.jpg"), 3},
		"grey":             {read(t, "baseline-grey.jpg"), 3},
		"restart":          {read(t, "restart.jpg"), 3},
		"progressive":      {read(t, "progressive420.jpg"), 3},
		"progressive grey": {read(t, "progressive-grey.jpg"), 3},
		"cmyk":             {read(t, "cmyk-adobe.jpg"), 3},
		"png":              {encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, source) }), 0},
		"webp lossy":       {read(t, "lossy.webp"), 2},
		"webp lossless":    {read(t, "lossless.webp"), 3},
		"bmp":              {encoded(t, func(b *bytes.Buffer) error { return bmp.Encode(b, source) }), 0},
		"gif":              {encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, source, nil) }), 4},
	}
}

// A file cut anywhere is unreadable: never half grey, never a panic.
func TestTruncated(t *testing.T) {
	for name, file := range truncatable(t) {
		t.Run(name, func(t *testing.T) {
			if _, err := Decode(file.data, Limits{}); err != nil {
				t.Fatalf("whole: %v", err)
			}
			last := len(file.data) - file.tail
			for i := range 60 {
				at := 1 + (last-2)*i/59
				_, err := Decode(file.data[:at], Limits{})
				if !errors.Is(err, ErrTruncated) {
					t.Errorf("cut at %d of %d: %v", at, len(file.data), err)
				}
			}
		})
	}
}

// A JPEG that was cut and given an end marker again is unreadable too.
func TestTruncatedAndClosed(t *testing.T) {
	for name, file := range truncatable(t) {
		if !bytes.HasPrefix(file.data, []byte("\xff\xd8")) {
			continue
		}
		h, err := parseJPEG(file.data)
		if err != nil {
			t.Fatal(err)
		}
		for at := h.scan; at < len(file.data)-6; at += 1 + (len(file.data)-h.scan)/80 {
			cut := append(bytes.Clone(file.data[:at]), jpegEnd...)
			if _, err := Decode(cut, Limits{}); !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrCorrupt) {
				t.Errorf("%s: cut at %d of %d and closed: %v", name, at, len(file.data), err)
			}
		}
	}
}

// What lacks nothing but its end marker is whole; what follows it is ignored.
func TestJPEGEnd(t *testing.T) {
	for _, name := range []string{"baseline420.jpg", "progressive420.jpg", "restart.jpg"} {
		data := read(t, name)
		want, err := Decode(data, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for what, other := range map[string][]byte{
			"no end marker":      data[:len(data)-2],
			"bytes behind it":    append(bytes.Clone(data), "trailing \xff\xd8\xff\xe1 bytes"...),
			"two files in one":   append(bytes.Clone(data), data...),
			"zeros at the end":   append(bytes.Clone(data), make([]byte, 512)...),
			"two end markers":    append(bytes.Clone(data), jpegEnd...),
			"fill before a mark": append([]byte{0xff, 0xd8, 0xff}, data[2:]...),
		} {
			got, err := Decode(other, Limits{})
			if err != nil {
				t.Errorf("%s, %s: %v", name, what, err)
				continue
			}
			if mean, _ := difference(t, got, want); mean > 1 {
				t.Errorf("%s, %s: other pixels, mean difference %.2f", name, what, mean)
			}
		}
	}
}

// A small progressive file with a great many scans costs no time.
func TestTooManyScans(t *testing.T) {
	data := read(t, "progressive-grey.jpg")
	h, err := parseJPEG(data)
	if err != nil {
		t.Fatal(err)
	}
	scan := append([]byte{0xff, 0xda, 0, 8, 1, 1, 0, 1, 1, 0}, 0xff, 0)
	many := append(bytes.Clone(data[:h.scan]), bytes.Repeat(scan, maxScans)...)
	_, err = Decode(append(many, data[h.scan:]...), Limits{})
	if !errors.Is(err, ErrCorrupt) {
		t.Errorf("%d scans and more: %v", maxScans, err)
	}
}
