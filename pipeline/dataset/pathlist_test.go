package dataset

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/store"
)

func TestReadPaths(t *testing.T) {
	name := filepath.Join(t.TempDir(), "list.csv")
	for text, want := range map[string]string{
		"path,kind\na/1.jpg,wrong\n\"a/2,%0A.jpg\",\na/1.jpg,again\n": "",
		"name\na/1.jpg\n": `no column "path"`,
		"path,kind\n,x\n": "no path",
		"path\na%2.jpg\n": "write a % as %25",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		paths, err := ReadPaths(t.Context(), name, store.S3Options{})
		switch {
		case want == "" && (err != nil || len(paths) != 2 || !paths["a/1.jpg"] || !paths["a/2,\n.jpg"]):
			t.Errorf("%q: %v, %v", text, paths, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// Whatever a list of images holds, it is read or refused.
func FuzzPaths(f *testing.F) {
	f.Add([]byte("path,kind\na/1.jpg,wrong\n"))
	f.Add([]byte("ARROW1\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(t.TempDir(), "list")
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if paths, err := ReadPaths(t.Context(), name, store.S3Options{}); err == nil && paths[""] {
			t.Error("an image without a path")
		}
	})
}
