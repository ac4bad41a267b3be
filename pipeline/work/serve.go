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
	err := g.Wait()
	q.EndPulls()
	return err
}

// watch ends the pulls when the worker is asked to stop, where the run is over though its
// queue is there (its coordinator died before it could remove it), and with errEmbedded
// where there is nothing left to do.
func (s *session) watch(
	pull context.Context, cancel context.CancelCauseFunc, q *queue.Queue, stop <-chan struct{},
) error {
	pause := s.worker.Look
	if pause <= 0 {
		pause = overPause
	}
	look := time.NewTicker(pause)
	defer look.Stop()
	embedded := embeddedSince(s)
	_, _ = embedded(pull) // one that fails here is made up for by the next
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
		if state, err := reported(pull, s.worker.Store, s.id); err == nil && state.over() {
			s.worker.remove(pull, q, s.id)
			cancel(errOver)
			return nil
		}
		if left, err := embedded(pull); err == nil && left {
			cancel(errEmbedded)
			return nil
		}
	}
}

// embeddedSince returns a function that says whether a worker which only embeds has nothing
// left to do. What NothingLeft leaves open is plain where the vectors did not stand at an
// earlier call: no failures of an earlier command are on record then.
func embeddedSince(s *session) func(context.Context) (bool, error) {
	lacked := false
	return func(ctx context.Context) (bool, error) {
		if !onlyEmbeds(s.worker.Pools) {
			return false, nil
		}
		stand, err := vectorsStand(ctx, s.worker.Store, s.id)
		if err != nil || !stand {
			lacked = lacked || err == nil
			return false, err
		}
		if lacked {
			return true, nil
		}
		return NothingLeft(ctx, s.worker.Store, s.id, s.worker.Pools)
	}
}

// handle does one leased task and settles the lease. The error, if any, is one
// that ends the worker.
func (s *session) handle(ctx context.Context, lease *queue.Lease) error {
	t := lease.Task()
	log := s.worker.Log.With(zap.String("run", string(t.Run)), zap.String("stage", string(t.Stage)),
		zap.String("source", t.Source.Token()), zap.Int("shard", t.Shard), zap.Int("part", t.Part),
		zap.Int("attempt", lease.Delivery()))
	if n := lease.Deaths(); n > 0 {
		log.Warn("workers died at this task", zap.Int("deaths", n))
	}
	a := s.begin(lease)
	tctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	unhook := context.AfterFunc(lease.Context(), func() { cancel(context.Cause(lease.Context())) })
	defer unhook()

	dead := lease.Deaths() >= maxDeaths
	err := s.bounded(ctx, func() error {
		if dead {
			return s.giveUp(tctx, t, fmt.Errorf("%d %w", lease.Deaths(), errDeaths))
		}
		return s.do(tctx, t)
	})
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

// bounded calls do. Once ctx has ended it waits no longer than unwind for it: what is
// computed without looking at a context, or hangs in a disk, must not keep the lease.
func (s *session) bounded(ctx context.Context, do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	t := time.NewTimer(unwind)
	defer t.Stop()
	select {
	case err := <-done:
		return err
	case <-t.C:
		s.abandoned.Store(true)
		return context.Cause(ctx)
	}
}

// word settles a lease by tell. Where ctx has ended, or ends meanwhile, the server is told
// within LastWord: a task that nobody gives back waits for its lease to run out, and counts
// as a death.
func word(ctx context.Context, tell func(context.Context) error) error {
	if ctx.Err() == nil {
		if err := tell(ctx); err == nil || ctx.Err() == nil {
			return ignoreLost(err)
		}
	}
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), LastWord)
	defer stop()
	return ignoreLost(tell(last))
}

// settle tells the queue what became of a task, and returns how the attempt ended and
// an error that ends the worker.
func (s *session) settle(
	ctx context.Context, lease *queue.Lease, err error, log *zap.Logger,
) (Outcome, error) {
	switch {
	case err == nil:
		return Done, word(ctx, lease.Done)
	case ctx.Err() != nil:
		return Released, errors.Join(context.Cause(ctx), word(ctx, lease.Release))
	case isFatal(err):
		return Released, errors.Join(err, word(ctx, lease.Release))
	}
	n, rerr := s.recordAttempt(ctx, lease.Task(), err)
	if rerr == nil && n >= maxAttempts {
		rerr = s.giveUp(ctx, lease.Task(), err)
	}
	if rerr != nil { // the store is gone: somebody else may reach it
		return Released, errors.Join(rerr, word(ctx, lease.Release))
	}
	log.Warn("task failed", zap.Int("failures", n), zap.Error(err))
	if n >= maxAttempts {
		return GivenUp, word(ctx, lease.Done)
	}
	wait := s.worker.Retry
	if wait <= 0 {
		wait = firstRetry
	}
	return Failed, word(ctx, func(ctx context.Context) error { return lease.Retry(ctx, wait<<min(n-1, 6)) })
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
