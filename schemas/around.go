package schemas

import (
	"io"

	"github.com/facesieve/facesieve/internal/origin"
)

// Nearest is a usable image of a shard of the set beside the set's identities, which
// are numbered as they stand in the aggregate table, from 0: one row of a NearestObject.
type Nearest struct {
	Row      int32    // row of the shard, from 0
	Identity int32    // that of the image's label, a person's relabelling applied
	Own      *float32 // leave-one-out cosine to the trimmed centroid of Identity; nil where the image is alone
	// OwnCosines are those to the most similar other images of Identity, best first.
	OwnCosines []float32
	// OwnPositions are those of these images in the set's order of all images, from 0; -1: a
	// person moved the image to Identity.
	OwnPositions []int64
	// Identities are the others with the nearest trimmed centroids, nearest first, and
	// Cosines those to them.
	Identities []int32
	Cosines    []float32
}

// WriteNearest writes the table of a NearestObject, in order.
func WriteNearest(w io.Writer, rows []Nearest) error { return nearestTable().write(w, rows) }

// ReadNearest reads the table of a NearestObject.
func ReadNearest(r io.Reader) ([]Nearest, error) {
	rows, err := nearestTable().read(r)
	for i := range rows {
		if err == nil && (len(rows[i].Identities) != len(rows[i].Cosines) ||
			len(rows[i].OwnPositions) != len(rows[i].OwnCosines)) {
			err = unevenLists("nearest", i)
		}
	}
	return rows, err
}

func nearestTable() table[Nearest] {
	return table[Nearest]{name: "nearest 2", columns: []column[Nearest]{
		count("row", "row", "row of the shard's rows, from 0", func(v *Nearest) *int32 { return &v.Row }, nil, 0),
		count("identity", "", "number of the image's label, a person's relabelling applied",
			func(v *Nearest) *int32 { return &v.Identity }, nil, 0),
		floatPointer("score", "cosine",
			"leave-one-out cosine to the trimmed centroid of identity; null where the image is alone",
			func(v *Nearest) **float32 { return &v.Own }),
		numberList("own_cosines", "cosine", "to the most similar other images of identity, best first",
			func(v *Nearest) *[]float32 { return &v.OwnCosines }),
		numberList("own_positions", "",
			"of these images in the set's order of all images, from 0; -1: moved to identity by a person",
			func(v *Nearest) *[]int64 { return &v.OwnPositions }),
		numberList("nearest", "", "numbers of the other identities with the nearest trimmed centroids, nearest first",
			func(v *Nearest) *[]int32 { return &v.Identities }),
		numberList("nearest_cosines", "cosine", "to the trimmed centroids of nearest",
			func(v *Nearest) *[]float32 { return &v.Cosines }),
	}}
}

// Entry is an image that asks lists of a group: one row of an EntriesObject. Of the
// image's lists those of other groups are named too.
type Entry struct {
	Row      int32   // row of the shard, from 0
	Identity int32   // that of the image's label
	List     int32   // that in whose list the image is entered; -1: in none
	Second   int32   // that of the second nearest centroid, its label's counted; -1: there is none
	Asked    []int32 // those whose lists it asks beside that of Identity, nearest first
	Vector   []float32
}

// WriteEntries writes the table of an EntriesObject, in order; vectors have dim
// elements and are written as WriteVectors does.
func WriteEntries(w io.Writer, dim int, rows []Entry) error {
	if dim < 1 || dim > MaxDim {
		return invalid("vectors of %d elements; want 1 to %d", dim, MaxDim)
	}
	return entriesTable(dim).write(w, rows)
}

// ReadEntries reads the table of an EntriesObject. Vectors come back to the bit.
func ReadEntries(r io.Reader) ([]Entry, error) {
	f, err := openFile(r)
	if err != nil {
		return nil, origin.Errorf("schemas", "read entries: %w", err)
	}
	dim, err := listSize(f.Schema(), vectorColumnName)
	if err != nil {
		return nil, origin.Errorf("schemas", "read entries: %w", err)
	}
	rows, err := entriesTable(dim).readFile(f)
	for i := range rows {
		if err == nil && rows[i].Vector == nil {
			err = origin.Errorf("schemas", "read entries: row %d: %w: no vector", i, ErrFormat)
		}
	}
	return rows, err
}

