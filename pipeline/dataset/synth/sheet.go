package synth

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

// Row is a row of a contact sheet: a line of plain Latin text and the pictures
// below it.
type Row struct {
	Caption  string
	Pictures []image.Image
}

// Measures of a contact sheet, pixels.
const (
	cell        = 128 // a picture's longer side
	gap         = 6
	captionHigh = 18
)

// Sheet writes a contact sheet as PNG: a row below the other, pictures scaled to
// one size.
func Sheet(w io.Writer, rows []Row) error {
	columns := 1
	for _, r := range rows {
		columns = max(columns, len(r.Pictures))
	}
	sheet := image.NewRGBA(image.Rect(0, 0, gap+columns*(cell+gap), gap+len(rows)*(captionHigh+cell+gap)))
	draw.Draw(sheet, sheet.Bounds(), image.NewUniform(color.Gray{250}), image.Point{}, draw.Src)
	for i, r := range rows {
		y := gap + i*(captionHigh+cell+gap)
		d := font.Drawer{Dst: sheet, Src: image.Black, Face: basicfont.Face7x13, Dot: fixed.P(gap, y+captionHigh-5)}
		d.DrawString(r.Caption)
		for k, im := range r.Pictures {
			b := im.Bounds()
			longer := max(b.Dx(), b.Dy(), 1)
			size := image.Pt(b.Dx()*cell/longer, b.Dy()*cell/longer)
			from := image.Pt(gap+k*(cell+gap)+(cell-size.X)/2, y+captionHigh+(cell-size.Y)/2)
			draw.CatmullRom.Scale(sheet, image.Rectangle{Min: from, Max: from.Add(size)}, im, b, draw.Over, nil)
		}
	}
	if err := png.Encode(w, sheet); err != nil {
		return fmt.Errorf("synth: sheet: %w", err)
	}
	return nil
}

// Example draws rows for a contact sheet of a set, one an identity: the first
// family of siblings, then others, with their first right images.
func Example(o Options, identities, images int) ([]Row, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	p, err := newPlan(o)
	if err != nil {
		return nil, fmt.Errorf("synth: %w", err)
	}
	var rows []Row
	for _, i := range p.examples(identities) {
		l := p.labels[i]
		row := Row{Caption: fmt.Sprintf("%s  %s", identity(i), l.name)}
		if l.family != nil {
			row.Caption += ", of a family of " + fmt.Sprint(len(l.family))
		}
		for image := 0; image < l.images && len(row.Pictures) < images; image++ {
			if _, wrong := l.faults[image]; wrong {
				continue
			}
			c, err := p.setPicture(imageIndex{i, image})
			if err != nil {
				return nil, fmt.Errorf("synth: %w", err)
			}
			im, err := jpeg.Decode(bytes.NewReader(c.data))
			if err != nil {
				return nil, fmt.Errorf("synth: decode a drawn picture: %w", err)
			}
			row.Pictures = append(row.Pictures, im)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// examples returns n labels, those of the first family first.
func (p *plan) examples(n int) []int {
	var out []int
	for _, l := range p.labels {
		if l.family != nil {
			out = append(out, l.family...)
			break
		}
	}
	for i, l := range p.labels {
		if l.family == nil {
			out = append(out, i)
		}
	}
	return out[:min(n, len(out))]
}
