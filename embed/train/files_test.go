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
	for _, model := range []string{"none", "one"} {
		if err := WriteModel(path, []byte(model), []byte("text of "+model)); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{path: "one", path + ".json": "text of one"} {
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s holds %q (%v), want %q", name, got, err, want)
		}
	}
	if err := os.Remove(path + ".json"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path+".json", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := WriteModel(path, []byte("two"), []byte("another")); err == nil {
		t.Error("a description replaced a folder")
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "one" {
		t.Errorf("the model is %q (%v) where its description could not be written", got, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("the folder holds %v (%v)", entries, err)
	}
}
