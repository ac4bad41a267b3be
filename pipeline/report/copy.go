package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// CopyTo copies the report's files into a folder, which it makes. Parts of a report
// that was copied there before go: they would be read as rows of this one.
func (r *Report) CopyTo(ctx context.Context, dir string) error {
	var names []string
	for info, err := range r.store.List(ctx, r.folder) {
		if err != nil {
			return origin.Errorf("report", "%w", err)
		}
		names = append(names, strings.TrimPrefix(info.Name, r.folder))
	}
	if err := removeParts(dir, names); err != nil {
		return origin.Errorf("report", "%w", err)
	}
	for _, name := range names {
		if err := r.copyFile(ctx, name, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return origin.Errorf("report", "%w", err)
		}
	}
	return nil
}

// removeParts removes the parts of images tables from a copied report, but for
// those named.
func removeParts(dir string, but []string) error {
	old, err := os.ReadDir(filepath.Join(dir, schemas.ImagesFolder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, file := range old {
		name := schemas.ImagesFolder + file.Name()
		var part int
		_, err := fmt.Sscanf(name, schemas.ImagesFolder+"part-%d.arrow", &part)
		if err != nil || name != schemas.ImagesFile(part) || slices.Contains(but, name) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}

// copyFile copies a file of the report, and replaces one only by the whole.
func (r *Report) copyFile(ctx context.Context, name, path string) (err error) {
	from, err := r.store.Get(ctx, r.folder+name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)),
		renameio.WithPermissions(0o644))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Cleanup()) }()
	if _, err := io.Copy(f, from); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}
