// Package run is the coordinator's side of a run: it brings a planned run through
// its stages to its report, hands tasks to workers by way of the queue, and settles
// them from what the store holds.
package run

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"go.uber.org/zap"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/aggregate"
	"github.com/facesieve/facesieve/pipeline/stage/calibrate"
	"github.com/facesieve/facesieve/pipeline/stage/match"
	"github.com/facesieve/facesieve/pipeline/stage/nearduplicates"
	"github.com/facesieve/facesieve/pipeline/stage/report"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// ErrFailed says that tasks were given up: the report lacks their shards.
var ErrFailed = errors.New("shards failed")

// Coordinator plans runs and brings them to their report.
type Coordinator struct {
	Store    store.Store
	Conn     *queue.Conn // for Run and Embed
	Queue    queue.CreateOptions
	Log      *zap.Logger
	Progress func(Progress) // told of every change; may be nil
	// NoWorker is told, once a stage, that its tasks wait and nobody takes them; may be nil.
	NoWorker func(schemas.Stage)
	// BeforeEmbed is called when there are tasks that need an engine, before they
	// are pushed, to put model files into the store. May be nil.
	BeforeEmbed func(ctx context.Context) error
	QueueCounts func(map[schemas.Pool]queue.Counts) // told at each look at the queue; may be nil
	Shuffle     uint64                              // seed of the order in which tasks are pushed; 0: as planned
	// TakeUp is told that a run was cancelled earlier and goes on now; may be nil.
	TakeUp func(schemas.Cancellation)
	// LastTasks is told that workers hold so many tasks of a coordinator that is gone, and
	// that they are waited for; may be nil.
	LastTasks func(tasks int)
	Look      time.Duration // between looks for a cancellation; 0: five seconds
}

// Plan plans the run of a request (plan.Make) and reports progress while it lists.
func (c *Coordinator) Plan(ctx context.Context, q plan.Request) (*plan.Run, error) {
	clock := newClock(c.Progress)
	clock.begin(schemas.StagePlan, 1+len(q.References), 0)
	planned, err := plan.Make(runstore.WithStage(ctx, schemas.StagePlan), c.Store, q, func(images int) { clock.settled(schemas.StagePlan, images) })
	if err != nil {
		return nil, err
	}
	clock.endOwn(schemas.StagePlan)
	return planned, nil
}

