package embed

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/facesieve/facesieve/embed/onnx"
	"github.com/facesieve/facesieve/schemas"
)

func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("needs %s", what)
	}
	t.Skipf("SKIPPED: %s needs %s", t.Name(), what)
}

// shared gives a path below the folder of real data and models.
func shared(t testing.TB, elements ...string) string {
	t.Helper()
	root := os.Getenv("SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "shared")
	}
	path := filepath.Join(append([]string{root}, elements...)...)
	if _, err := os.Stat(path); err != nil {
		missing(t, path)
	}
	return path
}

func needLibrary(t testing.TB) {
	t.Helper()
	if _, err := onnx.Open(nil, onnx.Options{}); errors.Is(err, onnx.ErrNoLibrary) || errors.Is(err, onnx.ErrNoEngine) {
		missing(t, err.Error())
	}
}

// realConfig is the default models, as they stand in the shared folder.
func realConfig(t testing.TB) Config {
	t.Helper()
	needLibrary(t)
	model, err := Resolve(DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	detector, err := Resolve(DefaultDetector)
	if err != nil {
		t.Fatal(err)
	}
	return Config{
		Spec: Spec(model, detector), Device: onnx.CPU,
		ModelFile: shared(t, "models", "mobilefacenet.onnx"), DetectorFile: shared(t, "models", "yunet_n_dynamic.onnx"),
	}
}

func start(t testing.TB, c Config) *Engine {
	t.Helper()
	e, err := Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// files are the images of a list of files and how to read them.
func files(t testing.TB, paths []string) ([]schemas.Image, Read) {
	t.Helper()
	images := make([]schemas.Image, len(paths))
	for i, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		images[i] = schemas.Image{Path: p, Object: p, Length: -1, Size: info.Size()}
	}
	return images, func(_ context.Context, i int) ([]byte, error) { return os.ReadFile(paths[i]) }
}

func embedAll(t testing.TB, e *Engine, paths []string, aligned bool) []schemas.Embedding {
	t.Helper()
	images, read := files(t, paths)
	rows, err := e.Embed(context.Background(), images, aligned, read, nil)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func below(t testing.TB, dir, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no %s below %s (%v)", pattern, dir, err)
	}
	return paths
}
