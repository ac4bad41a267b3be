package validate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// tree returns a copy of k8s, where a file may be changed, in memory at /k8s.
func tree(t *testing.T) filesys.FileSystem {
	t.Helper()
	files := filesys.MakeFsInMemory()
	for _, folder := range []string{"base", "components", "overlays", "validate/testdata"} {
		err := filepath.WalkDir(filepath.Join("..", folder), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return files.WriteFile("/k8s/"+strings.TrimPrefix(filepath.ToSlash(path), "../"), data)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// change replaces a text that stands once in a file.
func change(t *testing.T, files filesys.FileSystem, file, from, to string) {
	t.Helper()
	data, err := files.ReadFile("/k8s/" + file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(data), from); n != 1 {
		t.Fatalf("%s holds %q %d times", file, from, n)
	}
	if err := files.WriteFile("/k8s/"+file, []byte(strings.Replace(string(data), from, to, 1))); err != nil {
		t.Fatal(err)
	}
}
