package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/embed"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// A coordinator publishes a model; a worker without a folder of models finds it.
func TestModelsGoThroughTheStore(t *testing.T) {
	ctx := context.Background()
	st, err := store.Open(ctx, "mem:", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	data := []byte("the bytes of a model")
	sum := sha256.Sum256(data)
	model := embed.Model{Name: "own", File: filepath.Join(t.TempDir(), "own.onnx"), SHA256: schemas.Digest(hex.EncodeToString(sum[:]))}
	if err := os.WriteFile(model.File, data, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	var f Flags
	if _, err := f.find(ctx, st, model.SHA256); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "--models") {
		t.Errorf("before: %v", err)
	}
	for range 2 { // the second time it is there already
		if err := f.Publish(ctx, st, []embed.Model{model, {}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	path, err := f.find(ctx, st, model.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, data) {
		t.Errorf("found %q (%v)", got, err)
	}
}

// What a store holds under a model's name is believed only when its hash is right.
func TestAFalseModelIsNotUsed(t *testing.T) {
	ctx := context.Background()
	st, err := store.Open(ctx, "mem:", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	d := schemas.Digest(strings.Repeat("ab", 32))
	if err := st.Put(ctx, schemas.ModelObject(d), strings.NewReader("something else"), 14); err != nil {
		t.Fatal(err)
	}
	var f Flags
	if path, err := f.find(ctx, st, d); err == nil {
		t.Errorf("found %s", path)
	}
}
