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
