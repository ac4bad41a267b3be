package train

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// writeFile replaces a file by another or leaves it as it was.
func writeFile(path string, data []byte) error {
	return renameio.WriteFile(path, data, 0o666, renameio.WithTempDir(filepath.Dir(path)))
}

// WriteModel replaces a model, path and path.json, when both files are written: what
// fails before leaves the model that was there.
func WriteModel(path string, onnx, description []byte) error {
	model, err := writePending(path, onnx)
	if err != nil {
		return fmt.Errorf("train: write the model: %w", err)
	}
	text, err := writePending(path+".json", description)
	if err == nil {
		if err = text.CloseAtomicallyReplace(); err == nil {
			err = model.CloseAtomicallyReplace()
		}
		err = errors.Join(err, text.Cleanup())
	}
	if err = errors.Join(err, model.Cleanup()); err != nil {
		return fmt.Errorf("train: write the model: %w", err)
	}
	return nil
}

// writePending writes the file that is to replace another.
func writePending(path string, data []byte) (*renameio.PendingFile, error) {
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o666),
		renameio.WithTempDir(filepath.Dir(path)))
	if err != nil {
		return nil, err
	}
	if _, err := f.Write(data); err != nil {
		return nil, errors.Join(err, f.Cleanup())
	}
	return f, nil
}
