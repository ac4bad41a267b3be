package schemas

import "io"

// NearDuplicate is two images that show one photograph in other bytes: one row of a
// NearDuplicatesObject. A is of the set. Under one label, A and B, APath is the group's
// representative and BPath another member; under two, APath comes first in the set.
type NearDuplicate struct {
	Source       Source // B's source
	A, B         string // labels, raw bytes, a person's relabelling applied
	APath, BPath string // raw bytes
	// APosition and BPosition are those of the images in their source's order of all
	// images, from 0.
	APosition, BPosition int64
	Image                float32 // correlation of the thumbnails of the pictures
	Face                 float32 // of the aligned faces; 0: unknown
	Cosine               float32 // of the vectors; 0: unknown
}

// Within says whether both images stand under one label of the set.
func (n *NearDuplicate) Within() bool { return n.Source == Set && n.A == n.B }

// WriteNearDuplicates writes the table of a NearDuplicatesObject, in order.
func WriteNearDuplicates(w io.Writer, rows []NearDuplicate) error {
	return nearDuplicatesTable().write(w, rows)
}

// ReadNearDuplicates reads the table of a NearDuplicatesObject.
func ReadNearDuplicates(r io.Reader) ([]NearDuplicate, error) { return nearDuplicatesTable().read(r) }

func nearDuplicatesTable() table[NearDuplicate] {
	return table[NearDuplicate]{name: "near-duplicates 1", columns: []column[NearDuplicate]{
		text("source", "", "b's source: name of the reference; empty: the set", textForm(),
			func(v *NearDuplicate) *string { return (*string)(&v.Source) }),
		text("a_identity", "", "label of the set's image, raw bytes, a person's relabelling applied", rawForm(),
			func(v *NearDuplicate) *string { return &v.A }),
		text("b_identity", "", "label of the other image, raw bytes, likewise", rawForm(),
			func(v *NearDuplicate) *string { return &v.B }),
		text("a_path", "", "the set's image, raw bytes: under one label the representative, under two the first",
			rawForm(), func(v *NearDuplicate) *string { return &v.APath }),
		text("b_path", "", "the other image, raw bytes", rawForm(),
			func(v *NearDuplicate) *string { return &v.BPath }),
		number("a_position", "", "of a_path in the set's order of all images, from 0",
			func(v *NearDuplicate) *int64 { return &v.APosition }),
		number("b_position", "", "of b_path in its source's order of all images, from 0",
			func(v *NearDuplicate) *int64 { return &v.BPosition }),
		float("image", "", "correlation of the blurred thumbnails of the pictures, the best of a few crops",
			func(v *NearDuplicate) *float32 { return &v.Image }),
		float("face", "", "correlation of the blurred thumbnails of the aligned faces; 0: unknown",
			func(v *NearDuplicate) *float32 { return &v.Face }),
		float("cosine", "cosine", "of the vectors; 0: unknown",
			func(v *NearDuplicate) *float32 { return &v.Cosine }),
	}}
}
