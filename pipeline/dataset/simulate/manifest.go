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

// manifest returns the set as a manifest with landmarks; nil where there are none.
func (r *Result) manifest() ([]byte, error) {
	if !r.Landmarks() {
		return nil, nil
	}
	header := []string{"path", "identity"}
	for i := range 5 {
		header = append(header, fmt.Sprintf("lm%dx", i+1), fmt.Sprintf("lm%dy", i+1))
	}
	lines := [][]string{header}
	for _, e := range r.Entries {
		line := make([]string, len(header))
		line[0], line[1] = e.Path, e.Identity
		if e.Image.Landmarks != nil {
			for i, x := range e.Image.Landmarks {
				line[2+i] = strconv.FormatFloat(float64(x), 'f', -1, 32)
			}
		}
		lines = append(lines, line)
	}
	var b bytes.Buffer
	err := csv.NewWriter(&b).WriteAll(lines)
	return b.Bytes(), err
}
