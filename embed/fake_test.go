package embed

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"runtime"
	"testing"

	"github.com/facesieve/facesieve/embed/detect"
	"github.com/facesieve/facesieve/embed/onnx"
	"github.com/facesieve/facesieve/schemas"
)

// nullDetector finds one face of 64 x 64 pixels in the middle of every input, at
// no cost; like a device with little memory it refuses batches above fits.
type nullDetector struct {
	in   []float32
	out  [][]float32
	fits int
	runs []int
}

func newNullDetector(batch, size int) *nullDetector {
	d := &nullDetector{in: make([]float32, batch*3*size*size), fits: batch}
	for i, o := range (detect.YuNet{}).Outputs(size) {
		n := o.Values
		d.out = append(d.out, make([]float32, batch*n))
		for k := range batch {
			at := k*n + n/2 // the cell at the left of the middle row, or so
			switch {
			case o.Name == "cls_32" || o.Name == "obj_32":
				d.out[i][at] = 1
			case o.Name == "bbox_32":
				at -= at % 4
				copy(d.out[i][at:], []float32{.5, .5, float32(math.Log(2)), float32(math.Log(2))})
			case o.Name == "kps_32":
				at -= at % 10
				copy(d.out[i][at:], []float32{.1, .1, .9, .1, .5, .5, .2, .9, .8, .9})
			}
		}
	}
	return d
}

func (d *nullDetector) Input() []float32 { return d.in }

func (d *nullDetector) Run(n int) ([][]float32, error) {
	d.runs = append(d.runs, n)
	if n > d.fits {
		return nil, fmt.Errorf("a batch of %d: %w", n, onnx.ErrMemory)
	}
	return d.out, nil
}

// nullEmbedder gives every input the same vector, at no cost.
type nullEmbedder struct {
	in, out   []float32
	fits, dim int
}

func newNullEmbedder(batch, side, dim int) *nullEmbedder {
	e := &nullEmbedder{in: make([]float32, batch*3*side*side), out: make([]float32, batch*dim), fits: batch, dim: dim}
	for i := range e.out {
		e.out[i] = float32(i%dim + 1)
	}
	return e
}

func (e *nullEmbedder) Input() []float32 { return e.in }

func (e *nullEmbedder) Run(n int) ([][]float32, error) {
	if n > e.fits {
		return nil, fmt.Errorf("a batch of %d: %w", n, onnx.ErrMemory)
	}
	return [][]float32{e.out[:n*e.dim]}, nil
}

// nullSpec is a Spec that the null networks and the tiny models fit.
func nullSpec() schemas.EmbedSpec {
	model, detector := Models()[0], Models()[1]
	model.Contract.Dim = 16
	return Spec(model, detector)
}

// nullEngine is an engine on null networks: all that it costs is its own.
func nullEngine(t testing.TB, workers, batch int, change func(*deviceWorker)) *Engine {
	t.Helper()
	c := Config{Spec: nullSpec()}
	p, err := newParameters(c.Spec)
	if err != nil {
		t.Fatal(err)
	}
	b := backend{device: "null", decoded: batch}
	if batch > ownBatch {
		b.decoders = runtime.GOMAXPROCS(0)
	}
	for range workers {
		w := &deviceWorker{
			parameters: p, batch: batch, preparers: 1,
			detector: newNullDetector(batch, p.size), embedder: newNullEmbedder(p.inputs*batch, p.width, p.dim),
		}
		if change != nil {
			change(w)
		}
		b.workers = append(b.workers, w)
	}
	e, err := newEngine(c, p, b)
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

// tinyConfig is the tiny models of testdata.
func tinyConfig(t testing.TB) Config {
	t.Helper()
	needLibrary(t)
	return Config{Spec: nullSpec(), ModelFile: "testdata/tiny-embed.onnx", DetectorFile: "testdata/tiny-detect.onnx", Device: onnx.CPU}
}

// picture is a black PNG with white squares of 32 x 32 pixels whose corners are
// given; the tiny detector sees a face in each.
func picture(t testing.TB, w, h int, corners ...image.Point) []byte {
	t.Helper()
	im := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			im.Set(x, y, color.RGBA{0, uint8(x % 40), uint8(y % 40), 255})
			for _, c := range corners {
				if image.Pt(x, y).In(image.Rect(c.X, c.Y, c.X+32, c.Y+32)) {
					im.Set(x, y, color.White)
				}
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
