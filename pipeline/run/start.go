package run

import (
	"context"
	"errors"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// start makes a planned run ready for its stages: what an earlier command gave up
// is forgotten, what workers need stands in the store, and there is a queue.
func (c *Coordinator) start(ctx context.Context, planned *plan.Run) (*execution, error) {
	run := planned.In(c.Store)
	run.NumericKind = "" // until the run states it
	e := &execution{coordinator: c, planned: planned, run: run, shards: runstore.NewShards(run),
		clock: newClock(c.Progress)}
	e.clock.planned(planned)
	if err := e.takeUp(ctx); err != nil {
		return nil, err
	}
	if err := e.publish(ctx); err != nil {
		return nil, err
	}
	options := c.Queue
	options.Begin = e.begin
	var err error
	var cancelled *CancelledError
	if e.queue, err = c.Conn.Create(ctx, run.ID, c.Store.String(), options); errors.As(err, &cancelled) {
		return nil, errors.Join(cancelled, c.Conn.Delete(ctx, run.ID))
	}
	if err != nil {
		return nil, err
	}
	e.fresh = e.queue.Fresh()
	return e, nil
}

// begin forgets what an earlier command gave up or could not read. Where that one's queue
// stands, workers may have tasks of stages that lack the shards which were given up, and keep
// what they read for them. What these put into the store would be taken for the new: they come to their end
// first, and the queue ends with them, so that workers forget too.
func (e *execution) begin(ctx context.Context, q *queue.Queue) error {
	if err := e.cancelled(ctx); err != nil {
		return err
	}
	if !q.Used() {
		if err := e.forgetFailures(ctx); err != nil {
			return err
		}
		return e.dropTransient(ctx)
	}
	failed, err := e.hasFailures(ctx)
	if err != nil {
		return err
	}
	if !failed { // what a worker gives up from now on is of this run
		if names, err := e.transient(ctx); err != nil || len(names) == 0 {
			return err
		}
	}
	for _, pool := range schemas.Pools() { // second looks are in that of the images
		if err := e.discard(ctx, q, pool); err != nil {
			return err
		}
	}
	if err := q.Delete(ctx); err != nil {
		return err
	}
	return queue.ErrClosed // begin again, with a new one
}

// hasFailures says whether the store has failures of an earlier command.
func (e *execution) hasFailures(ctx context.Context) (bool, error) {
	for _, err := range e.run.Store.List(ctx, schemas.FailuresFolder(e.run.ID)) {
		return err == nil, err
	}
	return false, nil
}

// discard takes the tasks of a pool out of the queue and waits until workers have done those
// that they hold, or the run is cancelled.
func (e *execution) discard(ctx context.Context, q *queue.Queue, pool schemas.Pool) error {
	c, told := e.coordinator, false
	if c.QueueCounts != nil {
		defer c.QueueCounts(nil)
	}
	for {
		leased, err := q.Discard(ctx, pool)
		if err != nil || leased == 0 {
			return err
		}
		if c.QueueCounts != nil {
			counts, err := q.Counts(ctx)
			if err != nil {
				return err
			}
			c.QueueCounts(counts)
		}
		if c.LastTasks != nil && !told {
			told = true
			c.LastTasks(leased)
		}
		if err := e.cancelled(ctx); err != nil {
			return err
		}
		if err := sleep(ctx, longPause); err != nil {
			return err
		}
	}
}

// publish writes what workers need to begin.
func (e *execution) publish(ctx context.Context) error {
	run := e.run
	if err := run.PutJSON(ctx, schemas.SpecObject(run.ID), run.Spec); err != nil {
		return err
	}
	if err := run.PutJSON(ctx, schemas.PlanObject(run.ID), run.Plan); err != nil {
		return err
	}
	// An earlier command's plan stands. It can differ in what the Spec does not
	// cover, as the files that were skipped.
	var stands schemas.Plan
	if err := run.GetJSON(ctx, schemas.PlanObject(run.ID), &stands); err != nil {
		return err
	}
	run.Plan, e.planned.Plan = stands, stands
	if e.planned.NumericKind == "" {
		e.planned.NumericKind = run.Spec.Judge.NumericKind
	}
	if e.planned.NumericKind != "" {
		if err := run.PutNumericKind(ctx, e.planned.NumericKind); err != nil {
			return err
		}
	}
	locations := e.planned.Locations
	locations.Job = e.coordinator.Queue.Job
	data, err := schemas.Marshal(locations)
	if err != nil {
		return err
	}
	if err := run.Store.Replace(ctx, schemas.SourceObject(run.ID), data); err != nil {
		return err
	}
	return run.LoadNumericKind(ctx)
}

// forgetFailures removes everything that a run with failed tasks has made of its
// vectors, since all of it lacks the failed shards, so that this command tries
// them again. The summary goes first, so that no report looks complete meanwhile,
// and the failures last, so that a command that was stopped here begins again.
func (e *execution) forgetFailures(ctx context.Context) error {
	keep := map[string]bool{
		schemas.SpecObject(e.run.ID):                        true,
		schemas.PlanObject(e.run.ID):                        true,
		schemas.NumericKindObject(e.run.ID):                 true,
		schemas.SourceObject(e.run.ID):                      true,
		schemas.TimingObject(e.run.ID):                      true,
		schemas.ReportObject(e.run.ID, schemas.SummaryFile): true,
		schemas.CancelledObject(e.run.ID):                   true, // put since the run was taken up
	}
	var failures, others []string
	for info, err := range e.run.Store.List(ctx, schemas.RunFolder(e.run.ID)) {
		if err != nil {
			return err
		}
		switch {
		case strings.HasPrefix(info.Name, schemas.FailuresFolder(e.run.ID)):
			failures = append(failures, info.Name)
		case !keep[info.Name]:
			others = append(others, info.Name)
		}
	}
	if len(failures) == 0 {
		return nil
	}
	for _, names := range [][]string{{schemas.ReportObject(e.run.ID, schemas.SummaryFile)}, others, failures} {
		if err := e.remove(ctx, names); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes objects, several at a time.
func (e *execution) remove(ctx context.Context, names []string) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(lookups)
	for _, name := range names {
		g.Go(func() error { return e.run.Store.Delete(gctx, name) })
	}
	return g.Wait()
}
