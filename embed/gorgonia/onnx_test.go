package gorgonia_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/facesieve/facesieve/embed/builtin"
	"github.com/facesieve/facesieve/embed/gorgonia"
	"github.com/facesieve/facesieve/embed/onnx"
)

// bind opens a model with ONNX Runtime, and skips the test where there is none.
func bind(t testing.TB, model []byte, batch int) *onnx.Binding {
	t.Helper()
	s, err := onnx.Open(model, onnx.Options{})
	if errors.Is(err, onnx.ErrNoLibrary) || errors.Is(err, onnx.ErrNoEngine) {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("SKIPPED: %s: %v", t.Name(), err)
	}
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Bind([]int{batch, 3, 112, 112}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// enginesAgree compares the unit vectors of both engines on 200 images, random
// ones that are as smooth as photographs.
func enginesAgree(t *testing.T, model []byte) {
	t.Helper()
	const batch, batches = 8, 25
	theirs := bind(t, model, batch)
	ours, err := gorgonia.Open(model, []int{batch, 3, 112, 112})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	lowest := 1.0
	for range batches {
		smooth(r, ours.Input())
		copy(theirs.Input(), ours.Input())
		got, err := ours.Run(batch)
		if err != nil {
			t.Fatal(err)
		}
		want, err := theirs.Run(batch)
		if err != nil {
			t.Fatal(err)
		}
		dim := len(want[0]) / batch
		for i := range batch {
			lowest = min(lowest, cosine(got[0][i*dim:(i+1)*dim], want[0][i*dim:(i+1)*dim]))
		}
	}
	t.Logf("the lowest cosine of %d is %.9f", batch*batches, lowest)
	if !(lowest >= .9999) {
		t.Errorf("the engines' vectors have a cosine of %.6f", lowest)
	}
}

// smooth fills images with noise that is the same over 8 x 8 pixels, and a little
// of its own for each.
func smooth(r *rand.Rand, images []float32) {
	coarse := make([]float32, len(images)/64+14)
	for i := range coarse {
		coarse[i] = float32(r.NormFloat64()) / 2
	}
	for i := range images {
		plane, y, x := i/(112*112), i/112%112, i%112
		images[i] = coarse[plane*14*14+y/8*14+x/8] + float32(r.NormFloat64())/8
	}
}

func cosine(x, y []float32) float64 {
	var xy, xx, yy float64
	for i := range x {
		a, b := float64(x[i]), float64(y[i])
		xy, xx, yy = xy+a*b, xx+a*a, yy+b*b
	}
	return xy / math.Sqrt(xx*yy)
}

func TestEnginesAgree(t *testing.T) {
	enginesAgree(t, network(4).model(t))
	enginesAgree(t, plain(5).model(t))
}

func TestEnginesAgreeOnTheBuiltinModel(t *testing.T) { enginesAgree(t, builtin.Model()) }
