package dataset

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/facesieve/facesieve/schemas"
)

// findLandmarks gives VGGFace2's landmark tables below a root.
func findLandmarks(ctx context.Context, t tree, root []entry) ([]string, error) {
	isTable := func(e entry) bool {
		return !e.folder && strings.HasPrefix(e.name, "loose_landmark_") && strings.HasSuffix(e.name, ".csv")
	}
	var out []string
	for _, e := range root {
		if isTable(e) {
			out = append(out, e.name)
		}
		if !e.folder || e.name != "bb_landmark" {
			continue
		}
		inside, err := t.list(ctx, e.name)
		if err != nil {
			return nil, fmt.Errorf("list %s of %s: %w", e.name, t, err)
		}
		for _, f := range inside {
			if isTable(f) {
				out = append(out, join(e.name, f.name))
			}
		}
	}
	slices.Sort(out)
	return out, nil
}

// landmarks are the tables of landmarks, indexed by runs of lines with one
// identity: an identity's landmarks are read when its images are, so memory
// holds the index alone (one run per identity where a table is ordered, 24
// bytes per image where it is shuffled).
type landmarks struct {
	tables []*os.File
	runs   map[string][]run
}

// run is consecutive lines of a table.
type run struct {
	table  int
	start  int64
	length int
}

// indexLandmarks reads the tables once. Tables that are not on a disk are
// copied to nameless temporary files.
func indexLandmarks(ctx context.Context, t tree, names []string) (*landmarks, error) {
	l := &landmarks{runs: map[string][]run{}}
	for _, name := range names {
		f, err := fetch(ctx, t, name)
		if err == nil {
			l.tables = append(l.tables, f)
			err = l.index(ctx, len(l.tables)-1)
		}
		if err != nil {
			l.close()
			return nil, fmt.Errorf("read %s of %s: %w", name, t, err)
		}
	}
	return l, nil
}

func (l *landmarks) close() {
	for _, f := range l.tables {
		f.Close()
	}
}

// fetch opens a file of a tree for reading at any place.
func fetch(ctx context.Context, t tree, name string) (*os.File, error) {
	r, err := t.open(ctx, name)
	if err != nil {
		return nil, err
	}
	if f, ok := r.(*os.File); ok {
		return f, nil
	}
	defer r.Close()
	f, err := os.CreateTemp("", "facesieve-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.Close()
		return nil, err
	}
	if _, err := io.Copy(f, r); err != nil {
		f.Close()
		return nil, err
	}
	_, err = f.Seek(0, io.SeekStart)
	return f, err
}

func (l *landmarks) index(ctx context.Context, table int) error {
	r := bufio.NewReaderSize(l.tables[table], 1<<20)
	last, at := "", int64(0)
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
		if text != "" && !(n == 1 && strings.Contains(text, "NAME_ID")) {
			identity, _, _, err := parseLandmarks(text)
			if err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
			if identity != last {
				last = strings.Clone(identity)
				l.runs[last] = append(l.runs[last], run{table: table, start: at})
			}
			runs := l.runs[last]
			runs[len(runs)-1].length = int(at + int64(len(line)) - runs[len(runs)-1].start)
		}
		at += int64(len(line))
	}
}

// parseLandmarks reads a line `"n000001/0001_01",x1,y1,...,x5,y5`.
func parseLandmarks(line string) (identity, stem string, points [10]float32, err error) {
	name, rest, _ := strings.Cut(line, ",")
	name = strings.Trim(name, ` "`)
	dir, stem := path.Split(name)
	identity = path.Base(dir)
	if dir == "" || stem == "" || identity == "/" {
		return "", "", points, fmt.Errorf("want NAME_ID as n000001/0001_01, got %.60q", name)
	}
	for i := range points {
		var field string
		field, rest, _ = strings.Cut(rest, ",")
		x, err := strconv.ParseFloat(strings.TrimSpace(field), 32)
		if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
			return "", "", points, fmt.Errorf("%s: want ten numbers, got %.30q as number %d", name, field, i+1)
		}
		points[i] = float32(x)
	}
	if rest != "" {
		return "", "", points, fmt.Errorf("%s: more than ten numbers", name)
	}
	return identity, stem, points, nil
}

// add gives the images of one identity their landmarks. Where a name has
// several lines the last counts.
func (l *landmarks) add(images []schemas.Image) error {
	if len(images) == 0 || len(l.tables) == 0 {
		return nil
	}
	runs := l.runs[images[0].Identity]
	slices.SortFunc(runs, func(a, b run) int {
		return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.start, b.start))
	})
	hints := map[string]*[10]float32{}
	for _, r := range runs {
		text := make([]byte, r.length)
		if _, err := l.tables[r.table].ReadAt(text, r.start); err != nil {
			return fmt.Errorf("read landmarks of %q: %w", images[0].Identity, err)
		}
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			if line == "" {
				continue
			}
			_, stem, points, err := parseLandmarks(line)
			if err != nil {
				return fmt.Errorf("landmarks of %q changed while they were read: %w", images[0].Identity, err)
			}
			hints[stem] = &points
		}
	}
	for i := range images {
		base := path.Base(images[i].Path)
		images[i].Landmarks = hints[strings.TrimSuffix(base, path.Ext(base))]
	}
	return nil
}
