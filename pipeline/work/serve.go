package work

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/pipeline/queue"
)

// serve does tasks from q in a few leases at a time.
func (s *session) serve(ctx context.Context, q *queue.Queue, stop <-chan struct{}) error {
	pull, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var g errgroup.Group
	g.Go(func() error { return s.watch(pull, cancel, q, stop) })
	for range leases {
		g.Go(func() error {
			for {
				lease, err := q.Pull(pull)
				if err != nil {
					if cause := context.Cause(pull); cause != nil && !errors.Is(err, queue.ErrClosed) {
						err = cause
					}
					cancel(err)
					return err
				}
				if err := s.handle(ctx, lease); err != nil {
					cancel(err)
					return err
				}
			}
		})
	}
	return g.Wait()
}

// watch ends the pulls when the worker is asked to stop, and where the run is over
// though its queue is there: its coordinator died before it could delete it.
func (s *session) watch(
	pull context.Context, cancel context.CancelCauseFunc, q *queue.Queue, stop <-chan struct{},
) error {
	look := time.NewTicker(overPause)
	defer look.Stop()
	for {
		select {
		case <-stop:
			cancel(ErrStopped)
			return nil
		case <-pull.Done():
			return nil
		case <-look.C:
		}
		// A store that does not answer ends the tasks at work; it need not end idleness.
		if state, err := reported(pull, s.worker.Store, s.id); err == nil && state == reportComplete {
			return q.Delete(pull)
		}
	}
}

// handle does one leased task and settles the lease. The error, if any, is one
// that ends the worker.
func (s *session) handle(ctx context.Context, lease *queue.Lease) error {
	t := lease.Task()
	log := s.worker.Log.With(zap.String("run", string(t.Run)), zap.String("stage", string(t.Stage)),
		zap.String("source", t.Source.Token()), zap.Int("shard", t.Shard), zap.Int("part", t.Part),
		zap.Int("attempt", lease.Delivery()))
	a := s.begin(lease)
	tctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	unhook := context.AfterFunc(lease.Context(), func() { cancel(context.Cause(lease.Context())) })
	defer unhook()

	var err error
	dead := lease.Deaths() >= maxDeaths
	if dead {
		err = s.giveUp(tctx, t, fmt.Errorf("%d %w", lease.Deaths(), errDeaths))
	} else {
		err = s.do(tctx, t)
	}
	if lease.Context().Err() != nil && ctx.Err() == nil {
		s.end(a, Lost)
		log.Warn("lease lost; somebody else does the task", zap.Error(context.Cause(lease.Context())))
		return nil
	}
	outcome, err := s.settle(ctx, lease, err, log)
	if dead && outcome == Done {
		outcome = GivenUp
	}
	s.end(a, outcome)
	if outcome == Done {
		log.Info("task done", zap.Float64("seconds", time.Since(a.start).Seconds()))
	}
	return err
}

// settle tells the queue what became of a task, and returns how the attempt ended and
// an error that ends the worker.
func (s *session) settle(
	ctx context.Context, lease *queue.Lease, err error, log *zap.Logger,
) (Outcome, error) {
	last := ctx
	if ctx.Err() != nil {
		var stop context.CancelFunc
		last, stop = context.WithTimeout(context.WithoutCancel(ctx), lastWord)
		defer stop()
	}
	switch {
	case err == nil:
		return Done, ignoreLost(lease.Done(last))
	case ctx.Err() != nil:
		return Released, errors.Join(context.Cause(ctx), ignoreLost(lease.Release(last)))
	case isFatal(err):
		return Released, errors.Join(err, ignoreLost(lease.Release(last)))
	}
	n, rerr := s.recordAttempt(ctx, lease.Task(), err)
	if rerr == nil && n >= maxAttempts {
		rerr = s.giveUp(ctx, lease.Task(), err)
	}
	if rerr != nil { // the store is gone: somebody else may reach it
		return Released, errors.Join(rerr, ignoreLost(lease.Release(last)))
	}
	log.Warn("task failed", zap.Int("failures", n), zap.Error(err))
	if n >= maxAttempts {
		return GivenUp, ignoreLost(lease.Done(ctx))
	}
	wait := s.worker.Retry
	if wait <= 0 {
		wait = firstRetry
	}
	return Failed, ignoreLost(lease.Retry(ctx, wait<<min(n-1, 6)))
}

// ignoreLost drops what settling a lease that is no longer held says: somebody
// else has the task, and the store will have its output.
func ignoreLost(err error) error {
	if errors.Is(err, queue.ErrLost) || errors.Is(err, queue.ErrSettled) || errors.Is(err, queue.ErrClosed) {
		return nil
	}
	return err
}

// fatalError is a fault of this machine that no repetition mends.
type fatalError struct{ error }

func (e fatalError) Unwrap() error { return e.error }

func isFatal(err error) bool {
	var f fatalError
	return errors.As(err, &f) || errors.Is(err, ErrNumericKind)
}
