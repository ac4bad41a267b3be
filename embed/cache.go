package embed

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// Cache is folders with model files. A file is known by its digest, never by its
// name.
type Cache struct {
	Dirs   []string     // looked into in this order; Pull writes into the first; none: CacheDir
	Client *http.Client // for Pull; nil: http.DefaultClient
}

// CacheDir returns the folder of models where none is named:
// $XDG_CACHE_HOME/facesieve/models, or the same in the system's cache folder. It fails
// where the system says of no such folder.
func CacheDir() (string, error) {
	dir := os.Getenv("XDG_CACHE_HOME")
	if dir == "" {
		var err error
		if dir, err = os.UserCacheDir(); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, "facesieve", "models"), nil
}

func (c Cache) dirs() ([]string, error) {
	if len(c.Dirs) > 0 {
		return c.Dirs, nil
	}
	dir, err := CacheDir()
	return []string{dir}, err
}

// Find returns the path of the file with this digest. It reads every file of the
// folders that it must, those of registry models by their size first. Where
// there is none the error is fs.ErrNotExist.
func (c Cache) Find(d schemas.Digest) (string, error) {
	dirs, err := c.dirs()
	if err != nil {
		return "", origin.Errorf("embed", "find model: %w", err)
	}
	size := int64(-1)
	for _, m := range Models() {
		if m.SHA256 == d {
			size = m.Bytes
		}
	}
	for _, dir := range dirs {
		path, err := findIn(dir, d, size)
		if err != nil || path != "" {
			return path, err
		}
	}
	return "", origin.Errorf("embed", "model with SHA-256 %s in %q: %w", d, dirs, fs.ErrNotExist)
}

// findIn looks at the regular files of a folder; those of another size than
// size (-1: unknown) are not read. A file that can't be read is not the one.
func findIn(dir string, d schemas.Digest, size int64) (string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", origin.Errorf("embed", "find model: %w", err)
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		info, err := os.Stat(path) // follows links
		if err != nil || !info.Mode().IsRegular() || size >= 0 && info.Size() != size {
			continue
		}
		if _, digest, err := digestFile(path); err == nil && digest == d {
			return path, nil
		}
	}
	return "", nil
}
