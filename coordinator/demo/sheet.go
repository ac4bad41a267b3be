package demo

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // a set may hold some
	"os"
	"path"
	"path/filepath"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"github.com/facesieve/facesieve/schemas"
)

// The sheet's measures, in pixels.
const (
	sheetCell   = 112 // side of a picture
	sheetFrame  = 4   // around it
	sheetGap    = 8   // between pictures
	sheetGroup  = 30  // between groups of pictures
	sheetMargin = 14
	sheetLine   = 17 // of text
	sheetShown  = 3  // pictures of evidence in a group
	sheetBytes  = 150_000
)

var (
	sheetPaper = color.RGBA{255, 255, 255, 255}
	sheetInk   = color.RGBA{40, 40, 40, 255}
	sheetBlank = color.RGBA{225, 225, 225, 255}
	frameWrong = color.RGBA{203, 45, 45, 255}   // the flagged image
	frameOwn   = color.RGBA{120, 120, 120, 255} // images of its label
	frameOther = color.RGBA{34, 139, 84, 255}   // images of whom it looks like
)

// sheet is a picture of flagged images, a row each, beside images of both labels.
type sheet struct {
	*image.RGBA
	faces string            // folder that paths are relative to
	names map[string]string // people's names by label, where the set ships them
}

// DrawFlips draws flips into a JPEG file, a row each, beside pictures of both labels
// from the folder faces. A picture that can't be read is left blank.
func DrawFlips(file, faces string, flips []schemas.Verdict, r *Report) error {
	step := sheetCell + 2*sheetFrame
	wide := (1+2*sheetShown)*step + 2*(sheetShown-1)*sheetGap + 2*sheetGroup + 2*sheetMargin
	row := step + 2*sheetLine + sheetGap
	s := &sheet{image.NewRGBA(image.Rect(0, 0, wide, 2*sheetMargin+sheetLine+len(flips)*row)), faces, r.names()}
	draw.Draw(s, s.Bounds(), image.NewUniform(sheetPaper), image.Point{}, draw.Src)
	own := sheetMargin + step + sheetGroup
	other := own + sheetShown*step + (sheetShown-1)*sheetGap + sheetGroup
	top := sheetMargin
	s.text(sheetMargin, top, "flagged", frameWrong)
	s.text(own, top, "typical of its label", frameOwn)
	s.text(other, top, "most alike under the suggested label", frameOther)
	for i, v := range flips {
		top := sheetMargin + sheetLine + sheetGap/2 + i*row
		s.picture(sheetMargin, top, v.Path, frameWrong)
		s.group(own, top, r.typical(v.Identity, sheetShown), frameOwn)
		s.group(other, top, v.EvidenceAgainst, frameOther)
		under := top + step + 2
		s.text(sheetMargin, under, path.Base(v.Path), sheetInk)
		s.text(own, under, s.label(v.Identity, v.Score), sheetInk)
		if v.OtherIdentity != nil {
			s.text(other, under, s.label(*v.OtherIdentity, v.OtherScore), sheetInk)
		}
	}
	data, err := s.encode()
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}

// encode gives the best JPEG that is small enough for a page.
func (s *sheet) encode() ([]byte, error) {
	for quality := 92; ; quality -= 6 {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, s, &jpeg.Options{Quality: quality}); err != nil {
			return nil, err
		}
		if b.Len() <= sheetBytes || quality < 50 {
			return b.Bytes(), nil
		}
	}
}

// label is a caption: the label, whose it is, and how alike the flagged image is.
func (s *sheet) label(identity string, score *float32) string {
	text := schemas.EscapePath(identity)
	if name := s.names[identity]; name != "" && name != identity {
		text += " " + schemas.EscapePath(name)
	}
	if score != nil {
		text += fmt.Sprintf(", cosine %.2f", *score)
	}
	return text
}

func (s *sheet) group(x, y int, paths []string, frame color.Color) {
	for i, p := range paths[:min(len(paths), sheetShown)] {
		s.picture(x+i*(sheetCell+2*sheetFrame+sheetGap), y, p, frame)
	}
}

// picture draws an image of the set, its middle square, in a frame.
func (s *sheet) picture(x, y int, name string, frame color.Color) {
	outer := image.Rect(x, y, x+sheetCell+2*sheetFrame, y+sheetCell+2*sheetFrame)
	draw.Draw(s, outer, image.NewUniform(frame), image.Point{}, draw.Src)
	inner := outer.Inset(sheetFrame)
	im, err := decodeFile(filepath.Join(s.faces, filepath.FromSlash(name)))
	if err != nil {
		draw.Draw(s, inner, image.NewUniform(sheetBlank), image.Point{}, draw.Src)
		return
	}
	b := im.Bounds()
	side := min(b.Dx(), b.Dy())
	from := image.Rect(0, 0, side, side).Add(b.Min).Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2))
	draw.CatmullRom.Scale(s, inner, im, from, draw.Src, nil)
}

func decodeFile(name string) (im image.Image, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	im, _, err = image.Decode(f)
	return im, err
}

// text writes a line whose top left corner is at x, y.
func (s *sheet) text(x, y int, line string, ink color.Color) {
	face := basicfont.Face7x13
	d := font.Drawer{Dst: s, Src: image.NewUniform(ink), Face: face, Dot: fixed.P(x, y+face.Ascent)}
	d.DrawString(line)
}
