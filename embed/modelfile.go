package embed

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/facesieve/facesieve/embed/gorgonia"
	"github.com/facesieve/facesieve/embed/onnx"
	"github.com/facesieve/facesieve/internal/origin"
)

// models are the model files.
type models struct{ embedder, detector modelFile }

// modelFile is a model's bytes, nil where there is none, and what errors call it.
type modelFile struct {
	role, name string
	data       []byte
}

// failed is a backend's error about a model. It names the file where that is to
// blame.
func (f modelFile) failed(err error) error {
	if errors.Is(err, onnx.ErrModel) {
		return fmt.Errorf("%s %s: %w; is the file whole?", f.role, f.name, err)
	}
	if errors.Is(err, gorgonia.ErrOperator) {
		return fmt.Errorf("%s %s: %w", f.role, f.name, err)
	}
	return origin.Errorf(f.role, "%w", err)
}

func readModels(c Config, p parameters) (m models, err error) {
	m.embedder = modelFile{role: "model", name: cmp.Or(c.ModelName, c.ModelFile)}
	m.detector = modelFile{role: "detector", name: cmp.Or(c.DetectorName, c.DetectorFile)}
	if c.ModelFile == "" {
		if m.embedder.data = Builtin(c.Spec.Model); m.embedder.data == nil {
			return m, origin.Errorf("model", "%w: %s is not part of this program and has no file",
				fs.ErrNotExist, c.Spec.Model)
		}
	} else if m.embedder.data, err = os.ReadFile(c.ModelFile); err != nil {
		return m, origin.Errorf("model", "%w", err)
	}
	if p.detector != nil {
		if m.detector.data, err = os.ReadFile(c.DetectorFile); err != nil {
			return m, fmt.Errorf("detector: %w", err)
		}
	}
	return m, nil
}
