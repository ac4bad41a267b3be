package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/facesieve/facesieve/pipeline"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

func (a *app) printPlan(r *pipeline.Run) error {
	for _, s := range r.Plan.Sources {
		fmt.Fprintf(a.out, "%s: %d images, %d identities, %d shards\n", s.Name.Token(), s.Images, s.Identities, len(s.Shards))
	}
	return nil
}

func (a *app) printSummary(ctx context.Context, st store.Store, run schemas.RunID, s *schemas.Summary) error {
	data, err := schemas.Marshal(s)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s\n%s/%s\n", data, strings.TrimSuffix(st.String(), "/"), strings.TrimSuffix(schemas.ReportFolder(run), "/"))
	return nil
}

// copyReport copies a report's files into a folder.
func copyReport(ctx context.Context, st store.Store, run schemas.RunID, dir string) error {
	for info, err := range st.List(ctx, schemas.ReportFolder(run)) {
		if err != nil {
			return err
		}
		if err := copyObject(ctx, st, info.Name, filepath.Join(dir, strings.TrimPrefix(info.Name, schemas.ReportFolder(run)))); err != nil {
			return err
		}
	}
	return nil
}

func copyObject(ctx context.Context, st store.Store, name, path string) (err error) {
	r, err := st.Get(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("coordinator: --out: %w", err)
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("coordinator: --out: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = io.Copy(f, r)
	return err
}
