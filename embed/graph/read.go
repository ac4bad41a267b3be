package graph

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/facesieve/facesieve/internal/origin"
)

// Bounds of what is read: a file that a network of this program could be has far
// less.
const (
	maxNodes  = 1 << 16
	maxValues = 1 << 16 // inputs and outputs together, weights of old files among them
	maxDims   = 16
)

// Read reads the bytes of an ONNX file. Constant nodes become weights. Weights
// are float32 or int64 and stand in the file itself. A file whose parts do not
// fit together is an error that names the node or the tensor; errors are
// ErrModel. The memory taken is in proportion to the file.
func Read(model []byte) (*Graph, error) {
	g, err := read(model)
	if err != nil {
		return nil, origin.Errorf("graph: read", "%w: %w", ErrModel, err)
	}
	return g, nil
}

func read(model []byte) (*Graph, error) {
	g := &Graph{Weights: map[string]Tensor{}}
	found := false
	err := Walk(model, func(f Field) error {
		if f.Type != protowire.BytesType {
			return nil
		}
		switch f.Num {
		case ModelOperators:
			return g.readSet(f.Val)
		case ModelGraph:
			if found {
				return errors.New("two graphs")
			}
			found = true
			return g.read(f.Val)
		}
		return nil
	})
	if err == nil && !found {
		err = errors.New("no graph")
	}
	if err != nil {
		return nil, err
	}
	// In files before IR version 4 weights are inputs, too.
	inputs := g.Inputs[:0]
	for _, v := range g.Inputs {
		if _, weight := g.Weights[v.Name]; !weight {
			inputs = append(inputs, v)
		}
	}
	g.Inputs = inputs
	return g, g.check()
}

// readSet reads an OperatorSetIdProto.
func (g *Graph) readSet(set []byte) error {
	domain, err := StringField(set, SetDomain)
	if err != nil || domain != "" && domain != "ai.onnx" {
		return err
	}
	return Walk(set, func(f Field) error {
		if f.Num == SetVersion && f.Type == protowire.VarintType {
			g.Opset = int64(f.Uint)
		}
		return nil
	})
}

// read reads a GraphProto.
func (g *Graph) read(message []byte) error {
	return Walk(message, func(f Field) error {
		if f.Type != protowire.BytesType {
			return nil
		}
		switch f.Num {
		case GraphName:
			g.Name = string(f.Val)
		case GraphInitializer:
			t, err := ReadTensor(f.Val)
			if err != nil {
				return err
			}
			return g.add(t)
		case GraphSparse:
			return errors.New("sparse weights are not read")
		case GraphInput, GraphOutput:
			if len(g.Inputs)+len(g.Outputs) >= maxValues {
				return fmt.Errorf("more than %d inputs and outputs", maxValues)
			}
			v, err := ReadValue(f.Val)
			if err != nil {
				return err
			}
			if f.Num == GraphInput {
				g.Inputs = append(g.Inputs, v)
			} else {
				g.Outputs = append(g.Outputs, v)
			}
		case GraphNode:
			if len(g.Nodes) >= maxNodes {
				return fmt.Errorf("more than %d nodes", maxNodes)
			}
			return g.readNode(f.Val)
		}
		return nil
	})
}

func (g *Graph) add(t Tensor) error {
	if _, twice := g.Weights[t.Name]; twice {
		return fmt.Errorf("tensor %q is defined twice", t.Name)
	}
	g.Weights[t.Name] = t
	return t.check()
}

func (g *Graph) readNode(message []byte) error {
	n, err := ReadNode(message)
	if err != nil {
		return err
	}
	if n.Op != "Constant" || n.Domain != "" {
		g.Nodes = append(g.Nodes, n)
		return nil
	}
	if len(n.Outputs) != 1 {
		return fmt.Errorf("%v has %d outputs", n, len(n.Outputs))
	}
	t, err := readConstant(message)
	if err != nil {
		return fmt.Errorf("%v: %w", n, err)
	}
	t.Name = n.Outputs[0]
	return g.add(t)
}

// readConstant gives the value of a Constant node.
func readConstant(message []byte) (t Tensor, err error) {
	found := false
	err = Inside(message, NodeAttribute, func(a []byte) error {
		v, err := readAttribute(a)
		if err != nil {
			return err
		}
		found = true
		switch v.name {
		case "value":
			t, err = ReadTensor(v.tensor)
		case "value_int":
			t.Ints = []int64{v.i}
		case "value_ints":
			t.Ints, t.Shape = v.ints, []int{len(v.ints)}
		case "value_float":
			t.Data = []float32{v.f}
		case "value_floats":
			t.Data, t.Shape = v.floats, []int{len(v.floats)}
		default:
			err = fmt.Errorf("its %s is not read", v.name)
		}
		return err
	})
	if err == nil && !found {
		err = errors.New("it has no value")
	}
	return t, err
}
