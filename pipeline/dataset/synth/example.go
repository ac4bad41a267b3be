package synth

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"

	"github.com/facesieve/facesieve/internal/origin"
)

// Row is an identity on a contact sheet: a line of plain Latin text, and pictures.
type Row struct {
	Caption  string
	Pictures []image.Image
}

// Example draws rows for a contact sheet of a set, one an identity: the first
// family of siblings, then others, with their first right images.
func Example(o Options, identities, images int) ([]Row, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	p, err := newPlan(o)
	if err != nil {
		return nil, origin.Errorf("synth", "%w", err)
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
				return nil, origin.Errorf("synth", "%w", err)
			}
			im, err := jpeg.Decode(bytes.NewReader(c.data))
			if err != nil {
				return nil, origin.Errorf("synth", "decode a drawn picture: %w", err)
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
