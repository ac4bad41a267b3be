package onnx

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/facesieve/facesieve/embed/graph"
)

// portsOf gives the inputs and outputs of an ONNX model as its graph names them;
// an input with an initializer is a weight. float says of every input whether it
// is float32.
func portsOf(model []byte) (inputs, outputs []Port, float []bool, err error) {
	err = graph.Inside(model, graph.ModelGraph, func(message []byte) error {
		s, err := usesIn(message)
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
