package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of the ONNX protocol buffers that Patch reads (onnx.proto3).
const (
	modelGraph       = 7
	graphNode        = 1
	graphInitializer = 5
	graphInput       = 11
	graphOutput      = 12
	graphValueInfo   = 13
	nodeInput        = 1
	nodeOutput       = 2
	nodeOpType       = 4
	nodeAttribute    = 5
	attributeName    = 1
	attributeInt     = 3
	attributeTensor  = 5
	tensorDims       = 1
	tensorType       = 2
	tensorInt64Data  = 7
	tensorName       = 8
	tensorRawData    = 9
	infoName         = 1
	infoType         = 2
	typeTensor       = 1
	typeElement      = 1
	tensorShape      = 2
	shapeDim         = 1
	dimValue         = 1
	dimParam         = 2
)

// batchName is the symbol that stands for the batch dimension after Patch.
const batchName = "batch"

// ErrModel is wrapped by errors about a file that is no ONNX model.
var ErrModel = errors.New("not an ONNX model")

// Patch gives an ONNX model that was exported for one batch size the freedom to
// run in any: the first dimension of the graph's inputs and outputs becomes
// symbolic, the shapes noted for values inside the graph are dropped, and a
// constant Reshape target that begins with 1 and holds one -1 begins with 0
// ("as in the input") instead. A model that has none of these comes back equal
// in meaning. Weights are never touched. The error is an ErrModel.
func Patch(model []byte) ([]byte, error) {
	out, err := rewrite(model, func(f field, out []byte) ([]byte, error) {
		if f.num != modelGraph || f.typ != protowire.BytesType {
			return append(out, f.raw...), nil
		}
		g, err := patchGraph(f.val)
		if err != nil {
			return nil, err
		}
		return appendMessage(out, f.num, g), nil
	})
	if err != nil {
		return nil, fmt.Errorf("onnx: patch: %w: %w", ErrModel, err)
	}
	return out, nil
}

func patchGraph(graph []byte) ([]byte, error) {
	s, err := survey(graph)
	if err != nil {
		return nil, err
	}
	targets := s.targets()
	return rewrite(graph, func(f field, out []byte) ([]byte, error) {
		if f.typ != protowire.BytesType {
			return append(out, f.raw...), nil
		}
		var changed []byte
		var err error
		switch f.num {
		case graphValueInfo:
			return out, nil
		case graphInput, graphOutput:
			changed, err = patchInfo(f.val, s.constant)
		case graphInitializer:
			changed, err = patchInitializer(f.val, targets)
		case graphNode:
			changed, err = patchConstant(f.val, targets)
		default:
			return append(out, f.raw...), nil
		}
		if err != nil {
			return nil, err
		}
		return appendMessage(out, f.num, changed), nil
	})
}

// patchInfo makes the first dimension of a graph's input or output symbolic. An
// input that is also an initializer (files before IR version 4) is a weight.
func patchInfo(info []byte, constant map[string]bool) ([]byte, error) {
	name, err := stringField(info, infoName)
	if err != nil || constant[name] {
		return info, err
	}
	return within(info, infoType, func(t []byte) ([]byte, error) {
		return within(t, typeTensor, func(t []byte) ([]byte, error) {
			return within(t, tensorShape, symbolicBatch)
		})
	})
}

func symbolicBatch(shape []byte) ([]byte, error) {
	first := true
	return rewrite(shape, func(f field, out []byte) ([]byte, error) {
		if !first || f.num != shapeDim || f.typ != protowire.BytesType {
			return append(out, f.raw...), nil
		}
		first = false
		param, err := stringField(f.val, dimParam)
		if err != nil || param != "" {
			return append(out, f.raw...), err
		}
		dim := protowire.AppendTag(nil, dimParam, protowire.BytesType)
		return appendMessage(out, shapeDim, protowire.AppendString(dim, batchName)), nil
	})
}

func patchInitializer(tensor []byte, targets map[string]bool) ([]byte, error) {
	name, err := stringField(tensor, tensorName)
	if err != nil || !targets[name] {
		return tensor, err
	}
	return patchTarget(tensor)
}

func patchConstant(node []byte, targets map[string]bool) ([]byte, error) {
	n, err := readNode(node)
	if err != nil || n.op != "Constant" || len(n.outputs) != 1 || !targets[n.outputs[0]] {
		return node, err
	}
	return within(node, nodeAttribute, func(a []byte) ([]byte, error) {
		return within(a, attributeTensor, patchTarget)
	})
}

// patchTarget changes an int64 tensor [1, ..., -1, ...] to [0, ..., -1, ...];
// any other tensor stays as it is.
func patchTarget(tensor []byte) ([]byte, error) {
	target, err := int64s(tensor)
	if err != nil || len(target) < 2 || target[0] != 1 {
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
	out, err := rewrite(tensor, func(f field, out []byte) ([]byte, error) {
		if f.num == tensorInt64Data || f.num == tensorRawData {
			return out, nil
		}
		return append(out, f.raw...), nil
	})
	return appendMessage(out, tensorRawData, raw), err
}
