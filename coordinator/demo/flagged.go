package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // what a set holds
	_ "image/png"
	"os"
	"path"

	"github.com/facesieve/facesieve/coordinator/sheet"
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

// flagged is a sheet of flagged images, a row each, beside images of both labels.
type flagged struct {
	sheet *sheet.Sheet
	names map[string]string // people's names by label, where the set ships them
	read  func(identity, path string) ([]byte, error)
}

// DrawFlips draws flips into a JPEG file, a row each, beside pictures of both
// labels. It reads an image of the set by its label and its path; one that can't be
// read is left blank.
func DrawFlips(file string, e *Evidence, read func(identity, path string) ([]byte, error)) error {
	cell := sheetCell + 2*sheetFrame
	wide := (1+2*shownImages)*cell + 2*(shownImages-1)*sheetGap + 2*sheetGroup + 2*sheetMargin
	row := cell + 2*sheetLine + sheetGap
	f := &flagged{sheet.New(wide, 2*sheetMargin+sheetLine+len(e.Flips)*row, sheetPaper), e.Names, read}
	own := sheetMargin + cell + sheetGroup
	other := own + shownImages*cell + (shownImages-1)*sheetGap + sheetGroup
	f.sheet.Text(sheetMargin, sheetMargin, "flagged", frameWrong)
	f.sheet.Text(own, sheetMargin, "typical of its label", frameOwn)
	f.sheet.Text(other, sheetMargin, "most alike under the suggested label", frameOther)
	for i, v := range e.Flips {
		top := sheetMargin + sheetLine + sheetGap/2 + i*row
		under := top + cell + 2
		f.picture(sheetMargin, top, v.Identity, v.Embedding.Path, frameWrong)
		f.sheet.Text(sheetMargin, under, path.Base(v.Embedding.Path), sheetInk)
		f.group(own, top, v.Identity, e.Typical[v.Identity], frameOwn)
		f.sheet.Text(own, under, f.caption(v.Identity, v.Score), sheetInk)
		if v.OtherIdentity != nil {
			f.group(other, top, *v.OtherIdentity, v.EvidenceAgainst, frameOther)
			f.sheet.Text(other, under, f.caption(*v.OtherIdentity, v.OtherScore), sheetInk)
		}
	}
	data, err := f.sheet.JPEG(sheetBytes)
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}

// caption is a label, whose it is, and how alike the flagged image is.
func (f *flagged) caption(identity string, score *float32) string {
	text := schemas.EscapePath(identity)
	if name := f.names[identity]; name != "" && name != identity {
		text += " " + schemas.EscapePath(name)
	}
	if score != nil {
		text += fmt.Sprintf(", cosine %.2f", *score)
	}
	return text
}

// group draws the first images of a label beside each other.
func (f *flagged) group(x, y int, identity string, paths []string, frame color.Color) {
	for i, p := range paths[:min(len(paths), shownImages)] {
		f.picture(x+i*(sheetCell+2*sheetFrame+sheetGap), y, identity, p, frame)
	}
}

// picture draws an image of the set, its middle square, in a frame.
func (f *flagged) picture(x, y int, identity, name string, frame color.Color) {
	outer := image.Rect(x, y, x+sheetCell+2*sheetFrame, y+sheetCell+2*sheetFrame)
	f.sheet.Fill(outer, frame)
	inner := outer.Inset(sheetFrame)
	im, err := f.decode(identity, name)
	if err != nil {
		f.sheet.Fill(inner, sheetBlank)
		return
	}
	f.sheet.Crop(inner, im)
}

func (f *flagged) decode(identity, name string) (image.Image, error) {
	data, err := f.read(identity, name)
	if err != nil {
		return nil, err
	}
	im, _, err := image.Decode(bytes.NewReader(data))
	return im, err
}
