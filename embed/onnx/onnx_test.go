//go:build cgo

package onnx_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/embed/onnx"
)

// needLibrary skips a test where there is no ONNX Runtime library.
func needLibrary(t *testing.T) {
	t.Helper()
	if _, err := onnx.FindLibrary(""); err != nil {
		missing(t, err.Error())
	}
}

func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("needs %s", what)
	}
	t.Skipf("SKIPPED: %s needs %s", t.Name(), what)
}

// sharedModel gives a real model, and skips where there is none.
func sharedModel(t *testing.T, name string) []byte {
	t.Helper()
	shared := os.Getenv("SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	path := filepath.Join(shared, "models", name)
	model, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		missing(t, path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return model
}

func open(t *testing.T, model []byte) *onnx.Session {
	t.Helper()
	s, err := onnx.Open(model, onnx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// batchEqualsSingles fails unless a batch gives bit for bit what its inputs give
// one by one. The inputs are about as large as bright.
func batchEqualsSingles(t *testing.T, model []byte, size int, bright float32) {
	t.Helper()
	const batch = 16
	s := open(t, model)
	if !s.Batches() {
		t.Fatal("the model does not run in batches")
	}
	b, err := s.Bind([]int{batch, 3, size, size}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	in := b.Input()
	one := len(in) / batch
	for i := range in {
		in[i] = bright * (float32(i*7919%511)/255 - 1 + float32(i/one)/batch)
	}
	all := slices.Clone(in)
	out, err := b.Run(batch)
	if err != nil {
		t.Fatal(err)
	}
	together := make([][]float32, len(out))
	for k := range out {
		together[k] = slices.Clone(out[k])
	}
	for i := range batch {
		copy(in, all[i*one:(i+1)*one])
		single, err := b.Run(1)
		if err != nil {
			t.Fatal(err)
		}
		for k, values := range single {
			if n := len(values); !slices.Equal(values, together[k][i*n:(i+1)*n]) {
				t.Fatalf("input %d: output %d of a batch differs from a single run's", i, k)
			}
		}
	}
	differ := slices.ContainsFunc(together, func(values []float32) bool {
		n := len(values) / batch
		return !slices.Equal(values[:n], values[len(values)-n:])
	})
	if !differ {
		t.Error("two different inputs give one output")
	}
}

func TestTinyModelsRunInBatches(t *testing.T) {
	needLibrary(t)
	batchEqualsSingles(t, testModel(t, "tiny-embed.onnx"), 112, 1)
	batchEqualsSingles(t, testModel(t, "tiny-detect.onnx"), 64, 255)
}

func TestRealModelsRunInBatches(t *testing.T) {
	needLibrary(t)
	for _, m := range []struct {
		name   string
		size   int
		bright float32
	}{{"mobilefacenet.onnx", 112, 1}, {"yunet_n_dynamic.onnx", 320, 255}, {"yunet_n_320_320.onnx", 320, 255}} {
		t.Run(m.name, func(t *testing.T) { batchEqualsSingles(t, sharedModel(t, m.name), m.size, m.bright) })
	}
}

func TestDeviceThatIsNotThere(t *testing.T) {
	needLibrary(t)
	for _, provider := range []string{onnx.CUDA, onnx.TensorRT, "abacus"} {
		// No machine has a 200th GPU.
		s, err := onnx.Open(testModel(t, "tiny-embed.onnx"), onnx.Options{Device: onnx.Device{Provider: provider, Index: 199}})
		if err == nil {
			t.Errorf("%s: opened", provider)
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		} else if !errors.Is(err, onnx.ErrNoDevice) || !strings.Contains(err.Error(), provider) {
			t.Errorf("%s: %v is no ErrNoDevice that names it", provider, err)
		}
	}
}

func TestOpenRefusesOtherFiles(t *testing.T) {
	needLibrary(t)
	if _, err := onnx.Open([]byte("<html>not found</html>"), onnx.Options{}); !errors.Is(err, onnx.ErrModel) {
		t.Errorf("opening a web page gives %v, not an ErrModel", err)
	}
	absent := filepath.Join(t.TempDir(), "absent.so")
	if _, err := onnx.Open(testModel(t, "tiny-embed.onnx"), onnx.Options{Library: absent}); !errors.Is(err, onnx.ErrNoLibrary) {
		t.Errorf("opening with an absent library gives %v, not an ErrNoLibrary", err)
	}
}

func TestRunRefusesTooManyInputs(t *testing.T) {
	needLibrary(t)
	s := open(t, testModel(t, "tiny-embed.onnx"))
	b, err := s.Bind([]int{2, 3, 112, 112}, []string{"vector"})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := b.Run(3); err == nil {
		t.Error("three inputs ran in memory for two")
	}
	if _, err := s.Bind([]int{2, 3, 112, 112}, []string{"absent"}); err == nil {
		t.Error("an output that is not there was bound")
	}
}
