package photo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/webp"
)

const pngMagic = "\x89PNG\r\n\x1a\n"

// decodePNG reads every PNG; one with an eXIf chunk is turned upright.
func decodePNG(data []byte, l Limits) (*Picture, error) {
	c, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fault(err)
	}
	// At most 16-bit RGBA twice (an interlaced file's pass beside the whole).
	cost := 4.0*1.5 + 3
	if len(data) > 24 && data[24] == 16 {
		cost = 8*1.5 + 3
	}
	release, err := l.admit(c.Width, c.Height, cost)
	if err != nil {
		return nil, err
	}
	defer release()
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fault(err)
	}
	return upright(toRGB(m), orientation(pngExif(data))), nil
}

// pngExif returns the body of the first eXIf chunk, nil without one.
func pngExif(data []byte) []byte {
	for at := int64(len(pngMagic)); at+8 <= int64(len(data)); {
		size := int64(binary.BigEndian.Uint32(data[at:]))
		body := at + 8
		if body+size > int64(len(data)) {
			return nil
		}
		if string(data[at+4:at+8]) == "eXIf" {
			return data[body : body+size]
		}
		at = body + size + 4
	}
	return nil
}

// decodeWebP reads lossy, lossless and alpha WebP, not animations.
func decodeWebP(data []byte, l Limits) (*Picture, error) {
	c, err := webp.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fault(err)
	}
	// The canvas of the extended form and the frame inside it each have a
	// size, and the decoder allocates by the frame's.
	w, h, tiff := webpChunks(data)
	w, h = max(w, c.Width), max(h, c.Height)
	release, err := l.admit(w, h, 2*4+3)
	if err != nil {
		return nil, err
	}
	defer release()
	m, err := webp.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fault(err)
	}
	return upright(webpRGB(m), orientation(tiff)), nil
}

// webpRGB converts a lossy picture, whose planes have video range, which
// image.YCbCr can't say, and lays it on white where it has alpha.
func webpRGB(m image.Image) *Picture {
	planes, ok := m.(*image.YCbCr)
	alpha, soft := m.(*image.NYCbCrA)
	switch {
	case soft:
		planes = &alpha.YCbCr
	case !ok:
		return toRGB(m)
	}
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	im := &Picture{Width: w, Height: h, Pix: make([]uint8, 3*w*h)}
	ycbcrRows(im, planes, videoRange())
	for y := 0; soft && y < h; y++ {
		row := im.Pix[3*y*w : 3*(y+1)*w]
		for i, a := range alpha.A[y*alpha.AStride : y*alpha.AStride+w] {
			for c := range 3 {
				row[3*i+c] = onWhite8(row[3*i+c], a)
			}
		}
	}
	return im
}

// webpChunks returns the greatest frame size that the chunks' headers declare
// and the EXIF chunk's TIFF structure.
func webpChunks(data []byte) (w, h int, tiff []byte) {
	for at := int64(12); at+8 <= int64(len(data)); {
		size := int64(binary.LittleEndian.Uint32(data[at+4:]))
		body := data[at+8 : min(at+8+size, int64(len(data)))]
		switch string(data[at : at+4]) {
		case "VP8 ":
			if len(body) >= 10 {
				w = max(w, int(binary.LittleEndian.Uint16(body[6:])&0x3fff))
				h = max(h, int(binary.LittleEndian.Uint16(body[8:])&0x3fff))
			}
		case "VP8L":
			if len(body) >= 5 {
				b := binary.LittleEndian.Uint32(body[1:])
				w, h = max(w, int(b&0x3fff)+1), max(h, int(b>>14&0x3fff)+1)
			}
		case "EXIF":
			tiff = bytes.TrimPrefix(body, []byte(exifMagic))
		}
		at += 8 + size + size&1
	}
	return w, h, tiff
}

// decodeBMP reads what golang.org/x/image/bmp does: 8-bit palette, 24 and 32
// bits, not compressed.
func decodeBMP(data []byte, l Limits) (*Picture, error) {
	c, err := bmp.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fault(err)
	}
	release, err := l.admit(c.Width, c.Height, 4+3)
	if err != nil {
		return nil, err
	}
	defer release()
	m, err := bmp.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fault(err)
	}
	return toRGB(m), nil
}

// decodeGIF reads the first frame and lays it on the file's canvas. What
// follows that frame is not looked at.
func decodeGIF(data []byte, l Limits) (*Picture, error) {
	c, err := gif.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fault(err)
	}
	release, err := l.admit(c.Width, c.Height, 2+3)
	if err != nil {
		return nil, err
	}
	defer release()
	m, err := gif.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fault(err)
	}
	frame := toRGB(m)
	if m.Bounds() == image.Rect(0, 0, c.Width, c.Height) {
		return frame, nil
	}
	canvas := &Picture{Width: c.Width, Height: c.Height, Pix: bytes.Repeat([]byte{0xff}, 3*c.Width*c.Height)}
	at := m.Bounds().Min
	for y := range frame.Height {
		to := canvas.Pix[3*((at.Y+y)*c.Width+at.X):]
		copy(to[:3*frame.Width], frame.Pix[3*y*frame.Width:])
	}
	return canvas, nil
}

// fault sorts a decoder's error into this package's kinds. An end of the data
// is told by the io errors; where a decoder hides them, by its words.
func fault(err error) error {
	text := err.Error()
	var unsupported png.UnsupportedError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		strings.Contains(text, "unexpected EOF"), strings.Contains(text, "not enough"),
		strings.Contains(text, "short chunk"):
		return fmt.Errorf("%w: %w", ErrTruncated, err)
	case errors.As(err, &unsupported), errors.Is(err, bmp.ErrUnsupported), strings.Contains(text, "unsupported"),
		strings.Contains(text, "not implemented"):
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, err)
}
