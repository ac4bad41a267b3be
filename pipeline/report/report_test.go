package report_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/pipeline/report/reporttest"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

const run = schemas.RunID("00112233445566778899aabbccddeeff")

func openStore(t *testing.T, url string) store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// written stores a report and opens it.
func written(t *testing.T, st store.Store, tables reporttest.Tables) *report.Report {
	t.Helper()
	reporttest.Write(t, st, run, tables)
	r, err := report.Open(t.Context(), st, run, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// paths are the paths of a report's images, and the error that ended them.
func paths(ctx context.Context, r *report.Report) (all []string, err error) {
	for v, err := range r.Images(ctx) {
		if err != nil {
			return all, err
		}
		all = append(all, v.Embedding.Path)
	}
	return all, nil
}

// many is a report of that many parts with two images each.
func many(parts int) (t reporttest.Tables, want []string) {
	t.Summary = schemas.Summary{Version: schemas.SummaryVersion}
	for i := range parts {
		var rows []schemas.Verdict
		for k := range 2 {
			path := fmt.Sprintf("ann/%d-%d.jpg", i, k)
			rows = append(rows, reporttest.Verdict(path, schemas.TypeClean, schemas.Keep, nil, "because"))
			want = append(want, path)
		}
		t.Images = append(t.Images, rows)
	}
	return t, want
}

func checkExample(t *testing.T, r *report.Report) {
	t.Helper()
	want := reporttest.Example()
	got := reporttest.Tables{Summary: *r.Summary()}
	var err error
	if got.Identities, err = r.Identities(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got.Pairs, err = r.Pairs(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got.Overlaps, err = r.Overlaps(t.Context()); err != nil {
		t.Fatal(err)
	}
	var images []schemas.Verdict
	for v, err := range r.Images(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		images = append(images, v)
	}
	if all := slices.Concat(want.Images...); !reflect.DeepEqual(images, all) {
		t.Errorf("images %+v, want %+v", images, all)
	}
	want.Images = nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestTables(t *testing.T) {
	checkExample(t, written(t, openStore(t, "mem:"), reporttest.Example()))
}

func TestNoReport(t *testing.T) {
	if _, err := report.Open(t.Context(), openStore(t, "mem:"), run, report.Options{}); !errors.Is(err,
		fs.ErrNotExist) {
		t.Error(err)
	}
}

// counting counts the objects that are being read, or were.
type counting struct {
	store.Store
	gets atomic.Int64
}

func (c *counting) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	c.gets.Add(1)
	return c.Store.Get(ctx, name)
}

// TestImagesAheadAreFew reads many parts: in order, and few at a time.
func TestImagesAheadAreFew(t *testing.T) {
	tables, want := many(20)
	st := &counting{Store: openStore(t, "mem:")}
	r := written(t, st, tables)
	if got, err := paths(t.Context(), r); err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	st.gets.Store(0)
	seen := 0
	for _, err := range r.Images(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if seen++; st.gets.Load() > int64((seen+1)/2+2) {
			t.Fatalf("%d parts were read for %d images of two a part", st.gets.Load(), seen)
		}
		if seen == 9 {
			break
		}
	}
	before := st.gets.Load()
	if got, err := paths(t.Context(), r); err != nil || len(got) != len(want) || st.gets.Load() != before+20 {
		t.Errorf("after a look that ended early: %d images, %v", len(got), err)
	}
}

func TestImagesEndWithAnError(t *testing.T) {
	tables, want := many(4)
	st := openStore(t, "mem:")
	r := written(t, st, tables)
	damaged := schemas.ReportObject(run, schemas.ImagesFile(2))
	if err := st.Replace(t.Context(), damaged, []byte("no table")); err != nil {
		t.Fatal(err)
	}
	got, err := paths(t.Context(), r)
	if err == nil || !strings.Contains(err.Error(), damaged) || !slices.Equal(got, want[:4]) {
		t.Errorf("%q, then %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := paths(ctx, r); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestCopy copies a report over one that had more parts, and beside somebody's file.
func TestCopy(t *testing.T) {
	r := written(t, openStore(t, "mem:"), reporttest.Example())
	dir := filepath.Join(t.TempDir(), "copy")
	stale, other := filepath.Join(dir, schemas.ImagesFile(7)), filepath.Join(dir, schemas.ImagesFolder,
		"mine.arrow")
	if err := os.MkdirAll(filepath.Dir(stale), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{stale, other} {
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.CopyTo(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stale); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("another report's part stands in the copy: %v", err)
	}
	if err := os.Remove(other); err != nil {
		t.Fatal(err)
	}
	copied, err := report.OpenFolder(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	checkExample(t, copied)
	if _, err := copied.ReadImage(t.Context(), "ann", "ann/1.jpg"); !errors.Is(err, report.ErrNoImages) {
		t.Errorf("an image of a copied report: %v", err)
	}
}

// TestImages reads images by rows of the report, by way of the run's listing.
func TestImages(t *testing.T) {
	data, st := t.TempDir(), openStore(t, "mem:")
	image := func(label, path string) schemas.Image {
		name := filepath.Join(data, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("bytes of "+path), 0o644); err != nil {
			t.Fatal(err)
		}
		return schemas.Image{Path: path, Identity: label, Object: path, Length: -1,
			Size: int64(len("bytes of " + path))}
	}
	shards := [][]schemas.Image{
		{image("ann", "ann/1.jpg"), image("ann", "ann/2.jpg"), image("bob", "bob/1.jpg")},
		{image("c%d", "odd/1.jpg"), image("cy", "cy/1.jpg")},
		{image("dan", "dan/1.jpg")}}
	tables := reporttest.Tables{Summary: schemas.Summary{Version: schemas.SummaryVersion}}
	for _, rows := range shards {
		var part []schemas.Verdict
		for _, im := range rows {
			v := reporttest.Verdict(im.Path, schemas.TypeClean, schemas.Keep, nil, "because")
			v.Identity = im.Identity
			part = append(part, v)
		}
		tables.Images = append(tables.Images, part)
	}
	if err := reporttest.PutSource(t.Context(), st, run, data, shards); err != nil {
		t.Fatal(err)
	}
	r, n := written(t, st, tables), 0
	for v, err := range r.Images(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.OpenImage(t.Context(), v)
		if want := []byte("bytes of " + v.Embedding.Path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %q, %v", v.Embedding.Path, got, err)
		}
		listed, err := r.Listed(t.Context(), v.Identity, v.Embedding.Path)
		if err != nil || listed.Size != int64(len(got)) {
			t.Errorf("%s: %+v, %v", v.Embedding.Path, listed, err)
		}
		n++
	}
	if n != 6 {
		t.Errorf("%d images", n)
	}
	for _, x := range [][2]string{{"ann", "ann/3.jpg"}, {"aa", "ann/1.jpg"}, {"bob", "ann/1.jpg"},
		{"zoe", "dan/1.jpg"}} {
		if _, err := r.ReadImage(t.Context(), x[0], x[1]); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s of %s: %v", x[1], x[0], err)
		}
	}
	if err := os.Remove(filepath.Join(data, "cy/1.jpg")); err != nil {
		t.Fatal(err)
	}
	if _, err := r.ReadImage(t.Context(), "cy", "cy/1.jpg"); !errors.Is(err, schemas.FaultMissing) {
		t.Errorf("an image that is gone: %v", err)
	}
}

// TestImagesThatMoved reads images from where they are now; a run of vectors has none.
func TestImagesThatMoved(t *testing.T) {
	data, st := t.TempDir(), openStore(t, "mem:")
	if err := os.WriteFile(filepath.Join(data, "1.jpg"), []byte("bytes"), 0o644); err != nil {
		t.Fatal(err)
	}
	rows := []schemas.Image{{Path: "1.jpg", Identity: "ann", Object: "1.jpg", Length: -1, Size: -1}}
	if err := reporttest.PutSource(t.Context(), st, run, "", [][]schemas.Image{rows}); err != nil {
		t.Fatal(err)
	}
	r := written(t, st, reporttest.Example())
	if _, err := r.ReadImage(t.Context(), "ann", "1.jpg"); !errors.Is(err, report.ErrNoImages) {
		t.Errorf("an image of a run of vectors: %v", err)
	}
	r, err := report.Open(t.Context(), st, run, report.Options{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.ReadImage(t.Context(), "ann", "1.jpg"); err != nil || string(got) != "bytes" {
		t.Errorf("%q, %v", got, err)
	}
}
