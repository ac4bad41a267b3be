package schemas

import (
	"io"

	"github.com/facesieve/facesieve/internal/origin"
)

// Doubt is an image of a shard of the set that is looked at again: one row of a
// DoubtfulObject and of a DoubtObject.
type Doubt struct {
	Row int32 // row of the shard, from 0
	// P is the probability that its label is wrong, after the first look; nil where that
	// can't be said: no face was found, or the label has no other image.
	P *float32
}

// WriteDoubts writes the table of a DoubtfulObject, in order.
func WriteDoubts(w io.Writer, rows []Doubt) error { return doubtTable().write(w, rows) }

// ReadDoubts reads the table of a DoubtfulObject. Rows ascend.
func ReadDoubts(r io.Reader) ([]Doubt, error) {
	rows, err := doubtTable().read(r)
	last := int32(-1)
	for i := range rows {
		if err == nil && rows[i].Row <= last {
			err = origin.Errorf("schemas", "read doubts: %w: row %d stands behind row %d", ErrFormat, rows[i].Row, last)
		}
		last = rows[i].Row
	}
	return rows, err
}

func doubtTable() table[Doubt] {
	return table[Doubt]{name: "doubt 1", columns: []column[Doubt]{
		count("row", "row", "row of the shard's rows, from 0", func(v *Doubt) *int32 { return &v.Row }, nil, 0),
		floatPointer("p_noise", "0..1",
			"probability that the label is wrong, after the first look; null where that can't be said",
			func(v *Doubt) **float32 { return &v.P }),
	}}
}
