// Package builtin holds the embedding model that is part of this program: a small
// network trained on drawn faces. It knows nothing of photographs.
package builtin

import _ "embed" // the model's files

//go:embed builtin.onnx
var model []byte

//go:embed builtin.onnx.json
var description []byte

// Model returns the bytes of the ONNX file. They must not be changed.
func Model() []byte { return model }

// Description returns the JSON that belongs to it: its contract, and the command and
// the seed that made it. It must not be changed.
func Description() []byte { return description }
