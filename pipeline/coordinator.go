package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"go.uber.org/zap"

	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
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
	ready    schemas.NumericKind // of the vectors that are there already; "": not known
	settled  bool         // the vectors are another run's: images that it could not read are not tried again
	override []schemas.Override
	clock    *progress // that has timed the planning
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
// the report lacks them; the next Run tries them again.
func (c *Coordinator) Run(ctx context.Context, planned *Run) (*schemas.Summary, error) {
	s, err := c.Summary(ctx, planned.ID)
	if err == nil && len(s.Failures) == 0 {
		return s, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	r, err := c.start(ctx, planned)
	if err != nil {
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
	return summary, r.failed()
}

// Embed brings a planned run to its vectors and no further.
func (c *Coordinator) Embed(ctx context.Context, planned *Run) error {
	r, err := c.start(ctx, planned)
	if err != nil {
		return err
	}
	if err := r.embedAll(ctx); err != nil {
		return err
	}
	planned.ready = r.kind
	if err := r.queue.Delete(ctx); err != nil {
		return err
	}
	return r.failed()
}

// failed is ErrFailed where tasks were given up.
func (r *run) failed() error {
	if len(r.failures) == 0 {
		return nil
	}
	return fmt.Errorf("pipeline: %d tasks of run %s were given up: %w", len(r.failures), r.ID, ErrFailed)
}

// Summary is a finished run's; fs.ErrNotExist where the run has no report.
func (c *Coordinator) Summary(ctx context.Context, id schemas.RunID) (*schemas.Summary, error) {
	var s schemas.Summary
	if err := getJSON(ctx, c.Store, schemas.ReportObject(id, schemas.SummaryFile), &s); err != nil {
		return nil, err
	}
	return &s, nil
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
	if err := r.perShard(ctx, schemas.StageMatch); err != nil {
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
