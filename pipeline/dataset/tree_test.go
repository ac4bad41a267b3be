package dataset

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/dataset/tree"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// writeTree writes files below a new folder; a content "-> x" makes a symbolic link.
func writeTree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		full := root + "/" + name
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, ok := strings.CutPrefix(files[name], "-> "); ok {
			err = os.Symlink(target, full)
		} else {
			err = os.WriteFile(full, []byte(files[name]), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// story is a listing as text: one "identity path" a line.
func story(rows []schemas.Image) string {
	var b strings.Builder
	for _, im := range rows {
		fmt.Fprintf(&b, "%q %q\n", im.Identity, im.Path)
	}
	return b.String()
}

func skips(d *Dataset) map[string]int {
	out := map[string]int{}
	for _, s := range d.Skipped() {
		out[s.Reason] = s.Count
	}
	return out
}

func TestLayouts(t *testing.T) {
	looked := map[string]bool{} // the layouts that are found out by looking
	for _, c := range []struct {
		name, told string
		files      map[string]string
		layout     string
		rows       string
		skipped    map[string]int
		names      map[string]string
	}{
		{name: "folder at any depth, in bytewise order of identities", layout: layout.Folder,
			files: map[string]string{"a/b/1.jpg": "x", "a/2.PNG": "x", "a-b/3.webp": "x", "a/b-c/4.gif": "x",
				"a.d/5.bmp": "x", "loose.jpg": "x", "a/notes.txt": "x", "README": "x", ".git/x.jpg": "x", "a/._2.png": "x", "b.jpg/6.jpg": "x"},
			rows:    "\"a\" \"a/2.PNG\"\n\"a-b\" \"a-b/3.webp\"\n\"a.d\" \"a.d/5.bmp\"\n\"a/b\" \"a/b/1.jpg\"\n\"a/b-c\" \"a/b-c/4.gif\"\n",
			skipped: map[string]int{layout.LooseImage: 1, "extension .txt": 1, "no extension": 1, layout.Hidden: 2, layout.FolderNamedAsImage: 1}},
		{name: "vggface2 in two halves", layout: layout.VGGFace2,
			files: map[string]string{"train/n000002/0001_01.jpg": "x", "test/n000001/0001_01.jpg": "x", "test/n000002/0009_01.jpg": "x",
				"identity_meta.csv": "Class_ID, Name, Sample_Num, Flag, Gender\nn000001, \"Dalai_Lama\", 2, 0, m,\nn000002, A, B_C, 1, 1, f\n",
				"train_list.txt":    "x", "other/n1/x.jpg": "x", "train/0001.jpg": "x", "train/n000002/more/2.jpg": "x"},
			rows:    "\"n000001\" \"test/n000001/0001_01.jpg\"\n\"n000002\" \"test/n000002/0009_01.jpg\"\n\"n000002\" \"train/n000002/0001_01.jpg\"\n",
			skipped: map[string]int{layout.OutsideFolder: 1, layout.LooseImage: 1, layout.NestedFolder: 1},
			names:   map[string]string{"n000001": "Dalai_Lama", "n000002": "A, B_C", "n9": ""}},
		{name: "vggface2 of one half", layout: layout.VGGFace2, files: map[string]string{"n000007/0001_01.jpg": "x"},
			rows: "\"n000007\" \"n000007/0001_01.jpg\"\n"},
		{name: "lfw below lfw", layout: layout.LFW,
			files: map[string]string{"lfw/Al_Gore/Al_Gore_0001.jpg": "x", "lfw/Al/Al_0001.jpg": "x", "pairs.txt": "x"},
			rows:  "\"Al\" \"lfw/Al/Al_0001.jpg\"\n\"Al_Gore\" \"lfw/Al_Gore/Al_Gore_0001.jpg\"\n",
			names: map[string]string{"Al_Gore": "Al_Gore"}},
		{name: "lfw at the root", layout: layout.LFW, files: map[string]string{"Al/Al_0001.jpg": "x"}, rows: "\"Al\" \"Al/Al_0001.jpg\"\n"},
		{name: "five digits are not lfw", layout: layout.Folder, files: map[string]string{"Al/Al_00001.jpg": "x"}, rows: "\"Al\" \"Al/Al_00001.jpg\"\n"},
		{name: "lfw told", told: layout.LFW, layout: layout.LFW, files: map[string]string{"Al/1.jpg": "x"}, rows: "\"Al\" \"Al/1.jpg\"\n"},
		{name: "casia", layout: layout.CASIA, files: map[string]string{"0000045/001.jpg": "x", "webface_id_name_list.txt": "0000045 Bruce_Lee\n0000099 Zoe Saldana\n"},
			rows: "\"0000045\" \"0000045/001.jpg\"\n", names: map[string]string{"0000045": "Bruce_Lee", "0000099": "Zoe Saldana"}},
	} {
		if c.told == "" {
			looked[c.layout] = true
		}
		t.Run(c.name, func(t *testing.T) {
			d, err := Open(t.Context(), Options{URL: writeTree(t, c.files), Layout: c.told})
			if err != nil {
				t.Fatal(err)
			}
			if got := story(collect(t, d)); got != c.rows || d.Layout() != c.layout {
				t.Errorf("%s:\n%swant\n%s", d.Layout(), got, c.rows)
			}
			if got := skips(d); !maps.Equal(got, c.skipped) {
				t.Errorf("skipped %v, want %v", got, c.skipped)
			}
			for id, name := range c.names {
				if got := d.Name(id); got != name {
					t.Errorf("%s is named %q, want %q", id, got, name)
				}
			}
		})
	}
	for _, name := range layout.Names() {
		if !looked[name] {
			t.Errorf("no tree here looks like layout %s", name)
		}
	}
}

func TestNastyNamesAndLinks(t *testing.T) {
	root := writeTree(t, map[string]string{
		"a/caf\xe9.jpg": "x", "a/two\nlines.jpg": "x", "a/100%.jpg": "x", "a/link.jpg": "-> 100%.jpg",
		"a/gone.jpg": "-> nowhere", "a/self.jpg": "-> self.jpg", "a/up": "-> ..", "b\xff/1.jpg": "x", "z": "-> a",
		"x.jpg/1.jpg": "x", "a/empty.jpg": "",
	})
	if err := syscall.Mkfifo(root+"/a/pipe.jpg", 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := Open(t.Context(), Options{URL: root})
	if err != nil {
		t.Fatal(err)
	}
	rows := collect(t, d)
	r, err := OpenReader(t.Context(), root, store.S3Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]error{"a/caf\xe9.jpg": nil, "a/two\nlines.jpg": nil, "a/100%.jpg": nil, "a/link.jpg": nil,
		"a/gone.jpg": schemas.FaultLink, "a/self.jpg": schemas.FaultLink, "b\xff/1.jpg": nil, "a/empty.jpg": schemas.FaultEmpty}
	for _, im := range rows {
		fault, ok := want[im.Path]
		delete(want, im.Path)
		if _, err := r.Read(t.Context(), im); !ok || !errors.Is(err, fault) {
			t.Errorf("%q: %v, want %v", im.Path, err, fault)
		}
	}
	if len(want) > 0 {
		t.Errorf("no rows for %q", want)
	}
	if got, want := skips(d), (map[string]int{layout.FolderEntered: 2, layout.FolderNamedAsImage: 1, tree.Irregular: 1}); !maps.Equal(got, want) {
		t.Errorf("skipped %v, want %v", got, want)
	}
}

func TestOpenExplains(t *testing.T) {
	file := writeTree(t, map[string]string{"f": "x"}) + "/f"
	for url, want := range map[string]string{
		"":                 "no data given",
		"/no/such/folder":  "nothing at",
		file:               "is a file",
		"ftp://host/x":     "not read",
		"file://relative":  "absolute",
		filepath.Dir(file): "no images",
	} {
		d, err := Open(t.Context(), Options{URL: url})
		if err == nil {
			for _, err = range d.Rows(t.Context()) {
			}
		}
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want ...%s...", url, err, want)
		}
	}
	if _, err := Open(t.Context(), Options{URL: filepath.Dir(file), Layout: "imagenet"}); err == nil || !strings.Contains(err.Error(), "vggface2") {
		t.Errorf("unknown layout: %v", err)
	}
}

func TestReaderFaults(t *testing.T) {
	root := writeTree(t, map[string]string{"a/1.jpg": "0123456789", "a/2.jpg": "x"})
	d, err := Open(t.Context(), Options{URL: root})
	if err != nil {
		t.Fatal(err)
	}
	rows := collect(t, d)
	r, err := OpenReader(t.Context(), root, store.S3Options{})
	if err != nil {
		t.Fatal(err)
	}
	checkSpans(t, r, rows[0])
	if err := os.WriteFile(root+"/a/1.jpg", []byte("other"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(root + "/a/2.jpg"); err != nil {
		t.Fatal(err)
	}
	checkRead(t, r, rows[0], "", schemas.FaultChanged)
	checkRead(t, r, rows[1], "", schemas.FaultMissing)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var fault schemas.Fault
	if _, err := r.Read(ctx, rows[0]); !errors.Is(err, context.Canceled) || errors.As(err, &fault) {
		t.Errorf("cancelled: %v", err)
	}
	big := root + "/a/big.jpg"
	if err := os.WriteFile(big, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(big, tree.MaxImageBytes+1); err != nil {
		t.Fatal(err)
	}
	checkRead(t, r, schemas.Image{Path: "a/big.jpg", Object: "a/big.jpg", Length: -1, Size: -1}, "", schemas.FaultTooLarge)
}

// checkSpans reads parts of an object that holds "0123456789".
func checkSpans(t *testing.T, r *Reader, im schemas.Image) {
	t.Helper()
	checkRead(t, r, im, "0123456789", nil)
	part := im
	part.Offset, part.Length = 2, 3
	checkRead(t, r, part, "234", nil)
	part.Length = -1
	checkRead(t, r, part, "23456789", nil)
	part.Length = 9
	checkRead(t, r, part, "", schemas.FaultTruncated)
	part.Size = 11
	checkRead(t, r, part, "", schemas.FaultChanged)
	part = im
	part.Tag = "1234567890abcdef"
	checkRead(t, r, part, "", schemas.FaultChanged)
	part.Tag, part.Size, part.Offset = "", -1, 40
	checkRead(t, r, part, "", schemas.FaultTruncated)
}

func checkRead(t *testing.T, r *Reader, im schemas.Image, want string, fault error) {
	t.Helper()
	data, err := r.Read(t.Context(), im)
	if string(data) != want || !errors.Is(err, fault) {
		t.Errorf("%+v: %q, %v; want %q, %v", im, data, err, want, fault)
	}
}
