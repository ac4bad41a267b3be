// Package builtin holds the embedding model that is part of this program: a small
// network trained on drawn faces. It knows nothing of photographs.
package builtin

import _ "embed" // the model's files

//go:embed builtin.onnx
var model []byte

//go:embed builtin.onnx.json
var description []byte

// Model is the ONNX file. It must not be changed.
func Model() []byte { return model }

// Description is the JSON that stands beside it: its contract, and the command
// and the seed that made it.
func Description() []byte { return description }
