package run

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

const (
	shortPause  = 20 * time.Millisecond
	longPause   = 500 * time.Millisecond
	workerGrace = 10 * time.Second // without any worker before NoWorker is called
	lookups     = 32               // objects asked for at a time
)

// settling is one stage's tasks on their way to being settled.
type settling struct {
	execution *execution
	stage     schemas.Stage
	output    func(schemas.Task) string // object that a done task has made
	images    func(schemas.Task) int    // for progress
	open      []schemas.Task            // not settled yet
	failed    []schemas.Task
	idle      time.Time // since when no worker is seen; zero: one is
	warned    bool
}

// settle brings every task to its output, or to a failure record, by way of the
// queue: it pushes what the store lacks, and pushes again what the queue lost. It
// returns the tasks that were given up.
func (s *settling) settle(ctx context.Context, tasks []schemas.Task) ([]schemas.Task, error) {
	total := 0
	for _, t := range tasks {
		total += s.images(t)
	}
	ctx = runstore.WithStage(ctx, s.stage)
	s.execution.clock.begin(s.stage, len(tasks), total)
	defer s.execution.clock.end(s.stage)
	if tell := s.execution.coordinator.QueueCounts; tell != nil {
		defer tell(nil) // it is empty until the next stage's tasks are pushed
	}
	s.open = tasks
	if err := s.sweep(ctx, nothing); err != nil {
		return nil, err
	}
	s.execution.clock.reused(s.stage, len(tasks)-len(s.open))
	if len(s.open) == 0 {
		return s.failed, nil
	}
	if seed := s.execution.coordinator.Shuffle; seed != 0 {
		rand.New(rand.NewPCG(seed, seed)).Shuffle(len(s.open), func(i, j int) {
			s.open[i], s.open[j] = s.open[j], s.open[i]
		})
	}
	if err := s.push(ctx, nothing); err != nil {
		return nil, err
	}
	pauses := &backoff.ExponentialBackOff{InitialInterval: shortPause, Multiplier: 1.25, MaxInterval: longPause}
	for len(s.open) > 0 {
		if err := sleep(ctx, pauses.NextBackOff()); err != nil {
			return nil, err
		}
		before := len(s.open)
		if err := s.poll(ctx); err != nil {
			return nil, err
		}
		if len(s.open) < before {
			pauses.Reset()
		}
	}
	return s.failed, nil
}

// poll settles what has left the queue and pushes what left it without a trace.
func (s *settling) poll(ctx context.Context) error {
	holds, err := s.execution.queue.Unfinished(ctx)
	if errors.Is(err, queue.ErrClosed) {
		if err := s.execution.cancelled(ctx); err != nil {
			return err
		}
		c, id := s.execution.coordinator, s.execution.run.ID
		c.Log.Warn("the queue is gone; making it again from the store", zap.String("run", string(id)))
		again, failed := c.Conn.Create(ctx, id, c.Store.String(), c.Queue)
		if failed != nil {
			return failed
		}
		s.execution.queue.Leave()
		s.execution.queue, holds, err = again, nothing, nil
	}
	if err != nil {
		return err
	}
	if err := s.sweep(ctx, holds); err != nil {
		return err
	}
	if err := s.lookAtQueue(ctx); err != nil {
		return err
	}
	return s.push(ctx, holds)
}

// nothing is what an empty queue holds.
func nothing(schemas.Task) bool { return false }

// sweep asks the store about every open task that the queue does not hold.
func (s *settling) sweep(ctx context.Context, holds func(schemas.Task) bool) error {
	const open, done, failed = 0, 1, 2
	state := make([]int, len(s.open))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(lookups)
	for i, t := range s.open {
		if holds(t) {
			continue
		}
		g.Go(func() error {
			ok, err := runstore.Exists(gctx, s.execution.run.Store, s.output(t))
			if err == nil && ok {
				state[i] = done
				return nil
			}
			if err == nil {
				if ok, err = runstore.Exists(gctx, s.execution.run.Store,
					schemas.FailureObject(s.execution.run.ID, t)); ok {
					state[i] = failed
				}
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	var left []schemas.Task
	for i, t := range s.open {
		if state[i] == open {
			left = append(left, t)
			continue
		}
		if state[i] == failed {
			s.failed = append(s.failed, t)
		}
		s.execution.clock.settledTask(s.stage, s.images(t), state[i] == failed)
	}
	s.open = left
	return nil
}

// push puts the open tasks that the queue does not hold into it.
func (s *settling) push(ctx context.Context, holds func(schemas.Task) bool) error {
	for _, t := range s.open {
		if holds(t) {
			continue
		}
		_, err := s.execution.queue.Push(ctx, t)
		if errors.Is(err, queue.ErrClosed) {
			return nil // the next poll makes the queue again
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lookAtQueue tells what the queue holds and, once, that nobody does the tasks.
func (s *settling) lookAtQueue(ctx context.Context) error {
	c := s.execution.coordinator
	if c.QueueCounts == nil && (s.warned || c.NoWorker == nil) {
		return nil
	}
	pools := []schemas.Pool{s.stage.Pool()}
	if c.QueueCounts != nil {
		pools = schemas.Pools()
	}
	counts, err := s.execution.queue.Counts(ctx, pools...)
	if err != nil {
		return unlessClosed(err)
	}
	if c.QueueCounts != nil {
		c.QueueCounts(counts)
	}
	n := counts[s.stage.Pool()] // workers of other pools are no help
	switch {
	case s.warned || c.NoWorker == nil:
	case n.Waiting+n.Leased > 0:
		s.idle = time.Time{}
	case s.idle.IsZero():
		s.idle = time.Now()
	case time.Since(s.idle) > workerGrace:
		s.warned = true
		c.NoWorker(s.stage)
	}
	return nil
}

// unlessClosed returns err, or nil where the queue is gone: the next poll makes it again.
func unlessClosed(err error) error {
	if errors.Is(err, queue.ErrClosed) {
		return nil
	}
	return err
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return origin.Errorf("pipeline", "%w", context.Cause(ctx))
	}
}
