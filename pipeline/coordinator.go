package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// Stages that the coordinator does itself; for progress and timing.json.
const (
	stagePlan   schemas.Stage = "plan"
	stageFold   schemas.Stage = "fold"
	stageReport schemas.Stage = "report"
)

// Coordinator plans runs and brings them to their report.
type Coordinator struct {
	Store    store.Store
	Conn     *queue.Conn // for Run
	Queue    queue.CreateOptions
	Log      *zap.Logger
	Progress func(Progress) // told of every step; may be nil
	NoWorker func()         // told, once a stage, that tasks wait and nobody takes them; may be nil
	// BeforeEmbed is called when there are tasks that need an engine, before they
	// are pushed: the place to put model files into the store. May be nil.
	BeforeEmbed func(ctx context.Context) error
	Shuffle     uint64 // seed of the order in which tasks are pushed; 0: as planned
}

// Run is a run that has been planned.
type Run struct {
	ID   schemas.RunID
	Spec schemas.Spec
	Plan schemas.Plan

	place    schemas.SourceFile
	unknown  []string     // overrides' paths that the set does not have
	ready    schemas.Kind // of the vectors that are there already; "": not known
	override []schemas.Override
}

// run is a Run at work.
type run struct {
	*Run
	tables
	c        *Coordinator
	queue    *queue.Queue
	views    *views
	progress *progress
	lost     map[shardKey]bool // shards without vectors: their embedding was given up
	failures []schemas.TaskFailure
}

