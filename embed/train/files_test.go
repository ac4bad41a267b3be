package train

import (
	"os"
	"path/filepath"
	"testing"
)

// A model that can't be written whole leaves the one that was there, and no rest.
func TestWriteModel(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.onnx")
	if err := WriteModel(path, []byte("one"), []byte("its text")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path+".json"+half, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := WriteModel(path, []byte("two"), []byte("another")); err == nil {
		t.Error("written in the place of a folder")
	}
	if err := os.Remove(path + ".json" + half); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{path: "one", path + ".json": "its text"} {
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s holds %q (%v), want %q", name, got, err, want)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("the folder holds %v (%v)", entries, err)
	}
}
