package onnx_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/embed/onnx"
)

func TestFindLibraryTakesTheNewest(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"libonnxruntime.so.1.9.0", "libonnxruntime.so.1.30.0", "libonnxruntime.so.1.4.1", "libonnxruntime_providers_cuda.so"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want := filepath.Join(dir, "libonnxruntime.so.1.30.0")
	t.Setenv(onnx.LibraryVariable, filepath.Join(dir, "absent"))
	if got, err := onnx.FindLibrary(dir); err != nil || got != want {
		t.Errorf("FindLibrary(folder) = %q, %v; want %q", got, err, want)
	}
	t.Setenv(onnx.LibraryVariable, dir)
	if got, err := onnx.FindLibrary(""); err != nil || got != want {
		t.Errorf("FindLibrary by the variable = %q, %v; want %q", got, err, want)
	}
}

func TestFindLibrarySearchesAboveTheWorkingFolder(t *testing.T) {
	root := t.TempDir()
	library := filepath.Join(root, ".onnxruntime", "libonnxruntime.so.1.30.0")
	below := filepath.Join(root, "a", "b")
	for _, dir := range []string{filepath.Dir(library), below} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(library, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	t.Setenv(onnx.LibraryVariable, "")
	t.Chdir(below)
	got, err := onnx.FindLibrary("")
	if err != nil || !strings.HasSuffix(got, filepath.Join(".onnxruntime", "libonnxruntime.so.1.30.0")) {
		t.Errorf("FindLibrary from %s = %q, %v", below, got, err)
	}
}

func TestMissingLibrary(t *testing.T) {
	absent := filepath.Join(t.TempDir(), "absent.so")
	t.Setenv(onnx.LibraryVariable, "")
	_, err := onnx.FindLibrary(absent)
	var missing *onnx.LibraryError
	if !errors.Is(err, onnx.ErrNoLibrary) || !errors.As(err, &missing) || missing.Path != absent || missing.Variable {
		t.Errorf("FindLibrary gives %v", err)
	}
	t.Setenv(onnx.LibraryVariable, absent)
	_, err = onnx.FindLibrary("")
	if !errors.As(err, &missing) || missing.Path != absent || !missing.Variable ||
		!strings.Contains(err.Error(), "$"+onnx.LibraryVariable) {
		t.Errorf("FindLibrary gives %v", err)
	}
}
