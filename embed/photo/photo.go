// Package photo turns encoded pictures into upright RGB pixels and cuts faces
// out of them: decoding by content, letterboxing for a detector, alignment by
// landmarks and the tensors that networks read. It is pure Go and holds no
// state: the same bytes give the same pixels on every run.
package photo

import (
	"context"
	"errors"
	"fmt"

	"github.com/facesieve/facesieve/internal/origin"
)

// The reasons why bytes are no picture, for errors.Is.
var (
	// ErrEmpty means that there are no bytes at all.
	ErrEmpty = errors.New("no data")
	// ErrFormat means that the bytes are no picture, or one of a kind that is
	// not read.
	ErrFormat = errors.New("not a picture of a known format")
	// ErrTruncated means that the data ends before the last pixel.
	ErrTruncated = errors.New("the data ends early")
	// ErrCorrupt means that the data contradicts itself.
	ErrCorrupt = errors.New("the data contradicts itself")
	// ErrTooLarge means that the picture's header asks for more than Limits
	// allow; no pixel was allocated.
	ErrTooLarge = errors.New("the picture is too large")
)

// Picture holds upright RGB pixels: 3 bytes a pixel, row after row, no padding;
// len(Pix) is Width*Height*3.
type Picture struct {
	Width, Height int
	Pix           []uint8
}

// Defaults of Limits.
const (
	// DefaultPixels lets through what cameras make and stops made-up headers.
	DefaultPixels = 40_000_000
	// DefaultBytes keeps a few decoders far below a gigabyte together.
	DefaultBytes = 256 << 20
)

// smallDecode is the working memory below which a decode takes nothing from a
// budget: photographs of a megapixel never wait for one another.
const smallDecode = 16 << 20

// Limits bounds what one picture may cost. They are checked on the header,
// before any pixel is allocated.
type Limits struct {
	// Pixels is the greatest width times height; 0 is DefaultPixels.
	Pixels int
	// Bytes is the greatest working memory of one decode, planes,
	// coefficients and the result together, as estimated from the header:
	// about 9 bytes a pixel for a common JPEG, 10 to 24 for a progressive
	// one, 7 to 13 for a PNG; 0 is DefaultBytes.
	Bytes int64
	// Budget, where not nil, is shared by decoders at work at the same time:
	// a large picture waits until the memory that it needs is free.
	Budget *Budget
}

func (l Limits) pixels() int {
	if l.Pixels > 0 {
		return l.Pixels
	}
	return DefaultPixels
}

func (l Limits) bytes() int64 {
	if l.Bytes > 0 {
		return l.Bytes
	}
	return DefaultBytes
}

// admit checks a header's width, height and the estimated cost of its decode,
// and takes that cost from the budget. The caller calls release when done.
func (l Limits) admit(w, h int, cost float64) (release func(), err error) {
	if w <= 0 || h <= 0 {
		return nil, fmt.Errorf("%w: %d x %d pixels", ErrCorrupt, w, h)
	}
	if int64(w)*int64(h) > int64(l.pixels()) {
		return nil, fmt.Errorf("%w: %d x %d pixels, the limit is %d", ErrTooLarge, w, h, l.pixels())
	}
	need := int64(float64(w) * float64(h) * cost)
	if need > l.bytes() {
		return nil, fmt.Errorf("%w: %d x %d pixels need %d MiB, the limit is %d",
			ErrTooLarge, w, h, need>>20, l.bytes()>>20)
	}
	if l.Budget == nil || need < smallDecode {
		return func() {}, nil
	}
	return l.Budget.Take(context.Background(), need)
}

// Decode reads one picture, found out by its content: JPEG (baseline,
// progressive, grey, CMYK and YCCK), PNG, WebP, BMP, or a GIF's first frame.
// It is turned upright by its EXIF orientation, 16-bit samples are cut to 8,
// and what is transparent shows white. A picture whose data ends before its
// last pixel is ErrTruncated and never half grey; bytes after the picture's
// end are ignored, and a JPEG that lacks only its end marker is complete.
// Colour profiles are not applied. Errors wrap one of this package's five.
func Decode(data []byte, l Limits) (im *Picture, err error) {
	if len(data) == 0 {
		return nil, origin.Errorf("photo", "%w", ErrEmpty)
	}
	// The decoders below are other people's code on hostile bytes: an index
	// out of range there is a fault of the file, not of the process.
	defer func() {
		if r := recover(); r != nil {
			im, err = nil, origin.Errorf("photo", "%w: the decoder failed: %v", ErrCorrupt, r)
		}
	}()
	decode := decoderFor(data)
	if decode == nil {
		return nil, origin.Errorf("photo", "%w", ErrFormat)
	}
	im, err = decode(data, l)
	if err != nil {
		return nil, origin.Errorf("photo", "%w", err)
	}
	return im, nil
}

// decoderFor tells a format by its first bytes; nil where none fits.
func decoderFor(data []byte) func([]byte, Limits) (*Picture, error) {
	has := func(at int, magic string) bool {
		return len(data) >= at+len(magic) && string(data[at:at+len(magic)]) == magic
	}
	switch {
	case has(0, "\xff\xd8\xff"):
		return decodeJPEG
	case has(0, pngMagic):
		return decodePNG
	case has(0, "RIFF") && has(8, "WEBP"):
		return decodeWebP
	case has(0, "GIF87a"), has(0, "GIF89a"):
		return decodeGIF
	case has(0, "BM") && len(data) >= 14 && data[6]|data[7]|data[8]|data[9] == 0:
		return decodeBMP
	case prefixOf(data, "\xff\xd8\xff"), prefixOf(data, pngMagic), prefixOf(data, "GIF89a"),
		prefixOf(data, "GIF87a"),
		prefixOf(data, "RIFF"), has(0, "RIFF") && len(data) < 12, prefixOf(data, "BM"):
		return func([]byte, Limits) (*Picture, error) { return nil, ErrTruncated }
	}
	return nil
}

// prefixOf reports whether data is the beginning of magic, cut short.
func prefixOf(data []byte, magic string) bool {
	return len(data) < len(magic) && magic[:len(data)] == string(data)
}
