package dataset

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// sharedData is a folder of real photographs; the test is skipped without it.
func sharedData(t *testing.T, name string) string {
	t.Helper()
	shared := os.Getenv("SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(shared, "data", name)
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("needs %s", dir)
		}
		t.Skipf("SKIPPED: %s needs %s (set SHARED)", t.Name(), dir)
	}
	return dir
}

// collect lists a collection and checks that its rows are in order.
func collect(t *testing.T, d *Dataset) []schemas.Image {
	t.Helper()
	var out []schemas.Image
	for im, err := range d.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, im)
	}
	if !slices.IsSortedFunc(out, layout.CompareRows) {
		t.Error("rows are out of order")
	}
	return out
}

func identities(rows []schemas.Image) []string {
	var out []string
	for _, im := range rows {
		out = append(out, im.Identity)
	}
	return slices.Compact(out)
}

func TestRealSets(t *testing.T) {
	for _, c := range []struct {
		name, layout       string
		images, identities int
		identity, person   string
	}{
		{"vggface2-mini", layout.VGGFace2, 3477, 24, "n000002", "A_Fine_Frenzy"},
		{"lfw", layout.LFW, 7788, 4292, "Aaron_Eckhart", "Aaron_Eckhart"},
		{"facescrub-mini", layout.Folder, 1780, 516, "Al_Pacino", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := sharedData(t, c.name)
			d, err := Open(t.Context(), Options{URL: dir})
			if err != nil {
				t.Fatal(err)
			}
			rows := collect(t, d)
			if d.Layout() != c.layout || len(rows) != c.images || len(identities(rows)) != c.identities {
				t.Errorf("%s: %d images of %d identities", d.Layout(), len(rows), len(identities(rows)))
			}
			if got := d.Name(c.identity); got != c.person {
				t.Errorf("name of %s: %q", c.identity, got)
			}
			if s := d.Skipped(); len(s) != 0 {
				t.Errorf("skipped: %v", s)
			}
			r, err := OpenReader(t.Context(), "file://"+absolute(t, dir), store.S3Options{})
			if err != nil {
				t.Fatal(err)
			}
			im := rows[len(rows)/2]
			data, err := r.Read(t.Context(), im)
			if err != nil || int64(len(data)) != im.Size || !strings.HasPrefix(string(data), "\xff\xd8") {
				t.Errorf("%s: %d bytes, %v", im.Path, len(data), err)
			}
		})
	}
}

func absolute(t *testing.T, p string) string {
	t.Helper()
	abs, err := filepath.Abs(p)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}
