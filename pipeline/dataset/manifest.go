package dataset

import (
	"context"
	"fmt"
	"iter"
	"math"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/dataset/tree"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// manifestColumns are the columns a manifest may have; path and identity it
// must. Text is raw bytes; Arrow's binary columns carry any name, CSV every one
// without "\r\n".
var manifestColumns = []string{"path", "identity", "object", "offset", "length", "size", "tag", "name",
	"lm1x", "lm1y", "lm2x", "lm2y", "lm3x", "lm3y", "lm4x", "lm4y", "lm5x", "lm5y"}

// manifest is rows that were given. Ordered rows are streamed, at 8 bytes of
// memory an image; others are held and sorted, at about 190 bytes an image.
type manifest struct {
	table   *table
	at      map[string]int // column -> index
	points  [10]int        // indexes of the landmarks' columns
	names   map[string]string
	ordered bool
	count   int
}

// openManifest reads the table once: every row is valid, and no path stands
// twice.
func openManifest(ctx context.Context, url string, s3 store.S3Options) (*manifest, error) {
	f, err := tree.OpenFile(ctx, url, s3)
	if err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	m, err := readManifest(ctx, f, url)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("manifest: %w", err)
	}
	return m, nil
}

func readManifest(ctx context.Context, f *os.File, name string) (*manifest, error) {
	t, err := openTable(f, name)
	if err != nil {
		return nil, err
	}
	if err := t.require("path", "identity"); err != nil {
		return nil, err
	}
	for _, c := range t.columns {
		if !slices.Contains(manifestColumns, c) {
			return nil, fmt.Errorf("%s: unknown column %q; a manifest has %s",
				name, c, strings.Join(manifestColumns, ", "))
		}
	}
	m := &manifest{table: t, at: map[string]int{}, names: map[string]string{}, ordered: true}
	for _, c := range manifestColumns {
		m.at[c] = t.column(c)
	}
	for i := range m.points {
		m.points[i] = t.column(fmt.Sprintf("lm%d%c", i/2+1, "xy"[i%2]))
	}
	return m, m.check(ctx)
}

// check reads all rows once.
func (m *manifest) check(ctx context.Context) error {
	var paths pathSet
	var last schemas.Image
	for r, err := range m.table.rows(ctx) {
		if err != nil {
			return err
		}
		im, err := m.image(r)
		if err != nil {
			return err
		}
		if err := m.addName(r, im.Identity); err != nil {
			return err
		}
		paths.add(im.Path)
		m.ordered = m.ordered && layout.CompareRows(last, im) <= 0
		last = im
		m.count++
	}
	return paths.check(ctx, m.table, m.at["path"])
}

func (m *manifest) addName(r record, identity string) error {
	name, err := r.text(m.at["name"])
	if err != nil || name == "" {
		return err
	}
	known, ok := m.names[identity]
	if ok && known != name {
		return r.failed("identity %q is named %q here and %q before", identity, name, known)
	}
	m.names[identity] = name
	return nil
}

// Person implements layout.Collection.
func (m *manifest) Person(identity string) string { return m.names[identity] }

// Rows implements layout.Collection.
func (m *manifest) Rows(ctx context.Context, _ layout.Options) iter.Seq2[schemas.Image, error] {
	return func(yield func(schemas.Image, error) bool) {
		var held []schemas.Image
		if !m.ordered {
			held = make([]schemas.Image, 0, m.count) // growing would hold them twice
		}
		labels := map[string]string{}
		for r, err := range m.table.rows(ctx) {
			var im schemas.Image
			if err == nil {
				im, err = m.image(r)
			}
			switch {
			case err != nil:
				yield(schemas.Image{}, err)
				return
			case m.ordered:
				if !yield(im, nil) {
					return
				}
			default:
				if known, ok := labels[im.Identity]; ok {
					im.Identity = known
				} else {
					labels[im.Identity] = im.Identity
				}
				held = append(held, im)
			}
		}
		slices.SortFunc(held, layout.CompareRows)
		for _, im := range held {
			if !yield(im, nil) {
				return
			}
		}
	}
}

// image makes and checks a row.
func (m *manifest) image(r record) (im schemas.Image, err error) {
	for _, c := range []struct {
		column string
		to     *string
	}{{"path", &im.Path}, {"identity", &im.Identity}, {"object", &im.Object}, {"tag", &im.Tag}} {
		if *c.to, err = r.text(m.at[c.column]); err != nil {
			return im, err
		}
	}
	for _, c := range []struct {
		column  string
		to      *int64
		missing int64
	}{{"offset", &im.Offset, 0}, {"length", &im.Length, -1}, {"size", &im.Size, -1}} {
		if *c.to, err = r.integer(m.at[c.column], c.missing); err != nil {
			return im, err
		}
	}
	if im.Object == "" {
		im.Object = im.Path
	}
	if why := wrongRow(im); why != "" {
		return im, r.failed("%s", why)
	}
	im.Landmarks, err = m.landmarks(r)
	return im, err
}

// wrongRow says what is wrong with a row, "" where nothing.
func wrongRow(im schemas.Image) string {
	switch {
	case !isRelative(im.Path):
		return fmt.Sprintf("path %q is no clean path below the data's root", im.Path)
	case !isRelative(im.Object):
		return fmt.Sprintf("object %q is no clean path below the data's root", im.Object)
	case im.Identity == "":
		return "no identity"
	case strings.ContainsRune(im.Identity, 0):
		return fmt.Sprintf("identity %q holds a zero byte", im.Identity)
	case im.Offset < 0 || im.Length < -1 || im.Size < -1:
		return fmt.Sprintf("offset %d, length %d, size %d: want 0 or more, or -1 for an unknown length or size",
			im.Offset, im.Length, im.Size)
	case im.Size >= 0 && (im.Offset > im.Size || im.Length > im.Size-im.Offset):
		return fmt.Sprintf("offset %d and length %d reach beyond size %d", im.Offset, im.Length, im.Size)
	}
	return ""
}

// isRelative reports whether a name stays below its root and is written one way.
func isRelative(name string) bool {
	return name != "" && name != "." && name[0] != '/' && path.Clean(name) == name &&
		name != ".." && !strings.HasPrefix(name, "../") && !strings.ContainsRune(name, 0)
}

// landmarks returns a row's landmarks: all ten numbers or none.
func (m *manifest) landmarks(r record) (*[10]float32, error) {
	var points [10]float32
	found := 0
	for i := range points {
		col := m.points[i]
		if r.isNull(col) {
			continue
		}
		x, err := r.float(col)
		if err != nil {
			return nil, err
		}
		points[i] = float32(x)
		if math.IsNaN(x) || math.IsInf(float64(points[i]), 0) {
			return nil, r.failed("column %s is no finite number", r.table.columns[col])
		}
		found++
	}
	switch found {
	case 0:
		return nil, nil
	case len(points):
		return &points, nil
	}
	return nil, r.failed("%d of the ten landmark columns are filled: fill all or none", found)
}
