// Package report reads a run's report back: its summary, its tables, and the images
// that its rows are about. FORMAT.md beside package schemas says what the tables
// hold.
package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// Options say how the images of a report are read. The zero value reads them from
// where the run did.
type Options struct {
	Data string          // where the set's images are now; "": where the run read them
	S3   store.S3Options // how s3:// URLs are read
}

// Report is a finished run's report. Its methods may be called concurrently.
type Report struct {
	store   store.Store
	run     schemas.RunID // "": the report was copied out of its store
	folder  string        // prefix of the report's files in store
	options Options
	summary schemas.Summary

	mu     sync.Mutex
	images *dataset.Reader // nil: not opened yet
	plan   *schemas.PlanSource
	shard  int             // whose rows are in rows
	rows   []schemas.Image // nil: none were read yet
}

// Open opens the report of a run in a store. The error is fs.ErrNotExist where the
// run has none.
func Open(ctx context.Context, st store.Store, run schemas.RunID, o Options) (*Report, error) {
	r := &Report{store: st, run: run, folder: schemas.ReportFolder(run), options: o}
	return r.open(ctx)
}

// OpenFolder opens a report that CopyTo has copied into a folder. Its images can't
// be read: what says where they are stays in the store.
func OpenFolder(ctx context.Context, dir string) (*Report, error) {
	st, err := store.Open(ctx, dir, store.Options{Existing: true})
	if err != nil {
		return nil, origin.Errorf("report", "%w", err)
	}
	r := &Report{store: st}
	return r.open(ctx)
}

// open reads the summary, which is a report's last file.
func (r *Report) open(ctx context.Context) (*Report, error) {
	if err := r.readJSON(ctx, r.folder+schemas.SummaryFile, &r.summary); err != nil {
		return nil, origin.Errorf("report", "%w", err)
	}
	return r, nil
}

// Run returns the id of the run; "" for a report in a folder.
func (r *Report) Run() schemas.RunID { return r.run }

// URL returns where the report is: a folder, or a prefix of a bucket.
func (r *Report) URL() string {
	return strings.TrimSuffix(strings.TrimSuffix(r.store.String(), "/")+"/"+r.folder, "/")
}

// Summary returns the report's counts. It is not to be changed.
func (r *Report) Summary() *schemas.Summary { return &r.summary }

// Identities returns the rows of the identities table, in its order.
func (r *Report) Identities(ctx context.Context) ([]schemas.IdentityVerdict, error) {
	return table(ctx, r, schemas.IdentitiesFile, schemas.ReadIdentities)
}

// Pairs returns the rows of the pairs table: labels that are one person, and images
// that are one picture.
func (r *Report) Pairs(ctx context.Context) ([]schemas.Pair, error) {
	return table(ctx, r, schemas.PairsFile, schemas.ReadPairs)
}

// Overlaps returns the rows of the overlap table: identities of the set and people
// of references.
func (r *Report) Overlaps(ctx context.Context) ([]schemas.Overlap, error) {
	return table(ctx, r, schemas.OverlapFile, schemas.ReadOverlaps)
}

// Groups returns the rows of the groups table: the images of merged labels by person.
func (r *Report) Groups(ctx context.Context) ([]schemas.Group, error) {
	return table(ctx, r, schemas.GroupsFile, schemas.ReadGroups)
}

// table reads one file of a report.
func table[T any](
	ctx context.Context, r *Report, file string, read func(io.Reader) ([]T, error),
) ([]T, error) {
	rows, err := readObject(ctx, r.store, r.folder+file, read)
	if err != nil {
		return nil, origin.Errorf("report", "%w", err)
	}
	return rows, nil
}

// readObject reads an object with read.
func readObject[T any](ctx context.Context, st store.Store, name string,
	read func(io.Reader) (T, error)) (v T, err error) {
	f, err := st.Get(ctx, name)
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if v, err = read(f); err != nil {
		return v, fmt.Errorf("%s in %s: %w", name, st, err)
	}
	return v, nil
}

// readJSON reads an object into v.
func (r *Report) readJSON(ctx context.Context, name string, v any) error {
	data, err := readObject(ctx, r.store, name, io.ReadAll)
	if err != nil {
		return err
	}
	if err := schemas.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s in %s: %w", name, r.store, err)
	}
	return nil
}

// Locations returns where the run's sources stand: the set, then the references by
// name; nil for a report in a folder, which does not know.
func (r *Report) Locations(ctx context.Context) ([]schemas.SourceLocation, error) {
	if r.run == "" {
		return nil, nil
	}
	var file schemas.SourceFile
	if err := r.readJSON(ctx, schemas.SourceObject(r.run), &file); err != nil {
		return nil, origin.Errorf("report", "%w", err)
	}
	return file.Sources, nil
}
