package onnx

import "google.golang.org/protobuf/encoding/protowire"

// node is what Patch needs to know of a NodeProto.
type node struct {
	op        string
	inputs    []string
	outputs   []string
	allowZero bool // a 0 in a Reshape target means zero, not "as in the input"
}

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

func survey(graph []byte) (graphSurvey, error) {
	s := graphSurvey{constant: map[string]bool{}, reshaped: map[string]bool{}, other: map[string]bool{}}
	var nodes []node
	err := walk(graph, func(f field) error {
		if f.typ != protowire.BytesType {
			return nil
		}
		switch f.num {
		case graphInitializer:
			name, err := stringField(f.val, tensorName)
			s.constant[name] = true
			return err
		case graphNode:
			n, err := readNode(f.val)
			nodes = append(nodes, n)
			if n.op == "Constant" {
				for _, o := range n.outputs {
					s.constant[o] = true
				}
			}
			return err
		}
		return nil
	})
	for _, n := range nodes {
		for i, in := range n.inputs {
			if n.op == "Reshape" && i == 1 && !n.allowZero && !s.constant[n.inputs[0]] {
				s.reshaped[in] = true
			} else {
				s.other[in] = true
			}
		}
	}
	return s, err
}

func readNode(message []byte) (node, error) {
	var n node
	err := walk(message, func(f field) error {
		if f.typ != protowire.BytesType {
			return nil
		}
		switch f.num {
		case nodeInput:
			n.inputs = append(n.inputs, string(f.val))
		case nodeOutput:
			n.outputs = append(n.outputs, string(f.val))
		case nodeOpType:
			n.op = string(f.val)
		case nodeAttribute:
			name, err := stringField(f.val, attributeName)
			if err != nil || name != "allowzero" {
				return err
			}
			return walk(f.val, func(a field) error {
				if a.num == attributeInt && a.typ == protowire.VarintType {
					n.allowZero = a.u != 0
				}
				return nil
			})
		}
		return nil
	})
	return n, err
}

// portsOf gives the inputs and outputs of an ONNX model as its graph names them;
// an input with an initializer is a weight. float says of every input whether it
// is float32.
func portsOf(model []byte) (inputs, outputs []Port, float []bool, err error) {
	err = walk(model, func(f field) error {
		if f.num != modelGraph || f.typ != protowire.BytesType {
			return nil
		}
		s, err := survey(f.val)
		if err != nil {
			return err
		}
		return walk(f.val, func(f field) error {
			if f.typ != protowire.BytesType || f.num != graphInput && f.num != graphOutput {
				return nil
			}
			port, isFloat, err := readPort(f.val)
			switch {
			case err != nil:
				return err
			case f.num == graphOutput:
				outputs = append(outputs, port)
			case !s.constant[port.Name]:
				inputs, float = append(inputs, port), append(float, isFloat)
			}
			return nil
		})
	})
	return inputs, outputs, float, err
}

// readPort reads a ValueInfoProto.
func readPort(info []byte) (Port, bool, error) {
	const floatType = 1 // TensorProto.DataType
	var kind uint64
	name, err := stringField(info, infoName)
	p := Port{Name: name}
	if err != nil {
		return p, false, err
	}
	err = inside(info, infoType, func(t []byte) error {
		return inside(t, typeTensor, func(t []byte) error {
			err := walk(t, func(f field) error {
				if f.num == typeElement && f.typ == protowire.VarintType {
					kind = f.u
				}
				return nil
			})
			if err != nil {
				return err
			}
			return inside(t, tensorShape, func(shape []byte) error {
				return inside(shape, shapeDim, func(dim []byte) error {
					size := int64(-1)
					err := walk(dim, func(f field) error {
						if f.num == dimValue && f.typ == protowire.VarintType && int64(f.u) > 0 {
							size = int64(f.u)
						}
						return nil
					})
					p.Shape = append(p.Shape, size)
					return err
				})
			})
		})
	})
	return p, kind == floatType, err
}

// inside calls see for every embedded message num.
func inside(message []byte, num protowire.Number, see func([]byte) error) error {
	return walk(message, func(f field) error {
		if f.num != num || f.typ != protowire.BytesType {
			return nil
		}
		return see(f.val)
	})
}
