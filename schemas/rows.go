package schemas

import "io"

// WriteRows writes a shard's manifest rows, in order (RowsObject).
func WriteRows(w io.Writer, rows []Image) error { return rowsTable().write(w, rows) }

// ReadRows reads manifest rows as WriteRows wrote them.
func ReadRows(r io.Reader) ([]Image, error) { return rowsTable().read(r) }

func rowsTable() table[Image] {
	return table[Image]{name: "rows 1", columns: []column[Image]{
		text("path", "", "path below the source's root, raw bytes", rawForm(),
			func(v *Image) *string { return &v.Path }),
		text("identity", "", "label, raw bytes", rawForm(), func(v *Image) *string { return &v.Identity }),
		text("object", "",
			"object below the source's root that holds the image's bytes, raw bytes", rawForm(),
			func(v *Image) *string { return &v.Object }),
		number("offset", "bytes", "first byte of the image inside object",
			func(v *Image) *int64 { return &v.Offset }),
		number("length", "bytes", "bytes of the image; -1: to the end of object",
			func(v *Image) *int64 { return &v.Length }),
		number("size", "bytes", "bytes of object when it was listed; -1: unknown",
			func(v *Image) *int64 { return &v.Size }),
		text("tag", "", "ETag of object, or its modification time in ns, when it was listed", rawForm(),
			func(v *Image) *string { return &v.Tag }),
		floats("landmarks", "px", "x, y of the five landmarks that the set ships; null: none", 10,
			func(v *Image) []float32 {
				if v.Landmarks == nil {
					return nil
				}
				return v.Landmarks[:]
			},
			func(v *Image, x []float32) { points := [10]float32(x); v.Landmarks = &points }),
	}}
}

// WriteLabels writes the identities of one source, in order (LabelsObject).
func WriteLabels(w io.Writer, ids []Identity) error { return labelsTable().write(w, labelRows(ids)) }

// ReadLabels reads the identities of one source as WriteLabels wrote them.
func ReadLabels(r io.Reader) ([]Identity, error) {
	rows, err := labelsTable().read(r)
	if err != nil {
		return nil, err
	}
	ids := make([]Identity, len(rows))
	for i, r := range rows {
		ids[i] = Identity{Label: r.label, Name: r.name, Images: int(r.images)}
	}
	return ids, nil
}

// labelRow is an Identity as the table holds it.
type labelRow struct {
	label, name string
	images      int64
}

func labelRows(ids []Identity) []labelRow {
	rows := make([]labelRow, len(ids))
	for i, id := range ids {
		rows[i] = labelRow{id.Label, id.Name, int64(id.Images)}
	}
	return rows
}

func labelsTable() table[labelRow] {
	return table[labelRow]{name: "labels 1", columns: []column[labelRow]{
		text("identity", "", "label, raw bytes", rawForm(), func(v *labelRow) *string { return &v.label }),
		text("name", "", "the person's name where the source ships one, raw bytes; else empty", rawForm(),
			func(v *labelRow) *string { return &v.name }),
		number("images", "images", "number of images with this label",
			func(v *labelRow) *int64 { return &v.images }),
	}}
}

// WriteOverrides writes a person's decisions, in SortOverrides' order, whatever theirs
// (OverridesObject).
func WriteOverrides(w io.Writer, all []Override) error {
	sorted := append([]Override(nil), all...)
	SortOverrides(sorted)
	return overridesTable().write(w, sorted)
}

// ReadOverrides reads a person's decisions as WriteOverrides wrote them.
func ReadOverrides(r io.Reader) ([]Override, error) { return overridesTable().read(r) }

func overridesTable() table[Override] {
	return table[Override]{name: "overrides 1", columns: []column[Override]{
		text("path", "", "path of the image below the set's root, raw bytes", rawForm(),
			func(v *Override) *string { return &v.Path }),
		word("decision", "keep, drop, relabel or review", false,
			func(v *Override) *Decision { return &v.Decision }),
		text("identity", "", "the new label of a relabel, raw bytes; else empty", rawForm(),
			func(v *Override) *string { return &v.Identity }),
	}}
}
