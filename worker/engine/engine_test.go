package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/embed"
	"github.com/facesieve/facesieve/embed/gorgonia"
	"github.com/facesieve/facesieve/embed/onnx"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/program"
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
	model := embed.Model{Name: "own", File: filepath.Join(t.TempDir(), "own.onnx"),
		SHA256: schemas.Digest(hex.EncodeToString(sum[:]))}
	if err := os.WriteFile(model.File, data, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	var f Flags
	if _, err := f.find(ctx, st, model.SHA256); !errors.Is(err, fs.ErrNotExist) ||
		!strings.Contains(err.Error(), "--models") {
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

// The built-in model needs no folder, and goes into the store for workers of
// other builds.
func TestTheBuiltinModelIsPublished(t *testing.T) {
	ctx := context.Background()
	st, err := store.Open(ctx, "mem:", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	m, err := embed.Resolve(embed.BuiltinModel)
	if err != nil {
		t.Fatal(err)
	}
	var f Flags
	if err := f.Publish(ctx, st, []embed.Model{m}, nil); err != nil {
		t.Fatal(err)
	}
	if info, err := st.Stat(ctx, schemas.ModelObject(m.SHA256)); err != nil || info.Size != m.Bytes {
		t.Errorf("in the store: %+v, %v", info, err)
	}
	e, err := f.Open(ctx, st, embed.Spec(m, embed.Model{}))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// A detector that can't run is refused before it is pulled.
func TestDetectorsNeedTheLibrary(t *testing.T) {
	model, err := embed.Resolve(embed.BuiltinModel)
	if err != nil {
		t.Fatal(err)
	}
	detector, err := embed.Resolve(embed.DefaultDetector)
	if err != nil {
		t.Fatal(err)
	}
	both := []embed.Model{model, detector}
	for _, f := range []Flags{{Engine: embed.BackendGorgonia}, {Runtime: t.TempDir()}} {
		if err := f.Runs(both); err == nil || !strings.Contains(err.Error(), "--detector none") {
			t.Errorf("%+v: %v", f, err)
		}
		if err := f.Runs(both[:1]); err != nil {
			t.Errorf("%+v, without a detector: %v", f, err)
		}
	}
}

// What the engine says is wrong comes with the flag that helps.
func TestAdvice(t *testing.T) {
	absent := filepath.Join(t.TempDir(), "absent.so")
	for _, c := range []struct {
		flags Flags
		err   error
		hint  string
	}{
		{Flags{}, nil, ""},
		{Flags{}, fs.ErrNotExist, ""},
		{Flags{}, &onnx.LibraryError{}, "--onnxruntime PATH or $FACESIEVE_ONNXRUNTIME"},
		{Flags{}, &onnx.LibraryError{Path: absent}, "leave --onnxruntime away"},
		{Flags{}, &onnx.LibraryError{Path: absent, Variable: true}, "leave $FACESIEVE_ONNXRUNTIME away"},
		{Flags{}, fmt.Errorf("cuda:0: %w", onnx.ErrNoDevice), "--device cpu"},
		{Flags{}, embed.ErrDevices, "--device"},
		{Flags{Engine: embed.BackendGorgonia}, gorgonia.ErrOperator, "--engine onnxruntime"},
		{Flags{Engine: embed.BackendAuto}, gorgonia.ErrOperator, ""},
		{Flags{Engine: embed.BackendGorgonia}, &embed.DetectorError{Err: gorgonia.ErrOperator}, "--detector none"},
	} {
		got := c.flags.advise(c.err)
		if !errors.Is(got, c.err) || program.Hint(got) != "" && c.hint == "" ||
			!strings.Contains(program.Hint(got), c.hint) {
			t.Errorf("%v gives %v, want a hint with %q", c.err, got, c.hint)
		}
	}
}
