package schemas

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

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
	return vectorsTable(dim, true).write(w, rows)
}

// ReadVectors reads a vectors object. Each vector is scaled to unit length in
// float32 as RoundVector does, so that a run that computed a vector and one that
// read it hold the same bits.
func ReadVectors(r io.Reader) ([]Embedding, error) { return readVectors(r, true) }

// ReadVectorSums reads a vectors object without its vectors: hashes, sizes, faces and
// faults.
func ReadVectorSums(r io.Reader) ([]Embedding, error) { return readVectors(r, false) }

func readVectors(r io.Reader, vectors bool) ([]Embedding, error) {
	f, err := openFile(r)
	if err != nil {
		return nil, origin.Errorf("schemas", "read vectors: %w", err)
	}
	dim, err := listSize(f.Schema(), vectorColumnName)
	if err != nil {
		return nil, origin.Errorf("schemas", "read vectors: %w", err)
	}
	rows, err := vectorsTable(dim, vectors).readFile(f)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		if !vectors && rows[i].Error.Known() {
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

func vectorsTable(dim int, vectors bool) table[Embedding] {
	self := func(e *Embedding) *Embedding { return e }
	cols := []column[Embedding]{
		text("path", "", "path below the source's root, raw bytes", rawForm(),
			func(e *Embedding) *string { return &e.Path }),
	}
	cols = append(cols, imageColumns(self)...)
	cols = append(cols, faceColumns(self)...)
	cols = append(cols, errorColumn(self))
	vector := vectorColumn(vectorColumnName,
		"the face's vector before it is scaled to unit length; null where error is not empty", dim,
		func(e *Embedding) *[]float32 { return &e.Vector })
	if !vectors {
		vector.get = nil
	}
	return table[Embedding]{name: "vectors 1", columns: append(cols, vector)}
}

// imageColumns are sha256, width and height.
func imageColumns[T any](of func(*T) *Embedding) []column[T] {
	return []column[T]{
		maybeText("sha256", "",
			"SHA-256 of the image's bytes, lower-case hex; null where they could not be read", textForm(),
			func(v *T) *string {
				e := of(v)
				if !e.Hashed {
					return nil
				}
				s := hex.EncodeToString(e.SHA256[:])
				return &s
			},
			func(v *T, s *string) error {
				e := of(v)
				if s == nil {
					return nil
				}
				e.Hashed = true
				if len(*s) != 64 || strings.ToLower(*s) != *s {
					return errors.New("not 64 lower-case hex digits")
				}
				_, err := hex.Decode(e.SHA256[:], []byte(*s))
				return err
			}),
		count("width", "px", "width of the upright image; null where unknown",
			func(v *T) *int32 { return &of(v).Width }, func(v *T) bool { return of(v).Width == 0 }, 0),
		count("height", "px", "height of the upright image; null where unknown",
			func(v *T) *int32 { return &of(v).Height }, func(v *T) bool { return of(v).Height == 0 }, 0),
	}
}

// faceColumns are faces, box, landmarks and det_score. A box, landmarks or width
// of zero is unknown.
func faceColumns[T any](of func(*T) *Embedding) []column[T] {
	noBox := func(v *T) bool { return of(v).Box == [4]float32{} }
	return []column[T]{
		count("faces", "faces", "number of faces found; null where no detector ran",
			func(v *T) *int32 { return &of(v).Faces },
			func(v *T) bool { e := of(v); return e.Faces < 0 || e.Width == 0 }, -1),
		floats("box", "px",
			"x, y, width, height of the chosen face in the upright image; null where no detector gave it", 4,
			func(v *T) []float32 {
				if noBox(v) {
					return nil
				}
				return of(v).Box[:]
			},
			func(v *T, x []float32) { of(v).Box = [4]float32(x) }),
		floats("landmarks", "px",
			"x, y of left eye, right eye, nose, left and right mouth corner in the upright image; "+
				"null where none were used", 10,
			func(v *T) []float32 {
				if of(v).Landmarks == [10]float32{} {
					return nil
				}
				return of(v).Landmarks[:]
			},
			func(v *T, x []float32) { of(v).Landmarks = [10]float32(x) }),
		maybeFloat("det_score", "0..1", "the detector's score of the chosen face; null where box is", true,
			func(v *T) *float32 {
				if noBox(v) {
					return nil
				}
				return &of(v).DetScore
			},
			func(v *T, x *float32) { of(v).DetScore = *x }),
	}
}

func errorColumn[T any](of func(*T) *Embedding) column[T] {
	return text("error", "",
		"why the image has no vector, one of the closed list of faults; empty: it has one", textForm(),
		func(v *T) *string { return (*string)(&of(v).Error) })
}
