// Package graph reads an ONNX file as a graph of nodes and weights, and writes
// one, without native code and without the protocol's generated types. Its
// wire-level functions are for whoever must change a file without understanding
// all of it.
package graph

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrModel is wrapped by errors about a file that is no ONNX model.
var ErrModel = errors.New("not an ONNX model")

// opset is the operator set of a graph that names none.
const opset = 13

// Graph is what a model computes. Every name of a value is an input's, a
// weight's, or that of exactly one node's output.
type Graph struct {
	Name    string
	Opset   int64 // version of ONNX's own operators; 0: 13
	Inputs  []Value
	Outputs []Value
	Nodes   []Node // sorted: a node comes after those that it takes values of
	Weights map[string]Tensor
}

// Value is an input or output. A dimension of -1 is free.
type Value struct {
	Name  string
	Shape []int
	Type  int // Float32, or another TensorProto.DataType; 0 is written as Float32
}

// Tensor is a constant: Data holds the elements of a float32, Ints those of an
// int64, last dimension fastest. A scalar has no dimensions.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32
	Ints  []int64
}

// Node is one operation. An optional input that is left away is "".
type Node struct {
	Name, Op string
	Domain   string // "" are ONNX's own operators
	Inputs   []string
	Outputs  []string

	// Attributes, by name.
	Int     map[string]int64
	Ints    map[string][]int64
	Floats  map[string]float32
	Strings map[string]string
	Others  []string // names of attributes of other types; they can't be written
}

// String names a node in an error.
func (n Node) String() string {
	if n.Name == "" && len(n.Outputs) > 0 {
		return fmt.Sprintf("%s node that gives %q", n.Op, n.Outputs[0])
	}
	return fmt.Sprintf("%s node %q", n.Op, n.Name)
}

// Elements returns the number of elements of a shape. It fails where a dimension is
// negative, and where there are more than an int32 counts.
func Elements(shape []int) (int, error) {
	n := 1
	for _, d := range shape {
		if d < 0 {
			return 0, fmt.Errorf("shape %v has a negative dimension", shape)
		}
		if d > 0 && n > math.MaxInt32/d {
			return 0, fmt.Errorf("shape %v has too many elements", shape)
		}
		n *= d
	}
	return n, nil
}

// check sorts the nodes and refuses a graph whose values do not fit together.
func (g *Graph) check() error {
	defined := map[string]bool{}
	for name, t := range g.Weights {
		if name == "" || t.Name != name {
			return fmt.Errorf("tensor %q stands under the name %q", t.Name, name)
		}
		if err := t.check(); err != nil {
			return err
		}
		defined[name] = true
	}
	for _, v := range g.Inputs {
		if defined[v.Name] {
			return fmt.Errorf("input %q is defined twice", v.Name)
		}
		defined[v.Name] = true
	}
	if err := g.sort(defined); err != nil {
		return err
	}
	for _, v := range g.Outputs {
		if !defined[v.Name] {
			return fmt.Errorf("nothing gives the output %q", v.Name)
		}
	}
	return nil
}

func (t Tensor) check() error {
	n, err := Elements(t.Shape)
	switch {
	case err != nil:
		return fmt.Errorf("tensor %q: %w", t.Name, err)
	case t.Data != nil && t.Ints != nil:
		return fmt.Errorf("tensor %q is float32 and int64", t.Name)
	case len(t.Data)+len(t.Ints) != n:
		return fmt.Errorf("tensor %q has %d elements, its shape %v has %d",
			t.Name, len(t.Data)+len(t.Ints), t.Shape, n)
	}
	return nil
}

// sort orders the nodes so that each comes after those it takes values of, and
// otherwise as they were; it adds their outputs to defined.
func (g *Graph) sort(defined map[string]bool) error {
	producer := map[string]int{}
	for i, n := range g.Nodes {
		for _, out := range n.Outputs {
			if _, twice := producer[out]; twice || defined[out] {
				return fmt.Errorf("%v: its output %q is defined twice", n, out)
			}
			if out != "" {
				producer[out] = i
			}
		}
	}
	const waiting, visiting, done = 0, 1, 2
	state := make([]int, len(g.Nodes))
	sorted := make([]Node, 0, len(g.Nodes))
	var visit func(i int) error
	visit = func(i int) error {
		n := g.Nodes[i]
		switch state[i] {
		case visiting:
			return fmt.Errorf("%v depends on itself", n)
		case done:
			return nil
		}
		state[i] = visiting
		for _, in := range n.Inputs {
			from, made := producer[in]
			switch {
			case in == "" || defined[in]:
			case !made:
				return fmt.Errorf("%v: nothing gives its input %q", n, in)
			default:
				if err := visit(from); err != nil {
					return err
				}
			}
		}
		state[i] = done
		sorted = append(sorted, n)
		for _, out := range n.Outputs {
			defined[out] = true
		}
		return nil
	}
	for i := range g.Nodes {
		if err := visit(i); err != nil {
			return err
		}
	}
	delete(defined, "")
	g.Nodes = slices.Clip(sorted)
	return nil
}
