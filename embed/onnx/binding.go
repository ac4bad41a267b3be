//go:build cgo

package onnx

import (
	"fmt"
	"math"
	"slices"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/facesieve/facesieve/internal/origin"
)

// Binding is a session together with the memory of its input and outputs, for
// one goroutine at a time.
type Binding struct {
	session *Session
	input   []float32   // capacity for the largest batch
	outputs [][]float32 // likewise, as asked for
	shape   []int64     // of the input
	shapes  [][]int64   // of all outputs, for a batch of one
	buffers [][]float32 // of all outputs, in the session's order
	pick    []int       // outputs asked for -> session's order
	runs    map[[2]int]*run
}

// run is the tensors of one batch size at one position in the buffers.
type run struct{ in, out []ort.Value }

// Bind gives memory for runs of up to shape[0] inputs of shape shape[1:];
// outputs names the outputs wanted, in the order that Run gives them (none:
// all). It runs the model once, on zeros, to learn the outputs' shapes.
func (s *Session) Bind(shape []int, outputs []string) (*Binding, error) {
	b := &Binding{session: s, runs: map[[2]int]*run{}}
	for _, d := range shape {
		b.shape = append(b.shape, int64(d))
	}
	if len(outputs) == 0 {
		outputs = s.names
	}
	for _, name := range outputs {
		i := slices.Index(s.names, name)
		if i < 0 {
			return nil, origin.Errorf("onnx", "bind: the model has no output %q; it has %q", name, s.names)
		}
		b.pick = append(b.pick, i)
	}
	b.input = make([]float32, elements(b.shape))
	if err := b.probe(); err != nil {
		return nil, origin.Errorf("onnx", "bind: %w", memoryError(err))
	}
	for _, shape := range b.shapes {
		b.buffers = append(b.buffers, make([]float32, elements(shape)*int(b.shape[0])))
	}
	b.outputs = make([][]float32, len(b.pick))
	return b, nil
}

func (b *Binding) probe() error {
	in, err := ort.NewTensor(b.sized(b.shape, 1), b.input)
	if err != nil {
		return err
	}
	defer in.Destroy()
	out := make([]ort.Value, len(b.session.names))
	err = b.session.session.Run([]ort.Value{in}, out)
	for i, v := range out {
		if v == nil {
			continue
		}
		defer v.Destroy()
		shape := v.GetShape()
		if _, ok := v.(*ort.Tensor[float32]); !ok || len(shape) == 0 || shape[0] != 1 {
			return fmt.Errorf("output %s has shape %v: outputs must be float32 with the batch as first dimension",
				b.session.names[i], shape)
		}
		b.shapes = append(b.shapes, shape)
	}
	return err
}

func (b *Binding) sized(shape []int64, n int) ort.Shape {
	s := slices.Clone(shape)
	s[0] = int64(n)
	return s
}

func elements(shape []int64) int {
	n := 1
	for _, d := range shape {
		n *= int(d)
	}
	return n
}

// Input returns the memory of the input, for the largest batch: picture i of a batch
// begins at i * len / batch.
func (b *Binding) Input() []float32 { return b.input }

// Run runs the model on the first n inputs. The outputs are those named at
// Bind, each n times one input's output; they are valid until the next Run. An
// error for want of memory is an ErrMemory.
func (b *Binding) Run(n int) ([][]float32, error) {
	once := n
	if !b.session.batches {
		once = 1
	}
	for at := 0; at < n; at += once {
		r, err := b.at(at, once)
		if err == nil {
			err = b.session.session.Run(r.in, r.out)
		}
		if err != nil {
			return nil, origin.Errorf("onnx", "run a batch of %d: %w", n, memoryError(err))
		}
	}
	for i, p := range b.pick {
		b.outputs[i] = b.buffers[p][:elements(b.shapes[p])*n]
	}
	return b.outputs, nil
}

// at gives the tensors of inputs at to at+n, made once.
func (b *Binding) at(at, n int) (*run, error) {
	key := [2]int{at, n}
	if r := b.runs[key]; r != nil {
		return r, nil
	}
	if n < 1 || at+n > int(b.shape[0]) {
		return nil, fmt.Errorf("%d inputs at %d do not fit into a binding for %d", n, at, b.shape[0])
	}
	one := elements(b.shape) / int(b.shape[0])
	in, err := ort.NewTensor(b.sized(b.shape, n), b.input[at*one:(at+n)*one])
	if err != nil {
		return nil, err
	}
	r := &run{in: []ort.Value{in}}
	for i, shape := range b.shapes {
		one := elements(shape)
		out, err := ort.NewTensor(b.sized(shape, n), b.buffers[i][at*one:(at+n)*one])
		if err != nil {
			return nil, err
		}
		r.out = append(r.out, out)
	}
	b.runs[key] = r
	return r, nil
}

// Close frees the binding's tensors.
func (b *Binding) Close() error {
	for _, r := range b.runs {
		for _, v := range append(r.in, r.out...) {
			if err := v.Destroy(); err != nil {
				return err
			}
		}
	}
	b.runs = nil
	return nil
}

// batchesAgree says whether a batch of two gives what two single runs give: a
// graph whose changed Reshape mixes its images must not run in batches.
func (s *Session) batchesAgree() bool {
	shape := []int{2}
	for _, d := range s.inputs[0].Shape[1:] {
		if d < 1 {
			d = 64 // free: any size that the strides of a detector divide
		}
		shape = append(shape, int(d))
	}
	b, err := s.Bind(shape, nil)
	if err != nil {
		return false
	}
	defer b.Close()
	s.batches = true
	for i := range b.input {
		b.input[i] = float32(i*7919%256) / 256
	}
	together, err := b.Run(2)
	if err != nil {
		return false
	}
	both := make([][]float32, len(together))
	for i, out := range together {
		both[i] = slices.Clone(out)
	}
	s.batches = false
	single, err := b.Run(2)
	return err == nil && slices.EqualFunc(both, single, near)
}

// near says whether two outputs agree as closely as one device's algorithms for
// different batch sizes do.
func near(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool {
		d := math.Abs(float64(x) - float64(y))
		return d <= 1e-2*(1+math.Abs(float64(y))) || math.IsNaN(float64(x)) && math.IsNaN(float64(y))
	})
}
