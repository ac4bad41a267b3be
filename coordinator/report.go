package main

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

	"github.com/spf13/cobra"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

func (a *app) reportCommand() *cobra.Command {
	out := ""
	cmd := &cobra.Command{
		Use:   "report [RUNID]",
		Short: "Show a report, or copy it into a folder",
		Long: `report shows what a run has found, as run does at its end. Without a run id it
takes the store's only report. With --out it copies the tables, which any
program that reads Arrow files can open.`,
		Example: `  coordinator report
  coordinator report b7c4b21245995379202cb7fd7c41d6ca --out report
  coordinator report --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.report(cmd.Context(), schemas.RunID(strings.Join(args, "")), out)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "copy the report into this folder")
	return cmd
}

func (a *app) report(ctx context.Context, run schemas.RunID, out string) error {
	if run != "" && run.Validate() != nil {
		return fmt.Errorf("%w: %q is no run id; coordinator status lists the runs", errUsage, string(run))
	}
	st, err := a.openOld(ctx)
	if err != nil {
		return err
	}
	if run == "" {
		runs, err := admin.Reported(ctx, st)
		if err != nil {
			return err
		}
		if run, err = a.reportedRun(ctx, runs); err != nil {
			return err
		}
	}
	summary, err := (&runstore.Run{Store: st, ID: run}).Summary(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("no report of run %s in %s: %w; coordinator status lists the runs", run, st, fs.ErrNotExist)
	}
	if err != nil {
		return err
	}
	if out != "" {
		if err := copyReport(ctx, st, run, out); err != nil {
			return err
		}
	}
	return a.printReport(ctx, st, run, summary)
}

// copyReport copies a report's files into a folder. Parts of a report that was
// copied there before go: they would be read as rows of this one.
func copyReport(ctx context.Context, st store.Store, run schemas.RunID, dir string) error {
	var names []string
	for info, err := range st.List(ctx, schemas.ReportFolder(run)) {
		if err != nil {
			return err
		}
		names = append(names, strings.TrimPrefix(info.Name, schemas.ReportFolder(run)))
	}
	if err := removeParts(dir, names); err != nil {
		return fmt.Errorf("copy to --out: %w", err)
	}
	for _, name := range names {
		if err := copyObject(ctx, st, schemas.ReportObject(run, name), filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return err
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
		if _, err := fmt.Sscanf(name, schemas.ImagesFolder+"part-%d.arrow", &part); err != nil || name != schemas.ImagesFile(part) || slices.Contains(but, name) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}

// copyObject copies an object into a file, which it replaces only by the whole.
func copyObject(ctx context.Context, st store.Store, name, path string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("copy to --out: %w", err)
		}
	}()
	r, err := st.Get(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path + ".partial")
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, r); err != nil {
		return errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	if err := f.Close(); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), path)
}
