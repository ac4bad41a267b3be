package graph

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/facesieve/facesieve/internal/origin"
)

// irVersion is that of the files written; it came with operator set 15.
const irVersion = 8

// batch is the symbol of a free first dimension.
const batch = "batch"

// Write returns the bytes of an ONNX file. Equal graphs give equal bytes: nodes are
// sorted as Read gives them, weights and attributes by name. The graph is not
// changed. A graph whose parts do not fit together is an error that names the
// node or the tensor.
func (g *Graph) Write() ([]byte, error) {
	c := *g
	c.Nodes = slices.Clone(g.Nodes)
	if err := c.check(); err != nil {
		return nil, origin.Errorf("graph", "write: %w", err)
	}
	body := []byte{}
	for _, n := range c.Nodes {
		node, err := n.write()
		if err != nil {
			return nil, origin.Errorf("graph", "write: %w", err)
		}
		body = AppendMessage(body, GraphNode, node)
	}
	// ONNX wants a name of every graph.
	body = AppendMessage(body, GraphName, []byte(cmp.Or(c.Name, "facesieve")))
	for _, name := range slices.Sorted(maps.Keys(c.Weights)) {
		body = AppendMessage(body, GraphInitializer, c.Weights[name].write())
	}
	for _, v := range c.Inputs {
		body = AppendMessage(body, GraphInput, v.write())
	}
	for _, v := range c.Outputs {
		body = AppendMessage(body, GraphOutput, v.write())
	}
	out := appendInt(nil, ModelVersion, irVersion)
	out = AppendMessage(out, ModelProducer, []byte("facesieve"))
	out = AppendMessage(out, ModelGraph, body)
	set := AppendMessage(nil, SetDomain, nil)
	return AppendMessage(out, ModelOperators, appendInt(set, SetVersion, cmp.Or(c.Opset, opset))), nil
}

func (n Node) write() ([]byte, error) {
	if len(n.Others) > 0 {
		return nil, fmt.Errorf("%v has attributes that can't be written: %q", n, n.Others)
	}
	var out []byte
	for _, in := range n.Inputs {
		out = AppendMessage(out, NodeInput, []byte(in))
	}
	for _, name := range n.Outputs {
		out = AppendMessage(out, NodeOutput, []byte(name))
	}
	out = AppendMessage(out, NodeName, []byte(n.Name))
	out = AppendMessage(out, NodeOperator, []byte(n.Op))
	if n.Domain != "" {
		out = AppendMessage(out, NodeDomain, []byte(n.Domain))
	}
	attributes := map[string][]byte{}
	named := func(name string, dataType int64) []byte {
		return appendInt(AppendMessage(nil, AttributeName, []byte(name)), AttributeType, dataType)
	}
	for name, v := range n.Int {
		attributes[name] = appendInt(named(name, typeInt), AttributeInt, v)
	}
	for name, v := range n.Ints {
		attributes[name] = appendInts(named(name, typeInts), AttributeInts, v)
	}
	for name, v := range n.Strings {
		attributes[name] = AppendMessage(named(name, typeString), AttributeString, []byte(v))
	}
	for name, v := range n.Floats {
		a := protowire.AppendTag(named(name, typeFloat), AttributeFloat, protowire.Fixed32Type)
		attributes[name] = protowire.AppendFixed32(a, math.Float32bits(v))
	}
	if len(attributes) != len(n.Int)+len(n.Ints)+len(n.Strings)+len(n.Floats) {
		return nil, fmt.Errorf("%v has an attribute twice, in two types", n)
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		out = AppendMessage(out, NodeAttribute, attributes[name])
	}
	return out, nil
}

func (t Tensor) write() []byte {
	dims := make([]int64, len(t.Shape))
	for i, d := range t.Shape {
		dims[i] = int64(d)
	}
	out := appendInts(nil, TensorDims, dims)
	raw := make([]byte, 0, 4*len(t.Data)+8*len(t.Ints))
	dataType := int64(Float32)
	if t.Ints != nil {
		dataType = Int64
	}
	for _, v := range t.Data {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	for _, v := range t.Ints {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(v))
	}
	out = appendInt(out, TensorType, dataType)
	out = AppendMessage(out, TensorName, []byte(t.Name))
	return AppendMessage(out, TensorRaw, raw)
}

func (v Value) write() []byte {
	var shape []byte
	for i, d := range v.Shape {
		var dim []byte
		switch {
		case d >= 0:
			dim = appendInt(dim, DimValue, int64(d))
		case i == 0:
			dim = AppendMessage(dim, DimParam, []byte(batch))
		}
		shape = AppendMessage(shape, ShapeDim, dim)
	}
	tensor := appendInt(nil, TypeElement, int64(cmp.Or(v.Type, Float32)))
	tensor = AppendMessage(tensor, TypeShape, shape)
	out := AppendMessage(nil, InfoName, []byte(v.Name))
	return AppendMessage(out, InfoType, AppendMessage(nil, TypeTensor, tensor))
}
