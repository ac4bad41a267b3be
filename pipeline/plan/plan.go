// Package plan turns a request into a run: it lists the sources, cuts them into
// shards, stores the shards' rows, and names the run by everything that changes
// its result.
package plan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"sort"
	"time"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// DefaultShardImages is the number of images that a shard has, about, where a
// Request does not say otherwise.
const DefaultShardImages = 2048

// ErrNoLandmarks says that a source lists no landmarks and no detector is to find them.
var ErrNoLandmarks = errors.New("no landmarks")

// ErrNoRun says that a store does not have the run that is named.
var ErrNoRun = errors.New("no run")

// ReferenceError is what went wrong with listing a reference.
type ReferenceError struct {
	Name schemas.Source
	Err  error
}

// Error names the reference and what went wrong.
func (e *ReferenceError) Error() string { return "reference " + string(e.Name) + ": " + e.Err.Error() }

// Unwrap returns what went wrong.
func (e *ReferenceError) Unwrap() error { return e.Err }

// SourceRequest is a source, the set or a reference, as a user names it.
type SourceRequest struct {
	Name    schemas.Source // "" for the set
	Dataset dataset.Options
	Aligned bool
	Vectors string // Arrow file of precomputed vectors, instead of Dataset
	// NeedsLandmarks says that no detector runs on the images: a source that lists
	// no landmarks at all is refused with ErrNoLandmarks.
	NeedsLandmarks bool
}

// Request is a run as a user asks for it.
type Request struct {
	Set         SourceRequest
	References  []SourceRequest
	ShardImages int // 0: DefaultShardImages
	Embed       schemas.EmbedSpec
	Judge       schemas.JudgeSpec // without Overrides
	Overrides   []schemas.Override
	Prior       []byte        // what the judge starts from (labelnoise.ReadPrior); nil: what the method ships
	From        schemas.RunID // take that run's manifest and vectors; lists nothing
	DryRun      bool          // write nothing
}

// Run is a run that has been planned.
type Run struct {
	ID   schemas.RunID
	Spec schemas.Spec
	Plan schemas.Plan

	Locations schemas.SourceFile // where this start of the run finds its sources
	// NumericKind is that of the vectors that are there already; empty: not known.
	NumericKind schemas.NumericKind
	// VectorsStand says that the vectors are another run's: images that it could not
	// read are not tried again.
	VectorsStand     bool
	From             schemas.RunID // of the request
	Overrides        []schemas.Override
	Prior            []byte   // of the request
	UnknownOverrides []string // their paths that the set does not have, ascending

	Started time.Time     // when planning began
	Took    time.Duration // how long it lasted
}

// Make plans a run: it lists the request's sources, cuts them into shards, stores the
// shards' rows, and returns the run that follows from them; it sorts q.References by
// name. With q.From it takes another run's manifest and vectors instead. listed is
// called with the number of images that were just listed, and may be nil. An override
// that relabels to an identity which the set lacks is an error.
func Make(ctx context.Context, st store.Store, q Request, listed func(images int)) (*Run, error) {
	if listed == nil {
		listed = func(int) {}
	}
	started := time.Now()
	sources := planSources
	if q.From != "" {
		sources = planFrom
	}
	r, err := sources(ctx, st, q, listed)
	if err != nil {
		return nil, err
	}
	r.Started, r.Took = started, time.Since(started)
	return r, nil
}

// planSources lists the request's sources.
func planSources(ctx context.Context, st store.Store, q Request, listed func(images int)) (*Run, error) {
	if q.ShardImages == 0 {
		q.ShardImages = DefaultShardImages
	}
	r := &Run{Spec: schemas.Spec{Version: schemas.SpecVersion, Embed: q.Embed, Judge: q.Judge},
		Overrides: q.Overrides, Prior: q.Prior}
	r.Spec.Data.ShardImages = q.ShardImages
	sort.Slice(q.References, func(i, j int) bool { return q.References[i].Name < q.References[j].Name })
	unmet := pathSet(q.Overrides)
	for _, src := range append([]SourceRequest{q.Set}, q.References...) {
		l := listing{store: st, request: src, shardImages: q.ShardImages, dry: q.DryRun, listed: listed}
		if src.Name == schemas.Set {
			l.unmet = unmet
		}
		if err := l.list(ctx, &r.Spec.Embed); err != nil {
			if src.Name != schemas.Set {
				err = &ReferenceError{Name: src.Name, Err: err}
			}
			return nil, err
		}
		r.Plan.Sources = append(r.Plan.Sources, l.plan)
		r.Locations.Sources = append(r.Locations.Sources, l.location)
		if src.Name != schemas.Set {
			r.Spec.Data.References = append(r.Spec.Data.References, l.spec)
			continue
		}
		r.Spec.Data.Set = l.spec
		if err := checkRelabels(q.Overrides, l.labels); err != nil {
			return nil, err
		}
	}
	return r, r.finish(ctx, st, unmet, q.DryRun)
}

