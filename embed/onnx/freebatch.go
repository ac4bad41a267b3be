package onnx

import (
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/facesieve/facesieve/embed/graph"
	"github.com/facesieve/facesieve/internal/origin"
)

// batchName is the symbol that stands for the batch dimension after FreeBatch.
const batchName = "batch"

// ErrModel is wrapped by errors about a file that is no ONNX model.
var ErrModel = graph.ErrModel

// FreeBatch gives an ONNX model that was exported for one batch size the freedom to
// run in any: the first dimension of the graph's inputs and outputs becomes
// symbolic, the shapes noted for values inside the graph are dropped, and a
// constant Reshape target that begins with 1 and holds one -1 begins with 0
// ("as in the input") instead. A model that has none of these comes back equal
// in meaning. Weights are never touched. The error is an ErrModel.
func FreeBatch(model []byte) ([]byte, error) {
	out, err := rewrite(model, func(f graph.Field, out []byte) ([]byte, error) {
		if f.Num != graph.ModelGraph || f.Type != protowire.BytesType {
			return append(out, f.Raw...), nil
		}
		g, err := freeGraph(f.Val)
		if err != nil {
			return nil, err
		}
		return graph.AppendMessage(out, f.Num, g), nil
	})
	if err != nil {
		return nil, origin.Errorf("onnx", "free the batch: %w: %w", ErrModel, err)
	}
	return out, nil
}

func freeGraph(message []byte) ([]byte, error) {
	s, err := usesIn(message)
	if err != nil {
		return nil, err
	}
	targets := s.targets()
	return rewrite(message, func(f graph.Field, out []byte) ([]byte, error) {
		if f.Type != protowire.BytesType {
			return append(out, f.Raw...), nil
		}
		var changed []byte
		var err error
		switch f.Num {
		case graph.GraphValueInfo:
			return out, nil
		case graph.GraphInput, graph.GraphOutput:
			changed, err = freeInfo(f.Val, s.constant)
		case graph.GraphInitializer:
			changed, err = freeInitializer(f.Val, targets)
		case graph.GraphNode:
			changed, err = freeConstant(f.Val, targets)
		default:
			return append(out, f.Raw...), nil
		}
		if err != nil {
			return nil, err
		}
		return graph.AppendMessage(out, f.Num, changed), nil
	})
}

// freeInfo makes the first dimension of a graph's input or output symbolic. An
// input that is also an initializer (files before IR version 4) is a weight.
func freeInfo(info []byte, constant map[string]bool) ([]byte, error) {
	name, err := graph.StringField(info, graph.InfoName)
	if err != nil || constant[name] {
		return info, err
	}
	return within(info, graph.InfoType, func(t []byte) ([]byte, error) {
		return within(t, graph.TypeTensor, func(t []byte) ([]byte, error) {
			return within(t, graph.TypeShape, symbolicBatch)
		})
	})
}

func symbolicBatch(shape []byte) ([]byte, error) {
	first := true
	return rewrite(shape, func(f graph.Field, out []byte) ([]byte, error) {
		if !first || f.Num != graph.ShapeDim || f.Type != protowire.BytesType {
			return append(out, f.Raw...), nil
		}
		first = false
		param, err := graph.StringField(f.Val, graph.DimParam)
		if err != nil || param != "" {
			return append(out, f.Raw...), err
		}
		dim := protowire.AppendTag(nil, graph.DimParam, protowire.BytesType)
		return graph.AppendMessage(out, graph.ShapeDim, protowire.AppendString(dim, batchName)), nil
	})
}

func freeInitializer(tensor []byte, targets map[string]bool) ([]byte, error) {
	name, err := graph.StringField(tensor, graph.TensorName)
	if err != nil || !targets[name] {
		return tensor, err
	}
	return freeTarget(tensor)
}

func freeConstant(node []byte, targets map[string]bool) ([]byte, error) {
	n, err := graph.ReadNode(node)
	if err != nil || n.Op != "Constant" || len(n.Outputs) != 1 || !targets[n.Outputs[0]] {
		return node, err
	}
	return within(node, graph.NodeAttribute, func(a []byte) ([]byte, error) {
		return within(a, graph.AttributeTensor, freeTarget)
	})
}

// freeTarget changes an int64 tensor [1, ..., -1, ...] to [0, ..., -1, ...];
// any other tensor stays as it is.
func freeTarget(tensor []byte) ([]byte, error) {
	t, err := graph.ReadTensor(tensor)
	target := t.Ints
	if err != nil || len(t.Shape) != 1 || len(target) < 2 || target[0] != 1 {
		return tensor, err
	}
	free := 0
	for _, d := range target[1:] {
		if d == -1 {
			free++
		}
	}
	if free != 1 {
		return tensor, nil
	}
	target[0] = 0
	raw := make([]byte, 0, 8*len(target))
	for _, d := range target {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(d))
	}
	out, err := rewrite(tensor, func(f graph.Field, out []byte) ([]byte, error) {
		if f.Num == graph.TensorInts || f.Num == graph.TensorRaw {
			return out, nil
		}
		return append(out, f.Raw...), nil
	})
	return graph.AppendMessage(out, graph.TensorRaw, raw), err
}
