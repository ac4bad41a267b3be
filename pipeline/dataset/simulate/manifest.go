package simulate

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
)

// Landmarks reports whether the source ships landmarks of an image of the set.
func (r *Result) Landmarks() bool {
	for _, e := range r.Entries {
		if e.Image.Landmarks != nil {
			return true
		}
	}
	return false
}

// manifest returns the set as a manifest: of a set of links only where there are
// landmarks, else nil.
func (r *Result) manifest(linked bool) ([]byte, error) {
	landmarks := r.Landmarks()
	if linked && !landmarks {
		return nil, nil
	}
	t := newTable(!linked, false, landmarks)
	for _, e := range r.Entries {
		t.add(e.Path, e.Identity, e.Image)
	}
	return t.format()
}

// referenceManifest returns what is left of the reference as a manifest; nil where there
// is no reference.
func (r *Result) referenceManifest() ([]byte, error) {
	if len(r.Reference) == 0 {
		return nil, nil
	}
	names, landmarks := false, false
	for _, im := range r.Reference {
		names, landmarks = names || im.Name != "", landmarks || im.Landmarks != nil
	}
	t := newTable(false, names, landmarks)
	for _, im := range r.Reference {
		t.add(im.Path, im.Identity, im)
	}
	return t.format()
}

// table is a manifest that is being made.
type table struct {
	objects, names, landmarks bool // which columns it has beside path and identity
	lines                     [][]string
}

func newTable(objects, names, landmarks bool) *table {
	header := []string{"path", "identity"}
	if objects {
		header = append(header, "object", "size", "tag")
	}
	if names {
		header = append(header, "name")
	}
	for i := 0; landmarks && i < 5; i++ {
		header = append(header, fmt.Sprintf("lm%dx", i+1), fmt.Sprintf("lm%dy", i+1))
	}
	return &table{objects, names, landmarks, [][]string{header}}
}

// add adds an image under a path and a label.
func (t *table) add(path, identity string, im Image) {
	line := []string{path, identity}
	if t.objects {
		line = append(line, im.Path, strconv.FormatInt(im.Size, 10), im.Tag)
	}
	if t.names {
		line = append(line, im.Name)
	}
	if t.landmarks {
		points := make([]string, 10)
		if im.Landmarks != nil {
			for i, x := range im.Landmarks {
				points[i] = strconv.FormatFloat(float64(x), 'f', -1, 32)
			}
		}
		line = append(line, points...)
	}
	t.lines = append(t.lines, line)
}

// format returns the manifest as CSV.
func (t *table) format() ([]byte, error) {
	var b bytes.Buffer
	err := csv.NewWriter(&b).WriteAll(t.lines)
	return b.Bytes(), err
}
