package synth

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// writeLists writes the lists that VGGFace2 ships, from the set's manifest.
func (p *plan) writeLists(ctx context.Context) error {
	if err := os.MkdirAll(p.at(facesDir, "bb_landmark"), 0o755); err != nil {
		return err
	}
	list := []string{"train_list.txt", filepath.Join("bb_landmark", "loose_landmark_train.csv"),
		"identity_meta.csv"}
	var out []*bufio.Writer
	var files []*os.File
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	for _, name := range list {
		f, err := os.Create(p.at(facesDir, name))
		if err != nil {
			return err
		}
		files, out = append(files, f), append(out, bufio.NewWriter(f))
	}
	if err := p.listImages(ctx, out[0], out[1]); err != nil {
		return err
	}
	p.listIdentities(out[2])
	for i, w := range out {
		if err := errors.Join(w.Flush(), files[i].Close()); err != nil {
			return fmt.Errorf("write %s: %w", list[i], err)
		}
	}
	return nil
}

// listImages writes the list of images and the table of their landmarks. A
// bufio.Writer keeps its first error for Flush.
func (p *plan) listImages(ctx context.Context, names, landmarks *bufio.Writer) error {
	f, err := os.Open(p.at(facesTable))
	if err != nil {
		return err
	}
	defer f.Close()
	rows := csv.NewReader(bufio.NewReaderSize(f, 256<<10))
	rows.ReuseRecord = true
	_, _ = fmt.Fprint(landmarks, "NAME_ID,P1X,P1Y,P2X,P2Y,P3X,P3Y,P4X,P4Y,P5X,P5Y\n")
	for n := 0; ; n++ {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && n%4096 == 0 {
			err = ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.at(facesTable), err)
		}
		if n == 0 {
			continue // the header
		}
		name := strings.TrimPrefix(row[0], "train/")
		_, _ = fmt.Fprintf(names, "%s\n", name)
		_, _ = fmt.Fprintf(landmarks, "\"%s\",%s\n", strings.TrimSuffix(name, ".jpg"), strings.Join(row[3:], ","))
	}
}

// listIdentities writes identity_meta.csv with the habits of VGGFace2's: blanks
// after commas, a comma at the end, and neither quotes nor that comma where the
// name has one.
func (p *plan) listIdentities(w *bufio.Writer) {
	_, _ = fmt.Fprint(w, "Class_ID, Name, Sample_Num, Flag, Gender\n")
	for i, l := range p.labels {
		gender := "f"
		if l.male {
			gender = "m"
		}
		form := "%s, \"%s\", %d, 1, %s,\n"
		if strings.Contains(l.name, ",") {
			form = "%s, %s, %d, 1, %s\n"
		}
		_, _ = fmt.Fprintf(w, form, identity(i), l.name, l.images, gender)
	}
}

// writeProtocol writes the reference's lists.
func (p *plan) writeProtocol() error {
	files := map[string][]byte{"people.txt": p.formatPeople(), "pairs.txt": p.formatPairs(p.pairs)}
	if p.siblingPairs.folds != nil {
		files["pairs-siblings.txt"] = p.formatPairs(p.siblingPairs)
	}
	for name, data := range files {
		if err := writeWhole(p.at(referenceDir, name), data); err != nil {
			return err
		}
	}
	return nil
}

// truth returns everything that the plan holds, by issue, then by identity and
// path.
func (p *plan) truth() []truth.Row {
	var rows []truth.Row
	for i, l := range p.labels {
		for image, f := range l.faults {
			t := truth.Row{Issue: f.issue, Path: imageIndex{i, image}.path(), Identity: identity(i), Detail: f.detail}
			switch f.issue {
			case truth.Flip, truth.HardFlip:
				t.Other = identity(f.other)
			case truth.Duplicate, truth.DuplicateAcross:
				t.Other = f.of.path()
			}
			rows = append(rows, t)
		}
		if l.twin > i {
			rows = append(rows, truth.Row{Issue: truth.Split, Identity: identity(i), Other: identity(l.twin)})
		}
	}
	for i, r := range p.reference {
		switch {
		case r.label < 0:
		case p.homonym(r):
			rows = append(rows, truth.Row{Issue: truth.Homonym, Identity: identity(r.label), Other: r.name})
		default:
			rows = append(rows, truth.Row{Issue: truth.Overlap, Identity: identity(r.label), Other: r.name})
		}
		for image, at := range r.same {
			rows = append(rows, truth.Row{Issue: truth.SameImage, Path: at.path(), Identity: identity(at.label),
				Other: p.referencePath(imageIndex{i, image})})
		}
	}
	order := truth.Issues()
	slices.SortFunc(rows, func(a, b truth.Row) int {
		if a.Issue != b.Issue {
			return slices.Index(order, a.Issue) - slices.Index(order, b.Issue)
		}
		return strings.Compare(a.Identity+a.Path, b.Identity+b.Path)
	})
	return rows
}
