package simulate

import (
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// tree returns the names and bytes, or targets, of everything in a folder.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if d.Type()&fs.ModeSymlink != 0 {
			target, err := os.Readlink(name)
			all[strings.TrimPrefix(name, dir)] = target
			return err
		}
		data, err := os.ReadFile(name)
		all[strings.TrimPrefix(name, dir)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWrite(t *testing.T) {
	base := t.TempDir()
	from := Origin{Data: filepath.Join(base, "source")}
	images := listing(12, 6)
	fill(t, from.Data, images)
	o := Options{Seed: 1, Flips: .1, Outliers: .05, HoldBack: 3, Duplicates: 1, FlipMode: Swap}
	r := mustMake(t, Source{Images: images}, o)
	out := filepath.Join(base, "made", "out")
	rec, reused, err := Write(t.Context(), out, r, from, o)
	if err != nil || reused || rec.Images != len(r.Entries) {
		t.Fatal(rec, reused, err)
	}
	for _, e := range r.Entries {
		data, err := os.ReadFile(filepath.Join(out, FacesFolder, e.Path))
		if err != nil || string(data) != e.Image.Path {
			t.Errorf("%s is %q (%v), want %s", e.Path, data, err, e.Image.Path)
		}
	}
	rows, err := truth.Read(filepath.Join(out, TruthFile))
	if err != nil || len(rows) != len(r.Truth) {
		t.Error(len(rows), err)
	}
	f, err := os.Open(filepath.Join(out, SourcesFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil || len(lines) != 1+len(r.Entries) || lines[1][2] != from.Data {
		t.Error(len(lines), err)
	}
	before := tree(t, out)
	if _, reused, err := Write(t.Context(), out, r, from, o); err != nil || !reused {
		t.Errorf("the same set again: %v, %v", reused, err)
	}
	if _, _, err := Write(t.Context(), filepath.Join(base, "again"), r, from, o); err != nil {
		t.Error(err)
	}
	again := tree(t, filepath.Join(base, "again"))
	for name, data := range before {
		if again[name] != data {
			t.Errorf("%s differs", name)
		}
	}
	if entries, err := os.ReadDir(filepath.Join(base, "made")); err != nil || len(entries) != 1 {
		t.Errorf("%d entries beside the set (%v)", len(entries), err)
	}
	o.Seed = 2
	if _, _, err := Write(t.Context(), out, mustMake(t, Source{Images: images}, o), from, o); !errors.Is(err, ErrTaken) {
		t.Errorf("another set in a folder that is taken: %v", err)
	}
	if err := os.Symlink(from.Data, filepath.Join(base, "link")); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{from.Data, filepath.Join(from.Data, "new", "set"), filepath.Join(base, "link", "set")} {
		if _, _, err := Write(t.Context(), dir, r, from, o); !errors.Is(err, ErrInside) {
			t.Errorf("written into the source as %s: %v", dir, err)
		}
	}
	if _, _, err := Write(t.Context(), base, r, from, o); !errors.Is(err, ErrTaken) {
		t.Errorf("written into a folder with other things: %v", err)
	}
}

// An empty folder is written to by whatever name it has.
func TestWriteIntoEmptyFolders(t *testing.T) {
	base := t.TempDir()
	from, o := Origin{Data: filepath.Join(base, "source")}, Options{FlipMode: Swap}
	r := mustMake(t, Source{Images: listing(3, 3)}, o)
	for _, name := range []string{"empty", "linked"} {
		if err := os.Mkdir(filepath.Join(base, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(base, "link")
	if err := os.Symlink("linked", link); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(base, "empty"))
	for dir, real := range map[string]string{".": "empty", link: "linked"} {
		for again := range 2 {
			if _, reused, err := Write(t.Context(), dir, r, from, o); err != nil || reused != (again == 1) {
				t.Errorf("%s: %v, reused %v", dir, err, reused)
			}
		}
		if _, err := os.Stat(filepath.Join(base, real, RecordFile)); err != nil {
			t.Error(err)
		}
	}
	left, err := filepath.Glob(filepath.Join(base, "*", ".simulate-*"))
	if err != nil || len(left) > 0 {
		t.Error(left, err)
	}
}
