package onnx

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/facesieve/facesieve/embed/graph"
)

// uses are what a graph's values are used for, by name.
type uses struct {
	constant map[string]bool // initializers and outputs of Constant nodes
	reshaped map[string]bool // targets of Reshapes of values that depend on the input
	other    map[string]bool // values used in any other way
}

// targets are the constants that are only used to reshape values that have a
// batch dimension.
func (s uses) targets() map[string]bool {
	t := map[string]bool{}
	for name := range s.reshaped {
		if s.constant[name] && !s.other[name] {
			t[name] = true
		}
	}
	return t
}

// usesIn reads what a GraphProto's values are used for.
func usesIn(message []byte) (uses, error) {
	s := uses{constant: map[string]bool{}, reshaped: map[string]bool{}, other: map[string]bool{}}
	var nodes []graph.Node
	err := graph.Walk(message, func(f graph.Field) error {
		if f.Type != protowire.BytesType {
			return nil
		}
		switch f.Num {
		case graph.GraphInitializer:
			name, err := graph.StringField(f.Val, graph.TensorName)
			s.constant[name] = true
			return err
		case graph.GraphNode:
			n, err := graph.ReadNode(f.Val)
			nodes = append(nodes, n)
			if n.Op == "Constant" {
				for _, o := range n.Outputs {
					s.constant[o] = true
				}
			}
			return err
		}
		return nil
	})
	for _, n := range nodes {
		// A 0 in a target means "as in the input" unless allowzero is set.
		batched := n.Op == "Reshape" && len(n.Inputs) > 1 && n.Int["allowzero"] == 0 && !s.constant[n.Inputs[0]]
		for i, in := range n.Inputs {
			if batched && i == 1 {
				s.reshaped[in] = true
			} else {
				s.other[in] = true
			}
		}
	}
	return s, err
}
