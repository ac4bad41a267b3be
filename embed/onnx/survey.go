package onnx

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/facesieve/facesieve/embed/graph"
)

// graphSurvey is what a graph's values are used for.
type graphSurvey struct {
	constant map[string]bool // initializers and outputs of Constant nodes
	reshaped map[string]bool // targets of Reshapes of values that depend on the input
	other    map[string]bool // values used in any other way
}

// targets are the constants that are only used to reshape values that have a
// batch dimension.
func (s graphSurvey) targets() map[string]bool {
	t := map[string]bool{}
	for name := range s.reshaped {
		if s.constant[name] && !s.other[name] {
			t[name] = true
		}
	}
	return t
}

func survey(message []byte) (graphSurvey, error) {
	s := graphSurvey{constant: map[string]bool{}, reshaped: map[string]bool{}, other: map[string]bool{}}
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

// portsOf gives the inputs and outputs of an ONNX model as its graph names them;
// an input with an initializer is a weight. float says of every input whether it
// is float32.
func portsOf(model []byte) (inputs, outputs []Port, float []bool, err error) {
	err = graph.Inside(model, graph.ModelGraph, func(message []byte) error {
		s, err := survey(message)
		if err != nil {
			return err
		}
		return graph.Walk(message, func(f graph.Field) error {
			if f.Type != protowire.BytesType || f.Num != graph.GraphInput && f.Num != graph.GraphOutput {
				return nil
			}
			v, err := graph.ReadValue(f.Val)
			switch {
			case err != nil:
				return err
			case f.Num == graph.GraphOutput:
				outputs = append(outputs, portOf(v))
			case !s.constant[v.Name]:
				inputs, float = append(inputs, portOf(v)), append(float, v.Type == graph.Float32)
			}
			return nil
		})
	})
	return inputs, outputs, float, err
}

func portOf(v graph.Value) Port {
	p := Port{Name: v.Name}
	for _, d := range v.Shape {
		p.Shape = append(p.Shape, int64(d))
	}
	return p
}
