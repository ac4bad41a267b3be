// Package runstore reads and writes what a run has in the store: its Spec and
// Plan, the rows and vectors of its shards, the tables that its stages hand to
// each other. It knows no queue and decides nothing about any image.
package runstore

import (
	"bytes"
	"context"
	"errors"
	"io/fs"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// The numeric kinds that no machine has.
const (
	// Precomputed stands for vectors that were computed elsewhere (--vectors).
	Precomputed schemas.NumericKind = "precomputed"
	// Mixed stands for the vectors of a --mixed run, whatever machine made them.
	Mixed schemas.NumericKind = "mixed"
)

// Run is one run as a store holds it.
type Run struct {
	Store       store.Store
	ID          schemas.RunID
	Spec        schemas.Spec
	Plan        schemas.Plan
	NumericKind schemas.NumericKind // in the names of vectors; empty until it is known
	GroupImages int                 // usable images that a group of lists aims at (Groups); 0: GroupImages
}

// Load reads a run's Spec and Plan, and its numeric kind where that is stated. The
// error is fs.ErrNotExist where the store lacks the run.
func Load(ctx context.Context, st store.Store, id schemas.RunID) (*Run, error) {
	r := &Run{Store: st, ID: id}
	if err := r.GetJSON(ctx, schemas.SpecObject(id), &r.Spec); err != nil {
		return nil, err
	}
	if err := r.GetJSON(ctx, schemas.PlanObject(id), &r.Plan); err != nil {
		return nil, err
	}
	return r, r.LoadNumericKind(ctx)
}

// LoadNumericKind sets r.NumericKind to the run's numeric kind, where the store states
// it, or to Mixed.
func (r *Run) LoadNumericKind(ctx context.Context) error {
	if r.Spec.Judge.Mixed {
		r.NumericKind = Mixed
		return nil
	}
	data, err := Get(ctx, r.Store, schemas.NumericKindObject(r.ID))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	r.NumericKind = schemas.NumericKind(bytes.TrimSpace(data))
	return err
}

// PutNumericKind states the run's numeric kind, unless it is stated already.
func (r *Run) PutNumericKind(ctx context.Context, own schemas.NumericKind) error {
	return Put(ctx, r.Store, schemas.NumericKindObject(r.ID), []byte(own+"\n"))
}

// GetJSON reads an object of the run's store into v, as the function GetJSON does.
func (r *Run) GetJSON(ctx context.Context, name string, v any) error {
	return GetJSON(ctx, r.Store, name, v)
}

// PutJSON creates an object of the run's store that holds v, unless it exists.
func (r *Run) PutJSON(ctx context.Context, name string, v any) error {
	return PutJSON(ctx, r.Store, name, v)
}

// Summary returns the summary of the run's report; the error is fs.ErrNotExist where
// there is none.
func (r *Run) Summary(ctx context.Context) (*schemas.Summary, error) {
	var s schemas.Summary
	if err := r.GetJSON(ctx, schemas.ReportObject(r.ID, schemas.SummaryFile), &s); err != nil {
		return nil, err
	}
	return &s, nil
}

// Cancelled returns who ended the run for good, nil where nobody did.
func (r *Run) Cancelled(ctx context.Context) (*schemas.Cancellation, error) {
	var c schemas.Cancellation
	err := r.GetJSON(ctx, schemas.CancelledObject(r.ID), &c)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return &c, err
}

// Neighbours returns the rows of a table of Neighbours: schemas.MatchObject or
// schemas.DuplicatesObject.
func (r *Run) Neighbours(ctx context.Context, name string) ([]schemas.Neighbour, error) {
	return GetTable(ctx, r.Store, name, schemas.ReadNeighbours)
}

// Pairs returns the rows of the report's pairs table.
func (r *Run) Pairs(ctx context.Context) ([]schemas.Pair, error) {
	return GetTable(ctx, r.Store, schemas.ReportObject(r.ID, schemas.PairsFile), schemas.ReadPairs)
}

// Overrides returns a person's decisions about the set's images, nil where there are
// none.
func (r *Run) Overrides(ctx context.Context) ([]schemas.Override, error) {
	if r.Spec.Judge.Overrides == "" {
		return nil, nil
	}
	return GetTable(ctx, r.Store, schemas.OverridesObject(r.Spec.Judge.Overrides), schemas.ReadOverrides)
}

// Set returns the plan of the set that is cleaned.
func (r *Run) Set() *schemas.PlanSource { return &r.Plan.Sources[0] }

// References returns the plans of the references, sorted by name.
func (r *Run) References() []schemas.PlanSource { return r.Plan.Sources[1:] }

// Images returns the number of images of all sources.
func (r *Run) Images() int {
	n := 0
	for _, src := range r.Plan.Sources {
		n += src.Images
	}
	return n
}

// Source returns a source's plan; one that the run does not have is an error.
func (r *Run) Source(name schemas.Source) (*schemas.PlanSource, error) {
	for i := range r.Plan.Sources {
		if r.Plan.Sources[i].Name == name {
			return &r.Plan.Sources[i], nil
		}
	}
	return nil, origin.Errorf("pipeline", "run %s has no source %q", r.ID, name)
}

// Shard returns a shard's plan; one that the run does not have is an error.
func (r *Run) Shard(key ShardKey) (schemas.Shard, error) {
	src, err := r.Source(key.Source)
	if err != nil {
		return schemas.Shard{}, err
	}
	if key.Shard < 0 || key.Shard >= len(src.Shards) {
		return schemas.Shard{}, origin.Errorf("pipeline", "run %s: source %s has no shard %d", r.ID,
			key.Source.Token(), key.Shard)
	}
	return src.Shards[key.Shard], nil
}

// Labels returns a source's identities, ascending by label.
func (r *Run) Labels(ctx context.Context, src *schemas.PlanSource) ([]schemas.Identity, error) {
	return GetTable(ctx, r.Store, schemas.LabelsObject(src.Labels), schemas.ReadLabels)
}

// Aligned says whether a source's images are aligned already.
func (r *Run) Aligned(name schemas.Source) bool { return r.sourceSpec(name).Aligned }

// Precomputed says whether a source's vectors were computed elsewhere.
func (r *Run) Precomputed(name schemas.Source) bool { return r.sourceSpec(name).Precomputed }

// sourceSpec returns the Spec's part about a source.
func (r *Run) sourceSpec(name schemas.Source) *schemas.SourceSpec {
	for i := range r.Spec.Data.References {
		if s := &r.Spec.Data.References[i]; s.Name == name {
			return s
		}
	}
	return &r.Spec.Data.Set
}
