package train

import (
	"fmt"
	"hash"
	"hash/fnv"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// operation is one of Gorgonia's operations whose arithmetic is here: Gorgonia
// builds the graph of them, differentiates and runs it. Operands are float32
// matrices; an activation has a row for each pixel, batch by batch and row by
// row of the picture, and a column for each channel.
//
// One operation stands at one position in one graph: its result is its own memory,
// written anew by each run.
type operation struct {
	name       string // what it does and with which settings
	rows, cols int    // of the result; 0, 0: the result is a number
	operands   int
	// scalars says which operands are numbers.
	scalars []bool
	// run writes the result into out.
	run func(out []float32, in [][]float32)
	// diff gives the gradient of each operand, nil where there is none; an
	// operation without diff has no gradient at all.
	diff func(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error)
	wrt  []bool // which operands have a gradient

	result *tensor.Dense
}

func (o *operation) apply(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	n, err := gorgonia.ApplyOp(o, in...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.name, err)
	}
	return n, nil
}

func (o *operation) Arity() int { return o.operands }

func (o *operation) Type() hm.Type {
	matrix := gorgonia.TensorType{Dims: 2, Of: tensor.Float32}
	var types []hm.Type
	for i := range o.operands {
		if i < len(o.scalars) && o.scalars[i] {
			types = append(types, tensor.Float32)
		} else {
			types = append(types, matrix)
		}
	}
	if o.rows == 0 {
		return hm.NewFnType(append(types, tensor.Float32)...)
	}
	return hm.NewFnType(append(types, matrix)...)
}

func (o *operation) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) {
	if o.rows == 0 {
		return tensor.ScalarShape(), nil
	}
	return tensor.Shape{o.rows, o.cols}, nil
}

func (o *operation) Do(values ...gorgonia.Value) (gorgonia.Value, error) {
	in := make([][]float32, len(values))
	for i, v := range values {
		switch data := v.Data().(type) {
		case []float32:
			in[i] = data
		case float32:
			in[i] = []float32{data}
		default:
			return nil, fmt.Errorf("%s: operand %d is %T", o.name, i, data)
		}
	}
	if o.rows == 0 {
		var out [1]float32
		o.run(out[:], in)
		return gorgonia.NewF32(out[0]), nil
	}
	if o.result == nil {
		o.result = tensor.New(tensor.WithShape(o.rows, o.cols), tensor.Of(tensor.Float32))
	}
	o.run(o.result.Data().([]float32), in)
	return o.result, nil
}

func (o *operation) ReturnsPtr() bool     { return false }
func (o *operation) CallsExtern() bool    { return false }
func (o *operation) OverwritesInput() int { return -1 }

func (o *operation) WriteHash(h hash.Hash) { _, _ = io.WriteString(h, o.name) } // a hash takes everything

func (o *operation) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

func (o *operation) String() string { return o.name }

// DiffWRT says which operands have a gradient.
func (o *operation) DiffWRT(operands int) []bool {
	if o.wrt == nil {
		return make([]bool, operands)
	}
	return o.wrt
}

// SymDiff returns the nodes of the operands' gradients.
func (o *operation) SymDiff(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	if o.diff == nil {
		return nil, fmt.Errorf("%s has no gradient", o.name)
	}
	return o.diff(in, out, grad)
}

// parts is into how many pieces work is cut, whatever the number of processors,
// so that sums over pieces have one order.
const parts = 4

// share runs f for each part of n: from its first up to its end. What parts write
// must not meet. Empty parts run, too.
func share(n int, f func(part, from, end int)) {
	var next atomic.Int32
	work := func() {
		for {
			p := int(next.Add(1)) - 1
			if p >= parts {
				return
			}
			f(p, n*p/parts, n*(p+1)/parts)
		}
	}
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), parts) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
}
