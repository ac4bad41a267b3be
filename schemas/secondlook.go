package schemas

import (
	"encoding/hex"
	"fmt"
	"io"
	"slices"

	"github.com/facesieve/facesieve/internal/origin"
)

// SecondLook is what looking at an image again gave.
type SecondLook struct {
	Path   string   // raw bytes
	SHA256 [32]byte // of the bytes that were looked at; all zero where they could not be read
	// Error is FaultChanged where the bytes are not those of the first look, FaultNoFace
	// where no face was found, or what kept the image from being read.
	Error Fault
	Faces []LookedFace // by the rank of their views, then by score, best first; at most MaxFaces
}

// MaxFaces is the number of faces of one image that a second look gives at most.
const MaxFaces = 8

// LookedFace is a face that a second look found, and its vector.
type LookedFace struct {
	View      View       // of the picture, in which it was found
	Box       [4]float32 // x, y, w, h in pixels of the upright image
	Landmarks [10]float32
	DetScore  float32
	Length    float32   // as Embedding.Length
	Vector    []float32 // unit length (RoundVector)
}

// View says how a picture was laid before the detector: turned, scaled, cut.
type View string

// The views of a picture.
const (
	// ViewLevel is the face that the first look chose, turned so that its eyes are level,
	// half as wide as the detector's input.
	ViewLevel     View = "level"
	ViewWhole     View = "whole"      // the picture as the first look had it
	ViewPadded    View = "padded"     // at half that size, in the middle
	ViewTurned90  View = "turned-90"  // turned clockwise
	ViewTurned180 View = "turned-180" // upside down
	ViewTurned270 View = "turned-270" // turned anticlockwise
	ViewTile      View = "tile"       // a part of the picture at twice that size
)

// Views returns the views of a picture by rank: a face of the first look comes before
// all others.
func Views() []View {
	return []View{ViewLevel, ViewWhole, ViewPadded, ViewTurned90, ViewTurned180, ViewTurned270, ViewTile}
}

// Known says whether v is one of Views.
func (v View) Known() bool { return slices.Contains(Views(), v) }

// Rank returns the position of a view in Views, from 0; what is not one of them comes
// after all.
func (v View) Rank() int {
	if i := slices.Index(Views(), v); i >= 0 {
		return i
	}
	return len(Views())
}

// lookRow is a face as the table holds it; an image without one has a row without a
// vector.
type lookRow struct {
	path   string
	sha256 [32]byte
	fault  Fault
	face   LookedFace
}

// WriteSecondLooks writes second looks, in order, no two of one path beside each other.
// Vectors have dim elements and are written as WriteVectors does.
func WriteSecondLooks(w io.Writer, dim int, looks []SecondLook) error {
	if dim < 1 || dim > MaxDim {
		return invalid("vectors of %d elements; want 1 to %d", dim, MaxDim)
	}
	var rows []lookRow
	for i := range looks {
		l := &looks[i]
		if err := l.check(); err != nil {
			return origin.Errorf("schemas", "write second looks: image %d: %w", i, err)
		}
		if i > 0 && looks[i-1].Path == l.Path {
			return invalid("two second looks at %.200q", l.Path)
		}
		row := lookRow{path: l.Path, sha256: l.SHA256, fault: l.Error}
		if len(l.Faces) == 0 {
			rows = append(rows, row)
		}
		for _, row.face = range l.Faces {
			rows = append(rows, row)
		}
	}
	return secondLookTable(dim).write(w, rows)
}

// ReadSecondLooks reads second looks as WriteSecondLooks wrote them. Vectors come back
// to the bit.
func ReadSecondLooks(r io.Reader) ([]SecondLook, error) {
	f, err := openFile(r)
	if err != nil {
		return nil, origin.Errorf("schemas", "read second looks: %w", err)
	}
	dim, err := listSize(f.Schema(), vectorColumnName)
	if err != nil {
		return nil, origin.Errorf("schemas", "read second looks: %w", err)
	}
	rows, err := secondLookTable(dim).readFile(f)
	if err != nil {
		return nil, err
	}
	looks, err := joinLooks(rows)
	if err != nil {
		return nil, origin.Errorf("schemas", "read second looks: %w", err)
	}
	return looks, nil
}

