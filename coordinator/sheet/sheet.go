// Package sheet draws contact sheets: pictures in rows, with captions.
package sheet

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// Sheet is a picture that is drawn on. Coordinates are pixels from the upper left
// corner.
type Sheet struct{ picture *image.RGBA }

// New returns an empty sheet of the given size and colour.
func New(width, height int, paper color.Color) *Sheet {
	s := &Sheet{image.NewRGBA(image.Rect(0, 0, width, height))}
	s.Fill(s.picture.Bounds(), paper)
	return s
}

// Fill paints a rectangle in one colour.
func (s *Sheet) Fill(r image.Rectangle, c color.Color) {
	draw.Draw(s.picture, r, image.NewUniform(c), image.Point{}, draw.Src)
}

// Fit draws a whole picture into the middle of a square, as large as fits.
func (s *Sheet) Fit(square image.Rectangle, im image.Image) {
	b := im.Bounds()
	side, longer := square.Dx(), max(b.Dx(), b.Dy(), 1)
	size := image.Pt(b.Dx()*side/longer, b.Dy()*side/longer)
	from := square.Min.Add(image.Pt((side-size.X)/2, (side-size.Y)/2))
	draw.CatmullRom.Scale(s.picture, image.Rectangle{Min: from, Max: from.Add(size)}, im, b, draw.Over, nil)
}

// Crop fills a square with the middle square of a picture.
func (s *Sheet) Crop(square image.Rectangle, im image.Image) {
	b := im.Bounds()
	side := min(b.Dx(), b.Dy())
	from := image.Rect(0, 0, side, side).Add(b.Min).Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2))
	draw.CatmullRom.Scale(s.picture, square, im, from, draw.Src, nil)
}

// Text writes a line of plain Latin text whose upper left corner is at x, y.
func (s *Sheet) Text(x, y int, line string, ink color.Color) {
	face := basicfont.Face7x13
	d := font.Drawer{Dst: s.picture, Src: image.NewUniform(ink), Face: face, Dot: fixed.P(x, y+face.Ascent)}
	d.DrawString(line)
}

// PNG writes the sheet as PNG.
func (s *Sheet) PNG(w io.Writer) error {
	if err := png.Encode(w, s.picture); err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	return nil
}

// The qualities that JPEG tries.
const (
	bestQuality  = 92
	leastQuality = 50
	qualityStep  = 6
)

// JPEG returns the sheet as the best JPEG of at most limit bytes, or the smallest
// one where none is as small.
func (s *Sheet) JPEG(limit int) ([]byte, error) {
	for quality := bestQuality; ; quality -= qualityStep {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, s.picture, &jpeg.Options{Quality: quality}); err != nil {
			return nil, fmt.Errorf("sheet: %w", err)
		}
		if b.Len() <= limit || quality < leastQuality {
			return b.Bytes(), nil
		}
	}
}
