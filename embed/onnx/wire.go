package onnx

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/facesieve/facesieve/embed/graph"
)

// rewrite builds a message anew, field by field.
func rewrite(message []byte, change func(f graph.Field, out []byte) ([]byte, error)) ([]byte, error) {
	out := make([]byte, 0, len(message)+64)
	err := graph.Walk(message, func(f graph.Field) error {
		var err error
		out, err = change(f, out)
		return err
	})
	return out, err
}

// within rewrites every embedded message num of a message.
func within(message []byte, num protowire.Number, change func([]byte) ([]byte, error)) ([]byte, error) {
	return rewrite(message, func(f graph.Field, out []byte) ([]byte, error) {
		if f.Num != num || f.Type != protowire.BytesType {
			return append(out, f.Raw...), nil
		}
		changed, err := change(f.Val)
		return graph.AppendMessage(out, num, changed), err
	})
}
