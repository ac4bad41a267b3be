package layout

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/pipeline/dataset/tree"
	"github.com/facesieve/facesieve/schemas"
)

// landmarkTables are text files with the landmarks of an image in each line.
type landmarkTables struct {
	names  []string // below the root
	header string   // what marks a first line as the header
	// parse reads a line: the image's identity, its file name without extension,
	// and x and y of five points.
	parse func(line string) (identity, stem string, points [10]float32, err error)
}

// landmarkIndex says where the lines of each identity stand in tables of
// landmarks. An identity's landmarks are read when its images are, so memory holds
// the index alone: one run per identity where a table is ordered, 24 bytes per
// image where it is shuffled.
type landmarkIndex struct {
	header string
	parse  func(line string) (identity, stem string, points [10]float32, err error)
	files  []*os.File
	runs   map[string][]run
}

// run is consecutive lines of a table with one identity.
type run struct {
	table  int
	start  int64
	length int
}

// open indexes the tables. Tables that are not on a disk are copied to temporary
// files.
func (t landmarkTables) open(ctx context.Context, root tree.Tree) (*landmarkIndex, error) {
	l := &landmarkIndex{header: t.header, parse: t.parse, runs: map[string][]run{}}
	for _, name := range t.names {
		f, err := tree.Fetch(ctx, root, name)
		if err == nil {
			l.files = append(l.files, f)
			err = l.index(ctx, len(l.files)-1)
		}
		if err != nil {
			l.close()
			return nil, fmt.Errorf("read %s of %s: %w", name, root, err)
		}
	}
	return l, nil
}

func (l *landmarkIndex) close() {
	for _, f := range l.files {
		f.Close()
	}
}

// index reads a table once and notes where each identity's lines stand.
func (l *landmarkIndex) index(ctx context.Context, table int) error {
	r := bufio.NewReaderSize(l.files[table], 1<<20)
	last, offset := "", int64(0)
	for n := 1; ; n++ {
		line, err := r.ReadSlice('\n')
		if len(line) == 0 && errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if n%65536 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		text := strings.TrimSpace(string(line))
		if text != "" && !(n == 1 && strings.Contains(text, l.header)) {
			identity, _, _, err := l.parse(text)
			if err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
			if identity != last {
				last = strings.Clone(identity)
				l.runs[last] = append(l.runs[last], run{table: table, start: offset})
			}
			runs := l.runs[last]
			runs[len(runs)-1].length = int(offset + int64(len(line)) - runs[len(runs)-1].start)
		}
		offset += int64(len(line))
	}
}

// add sets the landmarks of one identity's images. Where a name has several lines
// the last counts.
func (l *landmarkIndex) add(images []schemas.Image) error {
	if len(images) == 0 || len(l.files) == 0 {
		return nil
	}
	runs := l.runs[images[0].Identity]
	slices.SortFunc(runs, func(a, b run) int {
		return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.start, b.start))
	})
	found := map[string]*[10]float32{}
	for _, r := range runs {
		text := make([]byte, r.length)
		if _, err := l.files[r.table].ReadAt(text, r.start); err != nil {
			return fmt.Errorf("read landmarks of %q: %w", images[0].Identity, err)
		}
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			if line == "" {
				continue
			}
			_, stem, points, err := l.parse(line)
			if err != nil {
				return fmt.Errorf("landmarks of %q changed while they were read: %w", images[0].Identity, err)
			}
			found[stem] = &points
		}
	}
	for i := range images {
		base := path.Base(images[i].Path)
		images[i].Landmarks = found[strings.TrimSuffix(base, path.Ext(base))]
	}
	return nil
}
