package gorgonia

import (
	"fmt"
	"slices"

	"github.com/facesieve/facesieve/embed/graph"
)

// value is an input, an output, or what stands between two operations, of one image.
// With three dimensions (channels, height, width) it stands in memory pixel by
// pixel, the channels of a pixel side by side; a planar one and those with other
// dimensions stand as in ONNX.
type value struct {
	shape  []int // without the batch
	planar bool
	buffer int
}

func (v value) size() int {
	n := 1
	for _, d := range v.shape {
		n *= d
	}
	return n
}

// builder turns a graph into a program, node by node.
type builder struct {
	program *program
	graph   *graph.Graph
	ids     map[string]int // of the values, by name
	left    map[string]int // how often a value will still be used
	users   map[string]int // the last node that uses a value
	fused   map[int]bool   // nodes that became part of an earlier one
	free    []int          // buffers
	total   int            // elements of all buffers
}

// maxElements bounds the memory of one image's run: 256 MB.
const maxElements = 64 << 20

// minOpset is the first operator set with today's broadcasting.
const minOpset = 7

// operators are what a node is built with.
func (b *builder) operators() map[string]func(graph.Node) error {
	return map[string]func(graph.Node) error{
		"AveragePool":        b.averagePool,
		"Add":                b.add,
		"BatchNormalization": b.batchNormalization,
		"Clip":               b.pointwise,
		"Conv":               b.conv,
		"Flatten":            b.flatten,
		"Gemm":               b.gemm,
		"GlobalAveragePool":  b.globalAveragePool,
		"MaxPool":            b.maxPool,
		"PRelu":              b.pointwise,
		"Relu":               b.pointwise,
		"Reshape":            b.reshape,
	}
}

func compile(g *graph.Graph, shape []int, outputs []string) (*program, error) {
	b := &builder{
		program: &program{}, graph: g, ids: map[string]int{},
		left: map[string]int{}, users: map[string]int{}, fused: map[int]bool{},
	}
	if err := b.start(shape); err != nil {
		return nil, err
	}
	operators := b.operators()
	// The first node that can't be computed is named whatever the others are.
	for _, n := range g.Nodes {
		switch {
		case n.Domain != "" || operators[n.Op] == nil:
			return nil, fmt.Errorf("%w: %v", ErrOperator, n)
		case len(n.Outputs) != 1:
			return nil, lacks(n, "it has %d outputs", len(n.Outputs))
		case len(n.Others) > 0:
			return nil, lacks(n, "attribute %s", n.Others[0])
		}
	}
	for i, n := range g.Nodes {
		if b.fused[i] {
			continue
		}
		if err := operators[n.Op](n); err != nil {
			return nil, err
		}
		if b.total > maxElements {
			return nil, lacks(n, "up to here the model needs more than %d bytes of memory", 4*maxElements)
		}
	}
	return b.program, b.setOutputs(outputs)
}

// emit appends an operation to the program.
func (b *builder) emit(operation func(*memory)) {
	b.program.operations = append(b.program.operations, operation)
}

// setOutputs makes the outputs called names the program's, all where there are none.
func (b *builder) setOutputs(names []string) error {
	var have []string
	for _, o := range b.graph.Outputs {
		have = append(have, o.Name)
	}
	if len(names) == 0 {
		names = have
	}
	for _, name := range names {
		if !slices.Contains(have, name) {
			return fmt.Errorf("%w that fits: it has outputs %q, not %q", ErrModel, have, name)
		}
		id, there := b.ids[name]
		if !there {
			return fmt.Errorf("%w: its output %q does not depend on its input", ErrModel, name)
		}
		b.program.outputs = append(b.program.outputs, b.planes(id))
	}
	return nil
}

// start makes the input's value and counts how often each value is used.
func (b *builder) start(shape []int) error {
	g := b.graph
	switch {
	case len(g.Inputs) != 1 || g.Inputs[0].Type != graph.Float32 || len(g.Outputs) == 0:
		return fmt.Errorf("%w that is run here: it needs exactly one input, of type float32, and an output",
			ErrModel)
	case g.Opset < minOpset:
		return fmt.Errorf("%w: the model's operators are of version %d; known are those from %d",
			ErrOperator, g.Opset, minOpset)
	}
	in := g.Inputs[0]
	fits := len(in.Shape) == len(shape)
	for i := 1; fits && i < len(shape); i++ {
		fits = in.Shape[i] < 0 || in.Shape[i] == shape[i]
	}
	if _, err := graph.Elements(shape); err != nil || !fits {
		return fmt.Errorf("%w that fits: its input has shape %v, not %v", ErrModel, in.Shape, shape)
	}
	b.program.values = []value{{shape: shape[1:], planar: true}}
	b.ids[in.Name] = 0
	for i, n := range g.Nodes {
		for _, name := range n.Inputs {
			b.left[name]++
			b.users[name] = i
		}
	}
	for _, o := range g.Outputs {
		b.left[o.Name] += 2 // an output's memory is never given away
	}
	return nil
}

// input gives the value that a node's input k is.
func (b *builder) input(n graph.Node, k int) (int, error) {
	if k >= len(n.Inputs) || n.Inputs[k] == "" {
		return 0, wrong(n, "it has no input %d", k)
	}
	if id, there := b.ids[n.Inputs[k]]; there {
		return id, nil
	}
	return 0, lacks(n, "its input %q is a constant", n.Inputs[k])
}

// pixels gives a node's input k, of three dimensions, pixel by pixel.
func (b *builder) pixels(n graph.Node, k int) (int, error) {
	id, err := b.input(n, k)
	if err == nil && len(b.program.values[id].shape) != 3 {
		err = lacks(n, "an input of shape %v (batch aside)", b.program.values[id].shape)
	}
	if err != nil {
		return 0, err
	}
	return b.ordered(n.Inputs[k], id), nil
}

// ordered gives the value called name as operations other than the first find it.
func (b *builder) ordered(name string, id int) int {
	v := b.program.values[id]
	if !v.planar || len(v.shape) != 3 {
		return id
	}
	out := b.value(v.shape)
	b.emit(func(m *memory) { toPixels(m.values[out], m.values[id], v.shape) })
	b.ids[name] = out
	return out
}

// planes gives a value as ONNX orders it.
func (b *builder) planes(id int) int {
	v := b.program.values[id]
	if v.planar || len(v.shape) != 3 {
		return id
	}
	out := b.value(v.shape)
	b.program.values[out].planar = true
	b.emit(func(m *memory) { toPlanes(m.values[out], m.values[id], v.shape) })
	return out
}

// constant gives the weight that a node's input k is; ok is false where the node
// has no such input.
func (b *builder) constant(n graph.Node, k int) (t graph.Tensor, ok bool, err error) {
	if k >= len(n.Inputs) || n.Inputs[k] == "" {
		return t, false, nil
	}
	t, ok = b.graph.Weights[n.Inputs[k]]
	if !ok {
		return t, false, lacks(n, "its input %q is not a constant", n.Inputs[k])
	}
	return t, true, nil
}

// floats gives the float32 weight that a node's input k must be.
func (b *builder) floats(n graph.Node, k int) (graph.Tensor, error) {
	t, ok, err := b.constant(n, k)
	if err == nil && (!ok || t.Data == nil) {
		err = wrong(n, "its input %d must be float32 weights", k)
	}
	return t, err
}

// next gives the one node that uses a value, where there is just one.
func (b *builder) next(name string) (int, bool) {
	i, used := b.users[name]
	return i, used && b.left[name] == 1
}