// Run brings a planned run to its report, doing only what the store lacks, and
// returns the report's summary. With shards given up the error is ErrFailed and
// the report lacks them.
func (c *Coordinator) Run(ctx context.Context, planned *Run) (*schemas.Summary, error) {
	r := &run{Run: planned, c: c, lost: map[shardKey]bool{},
		tables: tables{store: c.Store, run: planned.ID, spec: planned.Spec, plan: planned.Plan}}
	r.views = newViews(&r.tables)
	r.progress = newProgress(c.Progress)
	if s, err := c.Summary(ctx, planned.ID); err == nil && len(s.Failures) == 0 {
		return s, nil
	} else if err == nil {
		if err := r.forget(ctx); err != nil {
			return nil, err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := r.publish(ctx); err != nil {
		return nil, err
	}
	var err error
	if r.queue, err = c.Conn.Create(ctx, r.ID, c.Store.String(), c.Queue); err != nil {
		return nil, err
	}
	if err := r.stages(ctx); err != nil {
		return nil, err
	}
	summary, err := r.report(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.writeTiming(ctx); err != nil {
		return nil, err
	}
	if err := r.queue.Delete(ctx); err != nil {
		return nil, err
	}
	if len(summary.Failures) > 0 {
		return summary, fmt.Errorf("pipeline: %d tasks of run %s: %w", len(summary.Failures), r.ID, ErrFailed)
	}
	return summary, nil
}

// Embed brings a planned run to its vectors and no further.
func (c *Coordinator) Embed(ctx context.Context, planned *Run) error {
	r := &run{Run: planned, c: c, lost: map[shardKey]bool{},
		tables: tables{store: c.Store, run: planned.ID, spec: planned.Spec, plan: planned.Plan}}
	r.progress = newProgress(c.Progress)
	if err := r.publish(ctx); err != nil {
		return err
	}
	var err error
	if r.queue, err = c.Conn.Create(ctx, r.ID, c.Store.String(), c.Queue); err != nil {
		return err
	}
	if err := r.embedAll(ctx); err != nil {
		return err
	}
	planned.ready = r.kind
	if err := r.queue.Delete(ctx); err != nil {
		return err
	}
	if len(r.failures) > 0 {
		return fmt.Errorf("pipeline: %d tasks of run %s: %w", len(r.failures), r.ID, ErrFailed)
	}
	return nil
}

// Summary is a finished run's; fs.ErrNotExist where the run has no report.
func (c *Coordinator) Summary(ctx context.Context, id schemas.RunID) (*schemas.Summary, error) {
	var s schemas.Summary
	if err := getJSON(ctx, c.Store, schemas.ReportObject(id, schemas.SummaryFile), &s); err != nil {
		return nil, err
	}
	return &s, nil
}

// publish writes what workers need to begin.
func (r *run) publish(ctx context.Context) error {
	if err := putJSON(ctx, r.store, schemas.SpecObject(r.ID), r.spec); err != nil {
		return err
	}
	if err := putJSON(ctx, r.store, schemas.PlanObject(r.ID), r.plan); err != nil {
		return err
	}
	if r.ready != "" {
		if err := put(ctx, r.store, schemas.KindObject(r.ID), []byte(r.ready+"\n")); err != nil {
			return err
		}
	}
	data, err := schemas.Marshal(r.place)
	if err != nil {
		return err
	}
	if err := r.store.Replace(ctx, schemas.SourceObject(r.ID), data); err != nil {
		return err
	}
	return r.loadKind(ctx)
}

// forget removes what a run with failed tasks has made of its vectors, so that
// the same command tries them again.
func (r *run) forget(ctx context.Context) error {
	keep := map[string]bool{schemas.SpecObject(r.ID): true, schemas.PlanObject(r.ID): true, schemas.KindObject(r.ID): true,
		schemas.SourceObject(r.ID): true, schemas.TimingObject(r.ID): true}
	for info, err := range r.store.List(ctx, schemas.RunFolder(r.ID)) {
		if err != nil {
			return err
		}
		if keep[info.Name] {
			continue
		}
		if err := r.store.Delete(ctx, info.Name); err != nil {
			return err
		}
	}
	return nil
}

// stages does everything up to the report.
func (r *run) stages(ctx context.Context) error {
	if err := r.embedAll(ctx); err != nil {
		return err
	}
	if err := r.fold(ctx); err != nil {
		return err
	}
	if err := r.fitPeople(ctx); err != nil {
		return err
	}
	if err := r.perShard(ctx, schemas.StageCross); err != nil {
		return err
	}
	if err := r.pairsAndOverlaps(ctx); err != nil {
		return err
	}
	if err := r.calibrate(ctx); err != nil {
		return err
	}
	return r.perShard(ctx, schemas.StageJudge)
}

// images is the number of images of all sources.
func (r *run) images() int {
	n := 0
	for _, s := range r.plan.Sources {
		n += s.Images
	}
	return n
}

// embedAll brings every part of every shard to its vectors.
func (r *run) embedAll(ctx context.Context) error {
	tasks := r.embedTasks()
	if len(tasks) == 0 {
		return nil
	}
	if r.kind != "" {
		if err := r.dropPassing(ctx); err != nil {
			return err
		}
	}
	if r.c.BeforeEmbed != nil {
		missing, err := r.lacksVectors(ctx)
		if err != nil {
			return err
		}
		if missing {
			if err := r.c.BeforeEmbed(ctx); err != nil {
				return err
			}
		}
	}
	if r.kind == "" {
		kind := schemas.Task{Run: r.ID, Stage: schemas.StageKind}
		s := step{run: r, stage: schemas.StageKind, output: schemas.Task.Output, images: func(schemas.Task) int { return 0 }}
		if failed, err := s.settle(ctx, []schemas.Task{kind}); err != nil || len(failed) > 0 {
			return errors.Join(err, r.whyFailed(ctx, failed))
		}
		if err := r.loadKind(ctx); err != nil {
			return err
		}
		if err := r.dropPassing(ctx); err != nil {
			return err
		}
	}
	s := step{run: r, stage: schemas.StageEmbed, output: r.embedOutput, images: r.taskImages}
	failed, err := s.settle(ctx, tasks)
	if err != nil {
		return err
	}
	for _, t := range failed {
		r.lost[shardKey{t.Source, t.Shard}] = true
		r.failures = append(r.failures, schemas.TaskFailure{Task: t.Name(), Images: r.taskImages(t)})
	}
	if len(failed) == len(tasks) {
		return r.whyFailed(ctx, failed[:1])
	}
	return r.checkFaults(ctx)
}

// whyFailed is the error that a task was given up for.
func (r *run) whyFailed(ctx context.Context, failed []schemas.Task) error {
	if len(failed) == 0 {
		return nil
	}
	var a schemas.Attempt
	if err := getJSON(ctx, r.store, schemas.FailureObject(r.ID, failed[0]), &a); err != nil {
		return err
	}
	return fmt.Errorf("pipeline: task %s was given up: %s: %w", a.Task, a.Error, ErrFailed)
}

func (r *run) embedTasks() []schemas.Task {
	var tasks []schemas.Task
	for _, src := range r.plan.Sources {
		if r.given(src.Name) {
			continue
		}
		for _, sh := range src.Shards {
			for p := range sh.Parts {
				tasks = append(tasks, schemas.Task{Run: r.ID, Stage: schemas.StageEmbed, Source: src.Name, Shard: sh.Index, Part: p})
			}
		}
	}
	return tasks
}

func (r *run) part(t schemas.Task) schemas.Part {
	src, err := r.source(t.Source)
	if err != nil {
		return schemas.Part{}
	}
	return src.Shards[t.Shard].Parts[t.Part]
}

func (r *run) taskImages(t schemas.Task) int { p := r.part(t); return p.End - p.Start }

func (r *run) embedOutput(t schemas.Task) string { return r.pointer(t.Source, r.part(t)) }

// lacksVectors says whether any embed task has no output yet.
func (r *run) lacksVectors(ctx context.Context) (bool, error) {
	if r.kind == "" {
		return true, nil
	}
	for _, t := range r.embedTasks() {
		if ok, err := r.exists(ctx, r.embedOutput(t)); err != nil || !ok {
			return true, err
		}
	}
	return false, nil
}

// dropPassing forgets pointers to vectors with images that could not be read, so
// that a command that starts anew tries them again. After the fold the run's
// vectors stand.
func (r *run) dropPassing(ctx context.Context) error {
	if ok, err := r.exists(ctx, schemas.DuplicatesObject(r.ID)); err != nil || ok {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(lookups)
	for _, t := range r.embedTasks() {
		g.Go(func() error {
			var ptr schemas.Pointer
			err := getJSON(gctx, r.store, r.embedOutput(t), &ptr)
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err == nil && ptr.Passing() > 0 {
				return r.store.Delete(gctx, r.embedOutput(t))
			}
			return err
		})
	}
	return g.Wait()
}

// perShard does one task for each shard of the set that has vectors.
func (r *run) perShard(ctx context.Context, stage schemas.Stage) error {
	var tasks []schemas.Task
	for _, sh := range r.plan.Sources[0].Shards {
		if !r.lost[shardKey{schemas.Set, sh.Index}] {
			tasks = append(tasks, schemas.Task{Run: r.ID, Stage: stage, Shard: sh.Index})
		}
	}
	s := step{run: r, stage: stage, output: schemas.Task.Output,
		images: func(t schemas.Task) int { return r.plan.Sources[0].Shards[t.Shard].Images }}
	failed, err := s.settle(ctx, tasks)
	for _, t := range failed {
		r.lost[shardKey{schemas.Set, t.Shard}] = true
		r.failures = append(r.failures, schemas.TaskFailure{Task: t.Name(), Images: s.images(t)})
	}
	return err
}

// writeTiming adds this start's cost to timing.json.
func (r *run) writeTiming(ctx context.Context) error {
	file := schemas.Timing{}
	if err := getJSON(ctx, r.store, schemas.TimingObject(r.ID), &file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.c.Log.Warn("timing.json is damaged and begins anew", zap.Error(err))
		file = schemas.Timing{}
	}
	tasks := []schemas.TaskTiming{}
	for info, err := range r.store.List(ctx, schemas.TaskTimingsFolder(r.ID)) {
		if err != nil {
			return err
		}
		var t schemas.TaskTiming
		if err := getJSON(ctx, r.store, info.Name, &t); err != nil {
			return err
		}
		tasks = append(tasks, t)
	}
	r.progress.timing(&file, tasks, time.Now())
	file.Kind = r.kind
	data, err := schemas.Marshal(file)
	if err != nil {
		return err
	}
	return r.store.Replace(ctx, schemas.TimingObject(r.ID), data)
}