// joinLooks brings the rows of each image together.
func joinLooks(rows []lookRow) ([]SecondLook, error) {
	var looks []SecondLook
	for i, row := range rows {
		last := len(looks) - 1
		switch {
		case i == 0 || row.path != looks[last].Path:
			looks = append(looks, SecondLook{Path: row.path, SHA256: row.sha256, Error: row.fault})
			last++
		case row.sha256 != looks[last].SHA256 || row.fault != looks[last].Error ||
			len(looks[last].Faces) == 0 || row.face.View == "":
			return nil, fmt.Errorf("%w: row %d contradicts the one before it", ErrFormat, i)
		}
		if row.face.Vector != nil || row.face.View != "" {
			looks[last].Faces = append(looks[last].Faces, row.face)
		}
	}
	for i := range looks {
		if err := looks[i].check(); err != nil {
			return nil, fmt.Errorf("image %d: %w", i, err)
		}
	}
	return looks, nil
}

func (l *SecondLook) check() error {
	switch {
	case !l.Error.Known():
		return fmt.Errorf("%w: fault %.40q is not in the closed list", ErrFormat, string(l.Error))
	case l.Error != FaultNone && len(l.Faces) > 0:
		return fmt.Errorf("%w: faces and the fault %q", ErrFormat, string(l.Error))
	case len(l.Faces) > MaxFaces:
		return fmt.Errorf("%w: %d faces; want %d at most", ErrFormat, len(l.Faces), MaxFaces)
	}
	for k, f := range l.Faces {
		if !f.View.Known() || f.Vector == nil {
			return fmt.Errorf("%w: face %d has no vector, or the unknown view %.40q", ErrFormat, k, string(f.View))
		}
		if k > 0 && f.View.Rank() < l.Faces[k-1].View.Rank() {
			return fmt.Errorf("%w: face %d stands behind one of a lower rank", ErrFormat, k)
		}
	}
	return nil
}

func secondLookTable(dim int) table[lookRow] {
	known := func(v *lookRow) bool { return v.face.Vector != nil }
	maybe := func(name, unit, meaning string, at func(*lookRow) *float32) column[lookRow] {
		return maybeFloat(name, unit, meaning, true,
			func(v *lookRow) *float32 {
				if !known(v) {
					return nil
				}
				return at(v)
			},
			func(v *lookRow, x *float32) { *at(v) = *x })
	}
	list := func(name, meaning string, n int, at func(*lookRow) []float32) column[lookRow] {
		return floats(name, "px", meaning, n,
			func(v *lookRow) []float32 {
				if !known(v) {
					return nil
				}
				return at(v)
			},
			func(v *lookRow, x []float32) { copy(at(v), x) })
	}
	return table[lookRow]{name: "second look 1", columns: []column[lookRow]{
		text("path", "", "path below the source's root, raw bytes", rawForm(),
			func(v *lookRow) *string { return &v.path }),
		digest("sha256", "SHA-256 of the bytes that were looked at, lower-case hex; null where they could not be read",
			func(v *lookRow) *[32]byte { return &v.sha256 }),
		text("error", "", "why there is no face, one of the closed list of faults; empty: there is one, or no detector ran",
			textForm(), func(v *lookRow) *string { return (*string)(&v.fault) }),
		word("view", "in which the face was found, one of the closed list of views; empty: no face", true,
			func(v *lookRow) *View { return &v.face.View }),
		list("box", "x, y, width, height of the face in the upright image; null: no face", 4,
			func(v *lookRow) []float32 { return v.face.Box[:] }),
		list("landmarks", "x, y of left eye, right eye, nose, left and right mouth corner in the upright image; null: no face",
			10, func(v *lookRow) []float32 { return v.face.Landmarks[:] }),
		maybe("det_score", "0..1", "the detector's score of the face; null: no face",
			func(v *lookRow) *float32 { return &v.face.DetScore }),
		maybe("length", "", "Euclidean norm of the face's vector before it was scaled to 1; null: no face",
			func(v *lookRow) *float32 { return &v.face.Length }),
		vectorColumn(vectorColumnName, "the face's vector before it is scaled to unit length; null: no face", dim,
			func(v *lookRow) *[]float32 { return &v.face.Vector }),
	}}
}

// digest is a column of SHA-256 sums, null where the sum is all zero.
func digest[T any](name, meaning string, at func(*T) *[32]byte) column[T] {
	return maybeText(name, "", meaning, textForm(),
		func(v *T) *string {
			if *at(v) == [32]byte{} {
				return nil
			}
			s := hex.EncodeToString(at(v)[:])
			return &s
		},
		func(v *T, s *string) error {
			if s == nil {
				return nil
			}
			return readDigest(at(v), *s)
		})
}
