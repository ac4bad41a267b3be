package sheet

import (
	"image"
	"image/color"
)

// Row is a caption and the pictures below it.
type Row struct {
	Caption  string
	Pictures []image.Image
}

// Measures of a sheet of rows, pixels.
const (
	cell        = 128 // a picture's longer side
	gap         = 6
	captionHigh = 18
)

// OfRows returns a sheet of rows below each other, all pictures in one size.
func OfRows(rows []Row) *Sheet {
	columns := 1
	for _, r := range rows {
		columns = max(columns, len(r.Pictures))
	}
	s := New(gap+columns*(cell+gap), gap+len(rows)*(captionHigh+cell+gap), color.Gray{250})
	for i, r := range rows {
		y := gap + i*(captionHigh+cell+gap)
		s.Text(gap, y+2, r.Caption, color.Black)
		for k, im := range r.Pictures {
			from := image.Pt(gap+k*(cell+gap), y+captionHigh)
			s.Fit(image.Rectangle{Min: from, Max: from.Add(image.Pt(cell, cell))}, im)
		}
	}
	return s
}
