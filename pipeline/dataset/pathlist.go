package dataset

import (
	"context"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset/tree"
	"github.com/facesieve/facesieve/pipeline/store"
)

// ReadPaths reads the column path of the file at a path, file:// or s3:// URL, CSV or
// Arrow IPC: a list of images. Text stands as reports write it (schemas.EscapePath),
// Arrow's binary columns hold raw bytes; other columns are ignored.
func ReadPaths(ctx context.Context, url string, s3 store.S3Options) (map[string]bool, error) {
	paths, err := readPaths(ctx, url, s3)
	if err != nil {
		return nil, origin.Errorf("dataset", "list of images: %w", err)
	}
	return paths, nil
}

func readPaths(ctx context.Context, url string, s3 store.S3Options) (map[string]bool, error) {
	f, err := tree.OpenFile(ctx, url, s3)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t, err := openTable(f, url)
	if err != nil {
		return nil, err
	}
	if err := t.require("path"); err != nil {
		return nil, err
	}
	paths := map[string]bool{}
	for r, err := range t.rows(ctx) {
		if err != nil {
			return nil, err
		}
		p, err := rawText(r, t.column("path"))
		if err != nil {
			return nil, err
		}
		if p == "" {
			return nil, r.failed("no path")
		}
		paths[p] = true
	}
	return paths, nil
}
