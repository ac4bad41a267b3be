package simulate

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/facesieve/facesieve/internal/origin"
)

// ErrTaken means that a folder holds something else than the set that is to be written.
var ErrTaken = errors.New("name a folder that is absent or empty")

// ErrInside means that a set would be written into its own source.
var ErrInside = errors.New("a set is not written into its source")

// empty moves what a folder holds into another, the record last, and removes the folder.
func empty(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == RecordFile {
			continue
		}
		if err := os.Rename(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	if err := os.Rename(filepath.Join(from, RecordFile), filepath.Join(to, RecordFile)); err != nil {
		return err
	}
	return os.Remove(from)
}

// taken says whether a folder holds the set with a record already; anything else in
// it is an error.
func taken(dir string, record []byte) (bool, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrTaken, err)
	}
	found, err := os.ReadFile(filepath.Join(dir, RecordFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, fmt.Errorf("%s is not empty and holds no simulated set; %w", dir, ErrTaken)
	case err != nil:
		return false, err
	case !bytes.Equal(found, record):
		return false, fmt.Errorf("%s holds another simulated set; %w, or remove this one", dir, ErrTaken)
	}
	return true, nil
}

// Outside refuses a folder inside a source, however it is called (ErrInside).
func Outside(dir string, from Origin) error {
	target, err := unlinked(dir)
	if err != nil {
		return origin.Errorf("simulate", "%w", err)
	}
	for _, s := range []string{from.Data, from.Strangers} {
		if s == "" {
			continue
		}
		source, err := unlinked(s)
		if err != nil {
			return origin.Errorf("simulate", "%w", err)
		}
		if target == source || strings.HasPrefix(target, strings.TrimSuffix(source, "/")+"/") {
			return origin.Errorf("simulate", "%s stands in %s: %w, which is never changed", dir, s, ErrInside)
		}
	}
	return nil
}

// unlinked returns an absolute path without links, of a file that may be absent.
func unlinked(name string) (string, error) {
	full, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	rest := ""
	for {
		found, err := filepath.EvalSymlinks(full)
		if err == nil {
			return filepath.Join(found, rest), nil
		}
		if !errors.Is(err, fs.ErrNotExist) || full == filepath.Dir(full) {
			return "", err
		}
		rest, full = filepath.Join(filepath.Base(full), rest), filepath.Dir(full)
	}
}
