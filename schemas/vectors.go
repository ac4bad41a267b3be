package schemas

import (
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/facesieve/facesieve/internal/origin"
)

// vectorColumnName is the column that tells the dimension of a vectors object.
const vectorColumnName = "vector"

// WriteVectors writes the embeddings of one embed task, in the order of its
// rows. Vectors have dim elements, unit length (within 1 %) and are stored as
// float16; a row without an Error must have one, a row with an Error none.
func WriteVectors(w io.Writer, dim int, rows []Embedding) error {
	if dim < 1 || dim > MaxDim {
		return invalid("vectors of %d elements; want 1 to %d", dim, MaxDim)
	}
	for i := range rows {
		if err := rows[i].check(); err != nil {
			return origin.Errorf("schemas", "write vectors: row %d: %w", i, err)
		}
	}
	return vectorsTable(dim, selection{}).write(w, rows)
}

// selection says which of the large columns of a vectors object are read.
type selection struct{ vectors, thumbnails bool }

// ReadVectors reads a vectors object without its thumbnails. Each vector is scaled to
// unit length in float32 as RoundVector does, so that a run that computed a vector and
// one that read it hold the same bits.
func ReadVectors(r io.Reader) ([]Embedding, error) {
	return readVectors(r, selection{vectors: true})
}

// ReadVectorSums reads a vectors object without its vectors and thumbnails: hashes,
// sizes, faces and faults.
func ReadVectorSums(r io.Reader) ([]Embedding, error) { return readVectors(r, selection{}) }

// ReadThumbnails reads a vectors object with its thumbnails and without its vectors.
func ReadThumbnails(r io.Reader) ([]Embedding, error) {
	return readVectors(r, selection{thumbnails: true})
}

func readVectors(r io.Reader, want selection) ([]Embedding, error) {
	f, err := openFile(r)
	if err != nil {
		return nil, origin.Errorf("schemas", "read vectors: %w", err)
	}
	dim, err := listSize(f.Schema(), vectorColumnName)
	if err != nil {
		return nil, origin.Errorf("schemas", "read vectors: %w", err)
	}
	rows, err := vectorsTable(dim, want).readFile(f)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		if !want.vectors && rows[i].Error.Known() {
			continue
		}
		if err := rows[i].check(); err != nil {
			return nil, origin.Errorf("schemas", "read vectors: row %d: %w", i, err)
		}
	}
	return rows, nil
}

// listSize returns the length of the fixed-size lists of a column.
func listSize(s *arrow.Schema, name string) (int, error) {
	for _, f := range s.Fields() {
		if l, ok := f.Type.(*arrow.FixedSizeListType); ok && f.Name == name {
			if n := int(l.Len()); n >= 1 && n <= MaxDim {
				return n, nil
			}
		}
	}
	return 0, fmt.Errorf("%w: no column %q of 1 to %d numbers a row", ErrFormat, name, MaxDim)
}

func (e *Embedding) check() error {
	switch {
	case !e.Error.Known():
		return fmt.Errorf("%w: fault %.40q is not in the closed list", ErrFormat, string(e.Error))
	case e.Error == FaultNone && e.Vector == nil:
		return fmt.Errorf("%w: neither a vector nor a fault", ErrFormat)
	case e.Error != FaultNone && e.Vector != nil:
		return fmt.Errorf("%w: a vector and the fault %q", ErrFormat, string(e.Error))
	}
	return nil
}

// Faults returns the closed list of faults, FaultNone left out.
func Faults() []Fault {
	return []Fault{FaultMissing, FaultForbidden, FaultChanged, FaultEmpty, FaultFormat, FaultTruncated,
		FaultCorrupt, FaultTooLarge, FaultNoFace, FaultNotFinite, FaultLink}
}

// Known says whether f is FaultNone or in the closed list.
func (f Fault) Known() bool {
	for _, k := range Faults() {
		if f == k {
			return true
		}
	}
	return f == FaultNone
}

func vectorsTable(dim int, want selection) table[Embedding] {
	self := func(e *Embedding) *Embedding { return e }
	cols := []column[Embedding]{
		text("path", "", "path below the source's root, raw bytes", rawForm(),
			func(e *Embedding) *string { return &e.Path }),
	}
	cols = append(cols, imageColumns(self)...)
	cols = append(cols, faceColumns(self)...)
	cols = append(cols, errorColumn(self))
	cols = append(cols, hashColumns()...)
	vector := vectorColumn(vectorColumnName,
		"the face's vector before it is scaled to unit length; null where error is not empty", dim,
		func(e *Embedding) *[]float32 { return &e.Vector })
	if !want.vectors {
		vector.get = nil
	}
	for _, c := range append(thumbnailColumns(), vector) {
		if !want.thumbnails && c.field.Name != vectorColumnName {
			c.get = nil
		}
		cols = append(cols, c)
	}
	return table[Embedding]{name: "vectors 3", columns: cols}
}
