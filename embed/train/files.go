package train

import (
	"errors"
	"fmt"
	"os"
)

// half ends the name of a file that is being written. It is always the same: what a
// killed program leaves is overwritten.
const half = ".part"

// writeFile replaces a file by another or leaves it as it was.
func writeFile(path string, data []byte) error {
	if err := writeHalf(path, data); err != nil {
		return err
	}
	return os.Rename(path+half, path)
}

// writeHalf writes all that is to be at path, or nothing.
func writeHalf(path string, data []byte) error {
	f, err := os.Create(path + half)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// WriteModel replaces a model, path and path.json, when both files are written: what
// fails before leaves the model that was there.
func WriteModel(path string, onnx, description []byte) error {
	err := writeHalf(path, onnx)
	if err == nil {
		if err = writeHalf(path+".json", description); err != nil {
			err = errors.Join(err, os.Remove(path+half))
		}
	}
	for _, name := range []string{path, path + ".json"} {
		if err == nil {
			err = os.Rename(name+half, name)
		}
	}
	if err != nil {
		return fmt.Errorf("train: write the model: %w", err)
	}
	return nil
}
