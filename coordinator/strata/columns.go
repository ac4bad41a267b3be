// Package strata groups the images of a report, by a column of its images table or by
// what a table of attributes says of them, and says what each group loses with the
// flagged images.
package strata

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/cluster/facequality"
	"github.com/facesieve/facesieve/pipeline/diversity"
	"github.com/facesieve/facesieve/schemas"
)

// Size groups images by the usable images of their label.
const Size = "size"

// Column is what images are grouped by: text, or a number in bands.
type Column struct {
	Name   string
	text   func(v *schemas.Verdict) string
	number func(v *schemas.Verdict, usable int32) *float32
	edges  []float64 // of bands; nil: quarters of the images
}

// Value is what an image is grouped by: a name or, where that is empty, a number.
type Value struct {
	Name   string
	Number float64
}

// Columns returns all that images can be grouped by.
func Columns() []Column {
	all := []Column{{Name: Size, edges: diversity.SizeEdges(),
		number: func(_ *schemas.Verdict, usable int32) *float32 { return new(float32(usable)) }}}
	all = append(all, faceColumns()...)
	ofVerdict := func(get func(v *schemas.Verdict) *float32) func(*schemas.Verdict, int32) *float32 {
		return func(v *schemas.Verdict, _ int32) *float32 { return get(v) }
	}
	return append(all,
		Column{Name: "quality", edges: diversity.QualityEdges(), number: ofVerdict(func(v *schemas.Verdict) *float32 { return v.Quality })},
		Column{Name: "score", number: ofVerdict(func(v *schemas.Verdict) *float32 { return v.Score })},
		Column{Name: "other_score", number: ofVerdict(func(v *schemas.Verdict) *float32 { return v.OtherScore })},
		Column{Name: "p_suggested", number: ofVerdict(func(v *schemas.Verdict) *float32 { return v.PSuggested })},
		Column{Name: "identity", text: func(v *schemas.Verdict) string { return schemas.EscapePath(v.Identity) }},
		Column{Name: "type", text: func(v *schemas.Verdict) string { return string(v.Type) }},
		Column{Name: "decision", text: func(v *schemas.Verdict) string { return string(v.Decision) }},
	)
}

// faceColumns are the columns about image and face.
func faceColumns() []Column {
	e := func(get func(*schemas.Embedding) (x float32, known bool)) func(*schemas.Verdict, int32) *float32 {
		return func(v *schemas.Verdict, _ int32) *float32 {
			if x, known := get(&v.Embedding); known {
				return &x
			}
			return nil
		}
	}
	return []Column{
		{Name: "det_score", edges: []float64{.7, .8, .85, .9},
			number: e(func(x *schemas.Embedding) (float32, bool) { return x.DetScore, x.HasDetScore })},
		{Name: "length", number: e(func(x *schemas.Embedding) (float32, bool) { return x.Length, x.Length > 0 })},
		{Name: "sharpness", edges: diversity.SharpnessEdges(), number: e(func(x *schemas.Embedding) (float32, bool) { return x.Sharpness, x.Sharpness > 0 })},
		{Name: "pose", text: func(v *schemas.Verdict) string { return diversity.Pose(&v.Embedding) }},
		{Name: "eye_distance", edges: diversity.EyeDistanceEdges(), number: e(func(x *schemas.Embedding) (float32, bool) {
			d, known := facequality.EyeDistance(&x.Landmarks)
			return float32(d), known
		})},
		{Name: "width", number: e(func(x *schemas.Embedding) (float32, bool) { return float32(x.Width), x.Width > 0 })},
		{Name: "height", number: e(func(x *schemas.Embedding) (float32, bool) { return float32(x.Height), x.Height > 0 })},
		{Name: "faces", edges: []float64{1, 2, 3},
			number: e(func(x *schemas.Embedding) (float32, bool) { return float32(x.Faces), x.Faces >= 0 })},
	}
}

// ColumnError means that images can't be grouped by a column.
type ColumnError struct{ Name string }

// Error returns which columns there are.
func (e *ColumnError) Error() string {
	var names []string
	for _, c := range Columns() {
		names = append(names, c.Name)
	}
	return fmt.Sprintf("no column %.40q: one of %s", e.Name, strings.Join(names, ", "))
}

// Find returns the column of a name, Size where it is empty. The error is a ColumnError.
func Find(name string) (Column, error) {
	name = cmp.Or(name, Size)
	for _, c := range Columns() {
		if c.Name == name {
			return c, nil
		}
	}
	return Column{}, &ColumnError{name}
}

// Of returns what an image is grouped by; usable is the number of usable images of its
// label.
func (c Column) Of(v *schemas.Verdict, usable int32) Value {
	if c.text != nil {
		return Value{Name: c.text(v)}
	}
	if x := c.number(v, usable); x != nil {
		return Value{Number: float64(*x)}
	}
	return Value{Name: schemas.StratumUnknown}
}

// Edges returns where bands of the column's numbers begin: fixed ones or, where it has
// none, the quarters of the values. A column of text has none.
func (c Column) Edges(values []Value) []float64 {
	if c.edges != nil || c.text != nil {
		return c.edges
	}
	return quarters(values)
}

// Stratum returns the stratum of a value, and its position among the bands: of names 0, of
// what is unknown after all bands.
func (x Value) Stratum(edges []float64) (name string, position int) {
	switch x.Name {
	case "":
		i, _ := slices.BinarySearchFunc(edges, x.Number, func(e, x float64) int {
			if e <= x {
				return -1
			}
			return 1
		})
		return diversity.BandName(edges, i), i
	case schemas.StratumUnknown:
		return x.Name, len(edges) + 1
	}
	return x.Name, 0
}

// quarters returns the numbers at which a quarter of the values begins.
func quarters(values []Value) (edges []float64) {
	var sorted []float64
	for _, x := range values {
		if x.Name == "" {
			sorted = append(sorted, x.Number)
		}
	}
	slices.Sort(sorted)
	for k := 1; k < 4 && len(sorted) > 0; k++ {
		edges = append(edges, sorted[k*len(sorted)/4])
	}
	return slices.Compact(edges)
}