func entriesTable(dim int) table[Entry] {
	return table[Entry]{name: "entries 1", columns: []column[Entry]{
		count("row", "row", "row of the shard's rows, from 0", func(v *Entry) *int32 { return &v.Row }, nil, 0),
		count("identity", "", "number of the image's label, a person's relabelling applied",
			func(v *Entry) *int32 { return &v.Identity }, nil, 0),
		count("list", "", "number of the identity in whose list the image is entered; null: in none",
			func(v *Entry) *int32 { return &v.List }, func(v *Entry) bool { return v.List < 0 }, -1),
		count("second", "",
			"number of the identity with the second nearest trimmed centroid, its label's counted; null: there is none",
			func(v *Entry) *int32 { return &v.Second }, func(v *Entry) bool { return v.Second < 0 }, -1),
		numberList("asked", "", "numbers of the identities whose lists it asks beside its label's, nearest first",
			func(v *Entry) *[]int32 { return &v.Asked }),
		vectorColumn(vectorColumnName, "the face's vector before it is scaled to unit length; never null", dim,
			func(v *Entry) *[]float32 { return &v.Vector }),
	}}
}

// ImageNeighbours are the images most similar to one image of a shard among those of
// other labels in the lists of a group that it asks, best first: one row of a
// NeighboursObject.
type ImageNeighbours struct {
	Row        int32     // row of the shard, from 0
	Identities []int32   // of the neighbours' labels
	Cosines    []float32 // to them
	Positions  []int64   // of them in the set's order of all images, from 0
	Stays      []bool    // still neighbours where the image's own identity is taken away
}

// WriteImageNeighbours writes the table of a NeighboursObject, in order.
func WriteImageNeighbours(w io.Writer, rows []ImageNeighbours) error {
	return imageNeighboursTable().write(w, rows)
}

// ReadImageNeighbours reads the table of a NeighboursObject.
func ReadImageNeighbours(r io.Reader) ([]ImageNeighbours, error) {
	rows, err := imageNeighboursTable().read(r)
	for i := range rows {
		n := len(rows[i].Cosines)
		if err == nil && (len(rows[i].Identities) != n || len(rows[i].Positions) != n || len(rows[i].Stays) != n) {
			err = unevenLists("image neighbours", i)
		}
	}
	return rows, err
}

func imageNeighboursTable() table[ImageNeighbours] {
	return table[ImageNeighbours]{name: "image-neighbours 1", columns: []column[ImageNeighbours]{
		count("row", "row", "row of the shard's rows, from 0",
			func(v *ImageNeighbours) *int32 { return &v.Row }, nil, 0),
		numberList("identities", "", "numbers of the neighbours' labels, best first",
			func(v *ImageNeighbours) *[]int32 { return &v.Identities }),
		numberList("cosines", "cosine", "to the neighbours",
			func(v *ImageNeighbours) *[]float32 { return &v.Cosines }),
		numberList("positions", "", "of the neighbours in the set's order of all images, from 0",
			func(v *ImageNeighbours) *[]int64 { return &v.Positions }),
		numberList("stays", "", "whether each is a neighbour too where the image's own identity is taken away",
			func(v *ImageNeighbours) *[]bool { return &v.Stays }),
	}}
}

// ListGroup says what a finished group of lists was: the object at GroupObject.
type ListGroup struct {
	Groups  int `json:"groups"`  // of the run
	First   int `json:"first"`   // first identity of the group, by number
	End     int `json:"end"`     // the one after its last
	Entered int `json:"entered"` // images in its lists
	Asking  int `json:"asking"`  // images that ask one of its lists
}

func unevenLists(name string, row int) error {
	return origin.Errorf("schemas", "read %s: row %d: %w: lists of several lengths", name, row, ErrFormat)
}
