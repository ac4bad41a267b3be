package embed

import (
	"errors"

	"github.com/facesieve/facesieve/embed/onnx"
	"github.com/facesieve/facesieve/internal/origin"
)

// Runtime loads the library that Open would compute with, looked for as
// Config.Runtime says, and gives its path. Errors wrap onnx.ErrNoLibrary or, where
// this program was built without one, onnx.ErrNoEngine.
func Runtime(path string) (string, error) {
	// No model tells the two apart: what can't be had, and what can but is asked for
	// nothing.
	if _, err := onnx.Open(nil, onnx.Options{Library: path}); err != nil && !errors.Is(err, onnx.ErrModel) {
		return "", origin.Errorf("embed", "%w", err)
	}
	found, err := onnx.FindLibrary(path)
	if err != nil {
		return "", origin.Errorf("embed", "%w", err)
	}
	return found, nil
}
