package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sort"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/schemas"
)

// DefaultShardImages is how many images a shard has, about.
const DefaultShardImages = 2048

// SourceRequest is a source as a user names it.
type SourceRequest struct {
	Name    schemas.Source // "" for the set
	Dataset dataset.Options
	Aligned bool
	Vectors string // Arrow file of ready vectors, instead of Dataset
	// Hinted says that no detector runs on the images: a source that lists no
	// landmarks at all is refused with ErrNoLandmarks.
	Hinted bool
}

// Request is a run as a user asks for it.
type Request struct {
	Set         SourceRequest
	References  []SourceRequest
	ShardImages int // 0: DefaultShardImages
	Embed       schemas.EmbedSpec
	Judge       schemas.JudgeSpec // without Overrides
	Overrides   []schemas.Override
	From        schemas.RunID // take that run's manifest and vectors; lists nothing
	DryRun      bool          // write nothing
}

// Plan lists the request's sources, cuts them into shards, stores the shards'
// rows, and gives the run that follows from it.
func (c *Coordinator) Plan(ctx context.Context, q Request) (*Run, error) {
	if q.From != "" {
		return c.planFrom(ctx, q)
	}
	if q.ShardImages == 0 {
		q.ShardImages = DefaultShardImages
	}
	r := &Run{Spec: schemas.Spec{Version: schemas.SpecVersion, Embed: q.Embed, Judge: q.Judge}, override: q.Overrides}
	r.Spec.Data.ShardImages = q.ShardImages
	sort.Slice(q.References, func(i, j int) bool { return q.References[i].Name < q.References[j].Name })
	p := newProgress(c.Progress)
	p.begin(schemas.StagePlan, 1+len(q.References), 0)
	paths := pathSet(q.Overrides)
	for _, src := range append([]SourceRequest{q.Set}, q.References...) {
		l := listing{c: c, request: src, images: q.ShardImages, dry: q.DryRun, progress: p}
		if src.Name == schemas.Set {
			l.paths = paths
		}
		if err := l.run(ctx, &r.Spec.Embed); err != nil {
			return nil, err
		}
		r.Plan.Sources = append(r.Plan.Sources, l.plan)
		r.place.Sources = append(r.place.Sources, l.place)
		if src.Name == schemas.Set {
			r.Spec.Data.Set = l.spec
			if err := checkRelabels(q.Overrides, l.labels); err != nil {
				return nil, err
			}
		} else {
			r.Spec.Data.References = append(r.Spec.Data.References, l.spec)
		}
	}
	p.end(schemas.StagePlan)
	r.clock = p
	return r, c.finishPlan(ctx, r, paths, q.DryRun)
}

// pathSet is the overrides' paths; whoever meets one deletes it.
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
			return fmt.Errorf("pipeline: an override relabels %s to %s, an identity that the set does not have; correct the label, or drop the image",
				schemas.EscapePath(o.Path), schemas.EscapePath(o.Identity))
		}
	}
	return nil
}

// finishPlan checks what a person decided, stores it, and names the run.
func (c *Coordinator) finishPlan(ctx context.Context, r *Run, unknown map[string]bool, dry bool) error {
	for p := range unknown {
		r.unknown = append(r.unknown, p)
	}
	sort.Strings(r.unknown)
	if len(r.override) > 0 {
		r.Spec.Judge.Overrides = schemas.OverridesDigest(r.override)
		if !dry {
			err := putTable(ctx, c.Store, schemas.OverridesObject(r.Spec.Judge.Overrides), func(w io.Writer) error {
				return schemas.WriteOverrides(w, r.override)
			})
			if err != nil {
				return err
			}
		}
	}
	var err error
	if r.ID, err = r.Spec.ID(); err != nil {
		return fmt.Errorf("pipeline: %w", err)
	}
	return nil
}

// planFrom takes another run's manifest, vectors and kind: a new judgement
// without images, models or an engine.
func (c *Coordinator) planFrom(ctx context.Context, q Request) (*Run, error) {
	old, err := loadTables(ctx, c.Store, q.From)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("pipeline: no run %s in %s; coordinator status lists those there are: %w", q.From, c.Store, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	r := &Run{Spec: old.spec, Plan: old.plan, ready: old.kind, settled: old.kind != "", override: q.Overrides}
	r.Spec.Judge = q.Judge
	r.Spec.Judge.Mixed, r.Spec.Judge.NumericKind = old.spec.Judge.Mixed, old.spec.Judge.NumericKind
	if err := getJSON(ctx, c.Store, schemas.SourceObject(q.From), &r.place); err != nil {
		return nil, err
	}
	labels, err := getTable(ctx, c.Store, schemas.LabelsObject(old.plan.Sources[0].Labels), schemas.ReadLabels)
	if err != nil {
		return nil, err
	}
	if err := checkRelabels(q.Overrides, labels); err != nil {
		return nil, err
	}
	unknown := pathSet(q.Overrides)
	for _, sh := range old.plan.Sources[0].Shards {
		if len(unknown) == 0 {
			break
		}
		rows, err := old.rows(ctx, sh)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			delete(unknown, row.Path)
		}
	}
	return r, c.finishPlan(ctx, r, unknown, q.DryRun)
}
