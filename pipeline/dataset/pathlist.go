package dataset

import (
	"context"

	"github.com/facesieve/facesieve/internal/origin"
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
	paths := map[string]bool{}
	err := eachRow(ctx, url, s3, func(r record) error {
		p, err := rawText(r, r.table.column("path"))
		if err == nil && p == "" {
			err = r.failed("no path")
		}
		paths[p] = true
		return err
	}, "path")
	return paths, err
}
