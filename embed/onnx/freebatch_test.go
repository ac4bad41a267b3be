package onnx_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/facesieve/facesieve/embed/onnx"
)

func testModel(t testing.TB, name string) []byte {
	t.Helper()
	model, err := os.ReadFile(filepath.Join("..", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return model
}

func TestFreeBatchIsDoneOnce(t *testing.T) {
	model := testModel(t, "tiny-embed.onnx")
	once, err := onnx.FreeBatch(model)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(once, model) {
		t.Error("a model with a fixed batch was left as it is")
	}
	twice, err := onnx.FreeBatch(once)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(once, twice) {
		t.Error("freeing the batch of a free model changes it")
	}
}

func TestFreeBatchRefusesOtherFiles(t *testing.T) {
	for _, file := range []string{"<html>not found</html>", "\x3a\xff\xff\xff\xff\x0f"} {
		if _, err := onnx.FreeBatch([]byte(file)); !errors.Is(err, onnx.ErrModel) {
			t.Errorf("FreeBatch(%q) gives %v, not an ErrModel", file, err)
		}
	}
}

func FuzzFreeBatch(f *testing.F) {
	for _, name := range []string{"tiny-embed.onnx", "tiny-detect.onnx", "nan.onnx"} {
		model := testModel(f, name)
		f.Add(model)
		f.Add(model[:len(model)/2])
		f.Add(model[len(model)-300:])
	}
	f.Fuzz(func(t *testing.T, model []byte) {
		once, err := onnx.FreeBatch(model)
		if err != nil {
			return
		}
		twice, err := onnx.FreeBatch(once)
		if err != nil {
			t.Fatalf("what FreeBatch wrote can't be read: %v", err)
		}
		if !bytes.Equal(once, twice) {
			t.Fatal("freeing the batch of a free model changes it")
		}
	})
}