// pathSet returns the overrides' paths; who meets one in the listing deletes it.
func pathSet(all []schemas.Override) map[string]bool {
	m := map[string]bool{}
	for _, o := range all {
		m[o.Path] = true
	}
	return m
}

// checkRelabels refuses a person's relabelling to an identity that the set does
// not have. Labels ascend.
func checkRelabels(all []schemas.Override, labels []schemas.Identity) error {
	for _, o := range all {
		if o.Decision != schemas.Relabel {
			continue
		}
		i := sort.Search(len(labels), func(i int) bool { return labels[i].Label >= o.Identity })
		if i == len(labels) || labels[i].Label != o.Identity {
			return origin.Errorf("pipeline",
				"an override relabels %s to %s, an identity that the set does not have; correct the label, or drop the image",
				schemas.EscapePath(o.Path), schemas.EscapePath(o.Identity))
		}
	}
	return nil
}

// storePrior stores what the judge starts from, where the request says.
func (r *Run) storePrior(ctx context.Context, st store.Store, dry bool) error {
	if r.Prior == nil {
		return nil
	}
	sum := sha256.Sum256(r.Prior)
	r.Spec.Judge.Prior = schemas.Digest(hex.EncodeToString(sum[:]))
	if dry {
		return nil
	}
	return runstore.PutTable(ctx, st, schemas.PriorObject(r.Spec.Judge.Prior), func(w io.Writer) error {
		_, err := w.Write(r.Prior)
		return err
	})
}

// finish stores what a person decided, and names the run. unmet are the paths of
// decisions that the set does not have.
func (r *Run) finish(ctx context.Context, st store.Store, unmet map[string]bool, dry bool) error {
	for p := range unmet {
		r.UnknownOverrides = append(r.UnknownOverrides, p)
	}
	sort.Strings(r.UnknownOverrides)
	if err := r.storePrior(ctx, st, dry); err != nil {
		return err
	}
	if len(r.Overrides) > 0 {
		r.Spec.Judge.Overrides = schemas.OverridesDigest(r.Overrides)
		if !dry {
			err := runstore.PutTable(ctx, st, schemas.OverridesObject(r.Spec.Judge.Overrides),
				func(w io.Writer) error {
					return schemas.WriteOverrides(w, r.Overrides)
				})
			if err != nil {
				return err
			}
		}
	}
	if len(r.In(st).LookTasks(schemas.StageSecondLook)) == 0 {
		r.Spec.Judge.SecondLook = "" // no image can be looked at again
	}
	var err error
	if r.ID, err = r.Spec.ID(); err != nil {
		return origin.Errorf("pipeline", "%w", err)
	}
	return nil
}

// planFrom takes another run's manifest, vectors and numeric kind: a new judgement
// without images, models or an engine.
func planFrom(ctx context.Context, st store.Store, q Request, _ func(images int)) (*Run, error) {
	old, err := runstore.Load(ctx, st, q.From)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, origin.Errorf("pipeline", "%w %s in %s: %w", ErrNoRun, q.From, st, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	r := &Run{Spec: old.Spec, Plan: old.Plan, NumericKind: old.NumericKind,
		VectorsStand: old.NumericKind != "", From: q.From, Overrides: q.Overrides, Prior: q.Prior}
	r.Spec.Judge = q.Judge
	if q.Judge.SecondLook != "" { // which needs the images where that run has not had it
		r.Spec.Judge.SecondLook = old.Spec.Judge.SecondLook
	}
	r.Spec.Judge.Mixed, r.Spec.Judge.NumericKind = old.Spec.Judge.Mixed, old.Spec.Judge.NumericKind
	if err := old.GetJSON(ctx, schemas.SourceObject(q.From), &r.Locations); err != nil {
		return nil, err
	}
	labels, err := old.Labels(ctx, old.Set())
	if err != nil {
		return nil, err
	}
	if err := checkRelabels(q.Overrides, labels); err != nil {
		return nil, err
	}
	unmet := pathSet(q.Overrides)
	for _, sh := range old.Set().Shards {
		if len(unmet) == 0 {
			break
		}
		rows, err := old.Rows(ctx, sh)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			delete(unmet, row.Path)
		}
	}
	return r, r.finish(ctx, st, unmet, q.DryRun)
}

// In returns the run as a store holds it.
func (r *Run) In(st store.Store) *runstore.Run {
	return &runstore.Run{Store: st, ID: r.ID, Spec: r.Spec, Plan: r.Plan, NumericKind: r.NumericKind}
}
