//go:build acceptance

package acceptance

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// read reads one table.
func read[T any](t *testing.T, path string, decode func(io.Reader) ([]T, error)) []T {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return rows
}

// verdicts are the report's images.
func (f *finished) verdicts(t *testing.T) []schemas.Verdict {
	t.Helper()
	parts, err := filepath.Glob(filepath.Join(f.folder, schemas.ImagesFolder, "part-*.arrow"))
	if err != nil || len(parts) == 0 {
		t.Fatalf("no images in %s: %v", f.folder, err)
	}
	var all []schemas.Verdict
	for _, p := range parts {
		all = append(all, read(t, p, schemas.ReadVerdicts)...)
	}
	return all
}

// byPath are the verdicts by raw path; no path stands twice.
func (f *finished) byPath(t *testing.T) map[string]schemas.Verdict {
	t.Helper()
	out := map[string]schemas.Verdict{}
	for _, v := range f.verdicts(t) {
		if _, twice := out[v.Embedding.Path]; twice {
			t.Errorf("%q has two rows", v.Embedding.Path)
		}
		out[v.Embedding.Path] = v
	}
	return out
}

func (f *finished) overlaps(t *testing.T) []schemas.Overlap {
	t.Helper()
	return read(t, filepath.Join(f.folder, schemas.OverlapFile), schemas.ReadOverlaps)
}

func (f *finished) summary(t *testing.T) schemas.Summary {
	t.Helper()
	var s schemas.Summary
	if err := readJSON(filepath.Join(f.folder, schemas.SummaryFile), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// timing is what the run cost; stores is the folder its store stands in.
func (f *finished) timing(t *testing.T, folder string) schemas.Timing {
	t.Helper()
	var x schemas.Timing
	if err := readJSON(filepath.Join(folder, schemas.TimingObject(f.id)), &x); err != nil {
		t.Fatal(err)
	}
	return x
}

// embedded counts the embed tasks of a source ("set", "ref-lfw") that computed
// something, and their images.
func embedded(x schemas.Timing, source string) (tasks, images int) {
	for _, task := range x.Tasks {
		if strings.HasPrefix(task.Task, string(schemas.StageEmbed)+"."+source+".") && !task.Reused {
			tasks++
			images += task.Images
		}
	}
	return tasks, images
}

// digests are the SHA-256 of every file of a report, by name.
func (f *finished) digests(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(f.folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(f.folder, path)
		sum := sha256.Sum256(data)
		out[name] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// same fails where two reports differ in any byte.
func same(t *testing.T, what string, want, got map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			t.Errorf("%s: %s is %q, want %s", what, name, got[name], want[name])
		}
	}
	for name := range got {
		if _, known := want[name]; !known {
			t.Errorf("%s: the file %s is in one report alone", what, name)
		}
	}
}

func logDigests(t *testing.T, sums map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		t.Logf("sha256 %s  %s", sums[name], name)
	}
}

// tiers are the pairs of the sure tiers, "TIER identity / reference",
// under the names that old gives for a label.
func tiers(t *testing.T, f *finished, oldSet, oldReference map[string]string) []string {
	t.Helper()
	was := func(names map[string]string, label string) string {
		if old, ok := names[label]; ok {
			return old
		}
		return label
	}
	var out []string
	for _, o := range f.overlaps(t) {
		if o.Tier.Sure() {
			out = append(out, fmt.Sprintf("%s %s / %s", o.Tier, was(oldSet, o.Identity), was(oldReference, o.ReferenceIdentity)))
		}
	}
	slices.Sort(out)
	return out
}