// Run brings a planned run to its report, doing only what the store lacks, and
// returns the report's summary. Where tasks were given up, the summary comes with an
// error that is ErrFailed, and the report lacks their shards; the next Run tries them
// again.
func (c *Coordinator) Run(ctx context.Context, planned *plan.Run) (*schemas.Summary, error) {
	s, err := c.Summary(ctx, planned.ID)
	if err == nil && len(s.Failures) == 0 {
		return s, c.Conn.Delete(ctx, planned.ID) // of a coordinator that died before it could
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	e, err := c.start(ctx, planned)
	if err != nil {
		return nil, err
	}
	defer e.leave()
	var summary *schemas.Summary
	err = e.unlessCancelled(ctx, func(ctx context.Context) error {
		if err := e.stages(ctx); err != nil {
			return err
		}
		// The last look: a report that is begun is finished.
		err := e.cancelled(ctx)
		if err == nil {
			summary, err = e.report(ctx)
		}
		if err != nil {
			return err
		}
		return e.writeTiming(ctx)
	})
	if err != nil {
		return nil, err
	}
	if err := e.queue.Delete(ctx); err != nil {
		return nil, err
	}
	return summary, e.failed()
}

// Embed brings a planned run to its vectors and no further, and sets
// planned.NumericKind. Where tasks were given up, the error is ErrFailed.
func (c *Coordinator) Embed(ctx context.Context, planned *plan.Run) error {
	e, err := c.start(ctx, planned)
	if err != nil {
		return err
	}
	defer e.leave()
	if err := e.unlessCancelled(ctx, e.embed); err != nil {
		return err
	}
	planned.NumericKind = e.run.NumericKind
	if err := e.queue.Delete(ctx); err != nil {
		return err
	}
	return e.failed()
}

// Summary returns the summary of a finished run; the error is fs.ErrNotExist where the
// run has no report.
func (c *Coordinator) Summary(ctx context.Context, id schemas.RunID) (*schemas.Summary, error) {
	return (&runstore.Run{Store: c.Store, ID: id}).Summary(ctx)
}

// execution is a planned run at work.
type execution struct {
	coordinator *Coordinator
	planned     *plan.Run
	run         *runstore.Run
	shards      *runstore.Shards
	queue       *queue.Queue
	clock       *clock
	failures    []schemas.TaskFailure
	fresh       bool // no other coordinator was at work on the run at its start
}

// leave says that this coordinator is at work no more. Its queue may be another than at first.
func (e *execution) leave() { e.queue.Leave() }

// failed returns ErrFailed where tasks were given up.
func (e *execution) failed() error {
	if len(e.failures) == 0 {
		return nil
	}
	return origin.Errorf("pipeline", "%d tasks of run %s were given up: %w", len(e.failures), e.run.ID,
		ErrFailed)
}

// stages does everything up to the report.
func (e *execution) stages(ctx context.Context) error {
	if err := e.embed(ctx); err != nil {
		return err
	}
	if err := e.secondLook(ctx); err != nil {
		return err
	}
	if err := e.aggregate(ctx); err != nil {
		return err
	}
	if err := match.Fit(ctx, e.run); err != nil {
		return err
	}
	if err := e.perShard(ctx, schemas.StageMatch); err != nil {
		return err
	}
	if err := e.perShard(ctx, schemas.StageNearest); err != nil {
		return err
	}
	if err := e.neighbours(ctx); err != nil {
		return err
	}
	if err := e.nearDuplicates(ctx); err != nil {
		return err
	}
	if err := match.WriteTables(ctx, e.shards); err != nil {
		return err
	}
	if err := e.calibrate(ctx); err != nil {
		return err
	}
	return e.perShard(ctx, schemas.StageJudge)
}

// aggregate does the aggregate stage, unless it is done.
func (e *execution) aggregate(ctx context.Context) error {
	if ok, err := runstore.Exists(ctx, e.run.Store, schemas.AggregateObject(e.run.ID)); err != nil || ok {
		return err
	}
	ctx = runstore.WithStage(ctx, schemas.StageAggregate)
	e.clock.begin(schemas.StageAggregate, len(e.run.Plan.Sources), e.run.Images())
	defer e.clock.endOwn(schemas.StageAggregate)
	return aggregate.Run(ctx, e.shards, func(images int) { e.clock.settled(schemas.StageAggregate, images) })
}

// nearDuplicates does the near-duplicates stage, unless it is done.
func (e *execution) nearDuplicates(ctx context.Context) error {
	name := schemas.NearDuplicatesObject(e.run.ID)
	if ok, err := runstore.Exists(ctx, e.run.Store, name); err != nil || ok {
		return err
	}
	ctx = runstore.WithStage(ctx, schemas.StageNearDuplicates)
	e.clock.begin(schemas.StageNearDuplicates, 1, e.run.Images())
	defer e.clock.endOwn(schemas.StageNearDuplicates)
	return nearduplicates.Run(ctx, e.shards,
		func(images int) { e.clock.settled(schemas.StageNearDuplicates, images) })
}

// calibrate does the calibrate stage, unless it is done.
func (e *execution) calibrate(ctx context.Context) error {
	if ok, err := runstore.Exists(ctx, e.run.Store, schemas.CalibrationObject(e.run.ID)); err != nil || ok {
		return err
	}
	ctx = runstore.WithStage(ctx, schemas.StageCalibrate)
	images := e.run.Set().Images
	e.clock.begin(schemas.StageCalibrate, 1, images)
	defer e.clock.endOwn(schemas.StageCalibrate)
	if err := calibrate.Fit(ctx, e.shards); err != nil {
		return err
	}
	e.clock.settled(schemas.StageCalibrate, images)
	return nil
}

// report does the report stage.
func (e *execution) report(ctx context.Context) (*schemas.Summary, error) {
	ctx = runstore.WithStage(ctx, schemas.StageReport)
	e.clock.begin(schemas.StageReport, 1, e.run.Set().Images)
	defer e.clock.endOwn(schemas.StageReport)
	return report.Write(ctx, report.Input{
		Shards: e.shards, Failures: e.failures, UnknownOverrides: e.planned.UnknownOverrides,
		Done: func(images int) { e.clock.settled(schemas.StageReport, images) },
	})
}

// perShard does one task for each shard of the set that has vectors.
func (e *execution) perShard(ctx context.Context, stage schemas.Stage) error {
	set := e.run.Set()
	var tasks []schemas.Task
	for _, sh := range set.Shards {
		if !e.shards.Lost[runstore.ShardKey{Source: schemas.Set, Shard: sh.Index}] {
			tasks = append(tasks, schemas.Task{Run: e.run.ID, Stage: stage, Shard: sh.Index})
		}
	}
	s := settling{execution: e, stage: stage, output: schemas.Task.Output,
		images: func(t schemas.Task) int { return set.Shards[t.Shard].Images }}
	failed, err := s.settle(ctx, tasks)
	e.lose(failed, s.images)
	return err
}

// lose leaves the shards of tasks that were given up out of what follows.
func (e *execution) lose(failed []schemas.Task, images func(schemas.Task) int) {
	for _, t := range failed {
		e.shards.Lost[runstore.ShardKey{Source: t.Source, Shard: t.Shard}] = true
		e.failures = append(e.failures, schemas.TaskFailure{Task: t.Name(), Images: images(t)})
	}
}
