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

// ErrShared means that a set and a reference stand in one folder.
var ErrShared = errors.New("one stands in the other")

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

// Outside refuses a folder inside a source (ErrInside), and one that a source stands in
// (ErrTaken), however they are called.
func Outside(dir string, from Origin) error {
	for _, s := range []string{from.Data, from.Strangers, from.Reference} {
		if s == "" || s == from.Data && !from.Linked() {
			continue
		}
		in, around, err := nested(dir, s)
		switch {
		case err != nil:
			return origin.Errorf("simulate", "%w", err)
		case in:
			return origin.Errorf("simulate", "%s stands in %s: %w, which is never changed", dir, s, ErrInside)
		case around:
			return origin.Errorf("simulate", "%s stands in %s; %w", s, dir, ErrTaken)
		}
	}
	return nil
}

// Apart refuses a reference that is the set, a part of it, or around it (ErrShared).
func Apart(from Origin) error {
	if from.Reference == "" {
		return nil
	}
	in, around, err := nested(from.Reference, from.Data)
	if err == nil && (in || around) {
		err = fmt.Errorf("the set %s and the reference %s: %w", from.Data, from.Reference, ErrShared)
	}
	if err != nil {
		return origin.Errorf("simulate", "%w", err)
	}
	return nil
}

// nested says whether one folder is another or stands in it, and whether that one stands
// in the first, whatever links lead to them.
func nested(one, other string) (in, around bool, err error) {
	a, err := unlinked(one)
	if err != nil {
		return false, false, err
	}
	b, err := unlinked(other)
	if err != nil {
		return false, false, err
	}
	return below(a, b), a != b && below(b, a), nil
}

// below says whether a path is a folder's or of something in it.
func below(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, strings.TrimSuffix(folder, "/")+"/")
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
