package simulate

import (
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fill writes the files of a listing, each with its path as content.
func fill(t *testing.T, dir string, images []Image) {
	t.Helper()
	for _, im := range images {
		name := filepath.Join(dir, im.Path)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(im.Path), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWriteOverlap(t *testing.T) {
	base := t.TempDir()
	from := Origin{Data: filepath.Join(base, "source"), Reference: filepath.Join(base, "bench"), ReferenceName: "lfw"}
	src := Source{Images: listing(8, 4), Reference: benchmark(20, 4)}
	src.Reference[3].Landmarks = &[10]float32{1, 2.5, 3, 4, 5, 6, 7, 8, 9, 10}
	fill(t, from.Data, src.Images)
	fill(t, from.Reference, src.Reference)
	o := Options{Seed: 1, Flips: .1, FlipMode: Swap, Overlap: 5}
	r := mustMake(t, src, o)
	out := filepath.Join(base, "out")
	rec, _, err := Write(t.Context(), out, r, from, o)
	if err != nil || rec.ReferenceImages != len(r.Reference) || rec.Options.Overlap != 5 {
		t.Fatal(rec, err)
	}
	for _, e := range r.Entries {
		if data, err := os.ReadFile(filepath.Join(out, FacesFolder, e.Path)); err != nil || string(data) != e.Image.Path {
			t.Errorf("%s is %q (%v), want %s", e.Path, data, err, e.Image.Path)
		}
	}
	found := tree(t, filepath.Join(out, ReferenceFolder, "lfw"))
	for _, im := range r.Reference {
		if found["/"+im.Path] != filepath.Join(from.Reference, im.Path) {
			t.Errorf("%s leads to %s", im.Path, found["/"+im.Path])
		}
	}
	lines := readCSV(t, filepath.Join(out, ReferenceFolder, "lfw.csv"))
	if len(found) != len(r.Reference) || len(lines) != 1+len(r.Reference) || strings.Join(lines[0][:4], ",") != "path,identity,name,lm1x" {
		t.Errorf("%d links, %d rows of %v", len(found), len(lines), lines[0])
	}
	if _, reused, err := Write(t.Context(), out, r, from, o); err != nil || !reused {
		t.Errorf("the same set again: %v, %v", reused, err)
	}
	if _, _, err := Write(t.Context(), filepath.Join(base, "again"), mustMake(t, src, o), from, o); err != nil {
		t.Error(err)
	}
	again := tree(t, filepath.Join(base, "again"))
	for name, data := range tree(t, out) {
		if again[name] != data {
			t.Errorf("%s differs", name)
		}
	}

	// A reference that has grown by a person who is not drawn is another set's.
	src.Reference = append(src.Reference, Image{Path: "lfw/Zoe/Zoe_0001.jpg", Identity: "Zoe", Name: "Zoe"})
	if _, _, err := Write(t.Context(), out, mustMake(t, src, o), from, o); !errors.Is(err, ErrTaken) {
		t.Error(err)
	}
}

func readCSV(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// Folders that stand in each other are refused, whatever leads to them.
func TestNestedFolders(t *testing.T) {
	base := t.TempDir()
	from := Origin{Data: filepath.Join(base, "source"), Reference: filepath.Join(base, "bench", "lfw"), ReferenceName: "lfw"}
	for _, dir := range []string{from.Data, from.Reference} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(base, "bench"), filepath.Join(base, "link")); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]error{
		"bench/lfw": ErrInside, "bench/lfw/x/y": ErrInside, "link/lfw/x": ErrInside, "bench": ErrTaken, "link": ErrTaken, ".": ErrTaken,
		"other": nil, "bench/lfw2": nil, "source2": nil,
	} {
		if err := Outside(filepath.Join(base, dir), from); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", dir, err, want)
		}
	}
	for reference, shared := range map[string]bool{"source": true, "source/lfw": true, ".": true, "bench": false, "": false, "source2": false} {
		x := Origin{Data: from.Data}
		if reference != "" {
			x.Reference = filepath.Join(base, reference)
		}
		if err := Apart(x); errors.Is(err, ErrShared) != shared {
			t.Errorf("reference %q: %v", reference, err)
		}
	}
}

// Of a set in a bucket there are no links; the manifest names its objects.
func TestWriteBucket(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	images := listing(10, 5)
	for i := range images {
		images[i].Size, images[i].Tag = int64(100+i), "tag"
	}
	images[7].Landmarks = &[10]float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	from, o := Origin{Data: "s3://sets/faces"}, Options{Seed: 1, Flips: .1, Outliers: .04, HoldBack: 2, Duplicates: 2, FlipMode: Swap}
	r := mustMake(t, Source{Images: images}, o)
	if err := Outside(out, from); err != nil {
		t.Error(err)
	}
	if _, _, err := Write(t.Context(), out, r, from, o); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(out, FacesFolder)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there is a folder of faces: %v", err)
	}
	lines := readCSV(t, filepath.Join(out, ManifestFile))
	if got := strings.Join(lines[0][:6], ","); got != "path,identity,object,size,tag,lm1x" || len(lines) != 1+len(r.Entries) {
		t.Fatalf("%d rows of %s", len(lines), got)
	}
	objects := map[string]int{}
	for i, e := range r.Entries {
		line := lines[i+1]
		objects[line[2]]++
		if line[0] != e.Path || line[1] != e.Identity || line[2] != e.Image.Path || line[4] != "tag" {
			t.Errorf("%v, want %+v", line, e)
		}
	}
	if len(objects) != len(r.Entries)-2 {
		t.Errorf("%d objects of %d rows with two copies", len(objects), len(r.Entries))
	}
	if rows := readCSV(t, filepath.Join(out, SourcesFile)); rows[1][2] != from.Data {
		t.Error(rows[1])
	}
}
