// Package truth holds the table of what is wrong in a set whose faults are known:
// which images stand under which wrong label, which labels are one person, which
// files are broken. Sets that are drawn come with one; a report is scored by it.
package truth

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/facesieve/facesieve/internal/origin"
)

// Issue names a sort of fault of a set, or of what it shares with a reference.
type Issue string

// The issues. Path, Identity, Other and Detail are the fields of their Row.
const (
	// Flip says that Path shows Other, an identity of the set, under the label Identity.
	Flip Issue = "flip"
	// HardFlip is a Flip whose Other looks like Identity: in a drawn set a sibling, in a set
	// with simulated noise the nearest identity.
	HardFlip Issue = "hard-flip"
	// Outlier says that Path, under Identity, shows nobody of set or reference.
	Outlier Issue = "outlier"
	// Merge says that Path, under Identity, shows a guest who has many images there and no label.
	Merge Issue = "merge"
	// Split says that Identity and Other are one person.
	Split Issue = "split"
	// Duplicate says that Path is a copy of Other, both under Identity; Detail: exact or re-encoded.
	Duplicate Issue = "duplicate"
	// DuplicateAcross says that Path, under Identity, is a copy of Other, an image of another
	// identity, who is shown.
	DuplicateAcross Issue = "duplicate-across"
	// Faceless says that Path shows no face.
	Faceless Issue = "faceless"
	// Broken says that Path is no image; Detail: of what sort.
	Broken Issue = "broken"
	// Overlap says that Identity is the reference's person Other.
	Overlap Issue = "overlap"
	// Homonym says that Identity has the name of the reference's person Other, and is somebody else.
	Homonym Issue = "homonym"
	// SameImage says that Path, under Identity, has the bytes of the reference's image Other.
	SameImage Issue = "same-image"
)

// Issues returns all issues, in the order of a table's rows.
func Issues() []Issue {
	return []Issue{Flip, HardFlip, Outlier, Merge, Split, Duplicate, DuplicateAcross, Faceless, Broken,
		Overlap, Homonym, SameImage}
}

// OfImage says whether an issue is a fault of one image. No image has two such faults.
func (i Issue) OfImage() bool {
	return !slices.Contains([]Issue{Split, Overlap, Homonym, SameImage}, i)
}

// hasPath and hasOther say which fields of an issue's row are filled.
func (i Issue) hasPath() bool { return i.OfImage() || i == SameImage }

func (i Issue) hasOther() bool {
	return !slices.Contains([]Issue{Outlier, Merge, Faceless, Broken}, i)
}

// The details of a copy.
const (
	Exact     = "exact"      // the same bytes
	Reencoded = "re-encoded" // decoded, perhaps scaled, and encoded again
)

// Row is one row of the table. Paths of the set are relative to its folder of
// faces, '/'-separated; people of the reference have the names of their folders,
// and paths of its images are relative to the reference's folder.
type Row struct {
	Issue    Issue
	Path     string // "" where the issue is of identities
	Identity string // label
	Other    string // see Issue; "" where there is none
	Detail   string
}

// header names the columns.
var header = []string{"issue", "path", "identity", "other", "detail"}

// Read reads the table in the file called name (truth.csv). A missing file is
// fs.ErrNotExist.
func Read(name string) (rows []Row, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, origin.Errorf("truth", "%w", err)
	}
	defer f.Close()
	if rows, err = Parse(f); err != nil {
		return nil, origin.Errorf("truth", "%s: %w", name, err)
	}
	return rows, nil
}

// Parse reads the table as CSV. It refuses rows that are not valid, and a second
// fault of one image.
func Parse(r io.Reader) ([]Row, error) {
	c := csv.NewReader(bufio.NewReader(r))
	c.FieldsPerRecord = len(header)
	got, err := c.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the table is empty")
	}
	if err == nil && !slices.Equal(got, header) {
		err = fmt.Errorf("the columns are %.80q: want %s", strings.Join(got, ","), strings.Join(header, ","))
	}
	if err != nil {
		return nil, err
	}
	var rows []Row
	faults := map[string]bool{}
	for {
		f, err := c.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		t := Row{Issue(f[0]), f[1], f[2], f[3], f[4]}
		why := t.wrong()
		if t.Issue.OfImage() && faults[t.Path] {
			why = fmt.Sprintf("%q has two faults", t.Path)
		}
		if why != "" {
			line, _ := c.FieldPos(0)
			return nil, fmt.Errorf("line %d: %s", line, why)
		}
		if t.Issue.OfImage() {
			faults[t.Path] = true
		}
		rows = append(rows, t)
	}
}

// wrong says what is wrong with a row, "" where nothing.
func (t Row) wrong() string {
	switch {
	case !slices.Contains(Issues(), t.Issue):
		return fmt.Sprintf("unknown issue %.40q", string(t.Issue))
	case t.Identity == "":
		return "no identity"
	case strings.ContainsFunc(t.Path+t.Identity+t.Other+t.Detail, unicode.IsControl):
		return "a control character"
	case (t.Path != "") != t.Issue.hasPath():
		return fmt.Sprintf("%s with path %.80q", t.Issue, t.Path)
	case t.Path != "" && (path.Clean(t.Path) != t.Path || path.IsAbs(t.Path) || t.Path == "." ||
		t.Path == ".." || strings.HasPrefix(t.Path, "../")):
		return fmt.Sprintf("path %.80q is no clean path below the set's folder", t.Path)
	case (t.Other != "") != t.Issue.hasOther():
		return fmt.Sprintf("%s with other %.80q", t.Issue, t.Other)
	case (t.Issue == Duplicate || t.Issue == DuplicateAcross) && t.Detail != Exact && t.Detail != Reencoded:
		return fmt.Sprintf("a copy is %s or %s, not %.40q", Exact, Reencoded, t.Detail)
	}
	return ""
}

// Format returns the table as CSV.
func Format(rows []Row) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	lines := [][]string{header}
	for _, t := range rows {
		lines = append(lines, []string{string(t.Issue), t.Path, t.Identity, t.Other, t.Detail})
	}
	err := w.WriteAll(lines)
	return b.Bytes(), err
}
