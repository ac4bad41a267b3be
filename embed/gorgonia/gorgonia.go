package gorgonia

import (
	"errors"
	"slices"

	"github.com/facesieve/facesieve/embed/graph"
	"github.com/facesieve/facesieve/internal/origin"
)

// ErrOperator is wrapped by errors about a model that needs more than this
// backend can compute. They name the node.
var ErrOperator = errors.New("unsupported operator")

// ErrModel is wrapped by errors about a file that is no ONNX model, or one whose
// parts do not fit together.
var ErrModel = graph.ErrModel

// Network is an open model together with the memory of its runs, for one
// goroutine at a time.
type Network struct {
	program *program
	shape   []int
	input   []float32   // capacity for the largest batch
	outputs [][]float32 // likewise
	results [][]float32
	memory  memory
}

// program is what a model computes, for one image; it does not change once made.
type program struct {
	operations []func(*memory)
	values     []value // the first is the input
	buffers    []int   // their sizes
	patches    int     // size of the patches of the largest convolution
	wide       int     // size of the largest padded result
	outputs    []int   // values
}

// memory is what the operations of a program work on.
type memory struct {
	values        [][]float32
	patches, wide []float32
}

// Open opens a model, the bytes of an ONNX file with one float32 input, for runs
// of up to shape[0] inputs of shape shape[1:]; outputs names the outputs wanted,
// in the order that Run gives them (none: all). Errors are ErrOperator or
// ErrModel.
func Open(model []byte, shape []int, outputs ...string) (*Network, error) {
	g, err := graph.Read(model)
	if err != nil {
		return nil, origin.Errorf("gorgonia", "%w", err)
	}
	if len(shape) < 2 || slices.Min(shape) < 1 {
		return nil, origin.Errorf("gorgonia", "an input of shape %v can't be", shape)
	}
	p, err := compile(g, shape, outputs)
	if err != nil {
		return nil, origin.Errorf("gorgonia", "%w", err)
	}
	elements := 0
	for _, o := range p.outputs {
		elements += p.values[o].size()
	}
	if elements > maxElements/shape[0] {
		return nil, origin.Errorf("gorgonia", "%w: outputs of more than %d bytes", ErrOperator, 4*maxElements)
	}
	return p.network(shape), nil
}

func (p *program) network(shape []int) *Network {
	n := &Network{program: p, shape: shape, results: make([][]float32, len(p.outputs))}
	n.input = make([]float32, shape[0]*p.values[0].size())
	for _, o := range p.outputs {
		n.outputs = append(n.outputs, make([]float32, shape[0]*p.values[o].size()))
	}
	buffers := make([][]float32, len(p.buffers))
	for i, size := range p.buffers {
		buffers[i] = make([]float32, size)
	}
	n.memory = memory{
		values:  make([][]float32, len(p.values)),
		patches: make([]float32, p.patches), wide: make([]float32, p.wide),
	}
	for i, v := range p.values {
		if i > 0 {
			n.memory.values[i] = buffers[v.buffer][:v.size()]
		}
	}
	return n
}

// Clone returns a Network with the same weights and memory of its own.
func (n *Network) Clone() *Network { return n.program.network(n.shape) }

// Input returns the memory of the input, for the largest batch: picture i of a batch
// begins at i * len / batch.
func (n *Network) Input() []float32 { return n.input }

// Run runs the model on the first count inputs. Each output is count times one
// input's; they are valid until the next Run. An input's output does not depend
// on its position or on the other inputs.
func (n *Network) Run(count int) ([][]float32, error) {
	if count < 1 || count > n.shape[0] {
		return nil, origin.Errorf("gorgonia", "run: %d inputs do not fit into memory for %d", count, n.shape[0])
	}
	p, m := n.program, &n.memory
	one := p.values[0].size()
	for i := range count {
		m.values[0] = n.input[i*one : (i+1)*one]
		for _, compute := range p.operations {
			compute(m)
		}
		for k, o := range p.outputs {
			copy(n.outputs[k][i*p.values[o].size():], m.values[o])
		}
	}
	for k, o := range p.outputs {
		n.results[k] = n.outputs[k][:count*p.values[o].size()]
	}
	return n.results, nil
}

// Close frees the memory. The Network must not be used afterwards.
func (n *Network) Close() error {
	*n = Network{}
	return nil
}
