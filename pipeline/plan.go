package pipeline

import (
	"context"
	"fmt"
	"io"
	"sort"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/store"
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
	p.begin(stagePlan, 1+len(q.References), 0)
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
		} else {
			r.Spec.Data.References = append(r.Spec.Data.References, l.spec)
		}
	}
	p.end(stagePlan)
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
	if err != nil {
		return nil, fmt.Errorf("pipeline: run %s is not in %s (coordinator status lists the runs): %w", q.From, c.Store, err)
	}
	r := &Run{Spec: old.spec, Plan: old.plan, ready: old.kind, override: q.Overrides}
	r.Spec.Judge = q.Judge
	r.Spec.Judge.Mixed = old.spec.Judge.Mixed
	if err := getJSON(ctx, c.Store, schemas.SourceObject(q.From), &r.place); err != nil {
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

// listing is one source on its way to its plan.
type listing struct {
	c        *Coordinator
	request  SourceRequest
	images   int
	dry      bool
	paths    map[string]bool // overrides not met yet
	progress *progress

	hasher  *schemas.SourceHasher
	cut     *cutter
	labels  []schemas.Identity
	vectors *givenVectors
	plan    schemas.PlanSource
	spec    schemas.SourceSpec
	place   schemas.SourcePlace
}

func (l *listing) run(ctx context.Context, embed *schemas.EmbedSpec) error {
	l.hasher = schemas.NewSourceHasher()
	l.plan = schemas.PlanSource{Name: l.request.Name}
	l.cut = newCutter(l.images, func(rows []schemas.Image, ids []schemas.Identity) error { return l.shard(ctx, rows, ids) })
	var err error
	if l.request.Vectors != "" {
		err = l.listVectors(ctx, embed)
	} else {
		err = l.listImages(ctx)
	}
	if err != nil {
		return err
	}
	if err := l.cut.close(); err != nil {
		return err
	}
	l.plan.Labels = schemas.LabelsID(l.labels)
	l.plan.Identities = len(l.labels)
	l.spec = schemas.SourceSpec{Name: l.request.Name, Digest: l.hasher.Sum(), Images: l.plan.Images,
		Aligned: l.request.Aligned, Vectors: l.request.Vectors != ""}
	if l.dry {
		return nil
	}
	return putTable(ctx, l.c.Store, schemas.LabelsObject(l.plan.Labels), func(w io.Writer) error {
		return schemas.WriteLabels(w, l.labels)
	})
}

// listImages streams a data set's rows, identity by identity, into shards.
func (l *listing) listImages(ctx context.Context) error {
	d, err := dataset.Open(ctx, l.request.Dataset)
	if err != nil {
		return err
	}
	var rows []schemas.Image
	flush := func() error {
		if len(rows) == 0 {
			return nil
		}
		label := rows[0].Identity
		err := l.identity(schemas.Identity{Label: label, Name: d.Name(label), Images: len(rows)}, rows)
		rows = nil
		return err
	}
	for row, err := range d.Rows(ctx) {
		if err != nil {
			return err
		}
		if len(rows) > 0 && rows[0].Identity != row.Identity {
			if err := flush(); err != nil {
				return err
			}
		}
		l.hasher.Add(row)
		delete(l.paths, row.Path)
		rows = append(rows, row)
	}
	if err := flush(); err != nil {
		return err
	}
	for _, s := range d.Skipped() {
		if l.plan.Skipped == nil {
			l.plan.Skipped = map[string]int{}
		}
		l.plan.Skipped[s.Reason] += s.Count
	}
	s3 := l.request.Dataset.S3
	l.place = schemas.SourcePlace{Name: l.request.Name, URL: l.request.Dataset.URL, Layout: d.Layout(), Endpoint: s3.Endpoint, Region: s3.Region}
	return nil
}

func (l *listing) identity(id schemas.Identity, rows []schemas.Image) error {
	l.hasher.AddIdentity(id)
	l.labels = append(l.labels, id)
	l.plan.Images += len(rows)
	l.progress.settled(stagePlan, len(rows))
	return l.cut.add(id, rows)
}

// shard stores one shard's rows and adds it to the plan.
func (l *listing) shard(ctx context.Context, rows []schemas.Image, ids []schemas.Identity) error {
	sh := schemas.Shard{Source: l.request.Name, Index: len(l.plan.Shards), Rows: schemas.RowsID(rows),
		Images: len(rows), Identities: len(ids), First: schemas.EscapePath(ids[0].Label), Parts: parts(rows, ids, schemas.MaxPart)}
	l.plan.Shards = append(l.plan.Shards, sh)
	if l.dry {
		return nil
	}
	if l.vectors != nil {
		if err := l.vectors.store(ctx, l.c.Store, sh, rows); err != nil {
			return err
		}
	}
	return putRows(ctx, l.c.Store, sh, rows)
}

func putRows(ctx context.Context, st store.Store, sh schemas.Shard, rows []schemas.Image) error {
	return putTable(ctx, st, schemas.RowsObject(sh.Rows), func(w io.Writer) error { return schemas.WriteRows(w, rows) })
}
