package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

const (
	leases      = 2  // one task is computed while the next one's images are read
	maxAttempts = 5  // failures a worker reported, until a task is given up
	maxDeaths   = 20 // workers that died at a task, until it is given up
	joinPause   = time.Second
	lastWord    = 5 * time.Second // for settling a lease while everything ends
)

// Worker does the tasks of one run at a time.
type Worker struct {
	Store store.Store
	Conn  *queue.Conn
	// Open makes the engine for the run's Spec. It is called once a run, before the
	// first task that needs it. An error ends the worker: it is the machine's.
	Open   func(ctx context.Context, spec schemas.EmbedSpec) (Embedder, error)
	S3     store.S3Options // for sources in S3
	Name   string          // of this process, for timing.json
	Host   string
	Device string // what it computes on
	Log    *zap.Logger
	// Images counts images embedded; for progress.
	Images atomic.Int64
}

// Run does tasks of a run until the run is over (nil), ctx ends (leases are given
// back at once), or stop is closed (tasks at work are finished first; the error
// is ErrStopped). A worker whose machine computes other bits than the run's ends
// with ErrKind.
func (w *Worker) Run(ctx context.Context, run schemas.RunID, stop <-chan struct{}) error {
	s := &session{w: w, run: run}
	defer s.close()
	if err := s.load(ctx, stop); err != nil {
		return err
	}
	for {
		q, err := w.join(ctx, run, stop)
		if err != nil || q == nil {
			return err
		}
		err = s.serve(ctx, q, stop)
		if !errors.Is(err, queue.ErrClosed) {
			return err
		}
	}
}

// join waits for the run's queue; nil without an error means the run is over.
func (w *Worker) join(ctx context.Context, run schemas.RunID, stop <-chan struct{}) (*queue.Queue, error) {
	for told := false; ; {
		if over, err := finished(ctx, w.Store, run); err != nil || over {
			return nil, err
		}
		q, err := w.Conn.Join(ctx, run)
		if !errors.Is(err, queue.ErrNoRun) {
			return q, err
		}
		if !told {
			w.Log.Info("the run has no queue now; waiting for its coordinator", zap.String("run", string(run)))
			told = true
		}
		select {
		case <-time.After(joinPause):
		case <-stop:
			return nil, ErrStopped
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// finished says whether the run's report is complete.
func finished(ctx context.Context, st store.Store, run schemas.RunID) (bool, error) {
	return exists(ctx, st, schemas.ReportObject(run, schemas.SummaryFile))
}

// serve does tasks from q in a few leases at a time.
func (s *session) serve(ctx context.Context, q *queue.Queue, stop <-chan struct{}) error {
	pull, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-stop:
			cancel(ErrStopped)
		case <-pull.Done():
		}
	}()
	var g errgroup.Group
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

// handle does one leased task and settles the lease. The error, if any, is one
// that ends the worker.
func (s *session) handle(ctx context.Context, lease *queue.Lease) error {
	t := lease.Task()
	log := s.w.Log.With(zap.String("run", string(t.Run)), zap.String("stage", string(t.Stage)),
		zap.String("source", t.Source.Token()), zap.Int("shard", t.Shard), zap.Int("part", t.Part))
	tctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	unhook := context.AfterFunc(lease.Context(), func() { cancel(context.Cause(lease.Context())) })
	defer unhook()

	var err error
	if lease.Deaths() >= maxDeaths {
		err = s.giveUp(tctx, t, fmt.Errorf("%d workers died at it", lease.Deaths()))
	} else {
		err = s.do(tctx, t)
	}
	if lease.Context().Err() != nil && ctx.Err() == nil {
		log.Warn("lease lost; somebody else does the task", zap.Error(context.Cause(lease.Context())))
		return nil
	}
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), lastWord)
	defer stop()
	switch {
	case err == nil:
		err = lease.Done(ctx)
	case ctx.Err() != nil:
		return errors.Join(context.Cause(ctx), ignoreLost(lease.Release(last)))
	case isFatal(err):
		return errors.Join(err, ignoreLost(lease.Release(last)))
	default:
		err = s.retry(ctx, lease, err, log)
	}
	return ignoreLost(err)
}

// retry records a failed attempt and gives the task back, or gives it up.
func (s *session) retry(ctx context.Context, lease *queue.Lease, cause error, log *zap.Logger) error {
	t := lease.Task()
	n, err := s.recordAttempt(ctx, t, cause)
	if err != nil {
		return err
	}
	log.Warn("task failed", zap.Int("attempt", n), zap.Error(cause))
	if n < maxAttempts {
		return lease.Retry(ctx, time.Duration(1<<min(n, 6))*250*time.Millisecond)
	}
	if err := s.giveUp(ctx, t, cause); err != nil {
		return err
	}
	return lease.Done(ctx)
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
	return errors.As(err, &f) || errors.Is(err, ErrKind)
}

// session is a worker's knowledge of one run.
type session struct {
	w   *Worker
	run schemas.RunID
	tables

	views *views

	knownMu sync.Mutex
	known   *known // of the cross stage, on first use
	judgeMu sync.Mutex
	judging *judging // of the judge stage, on first use

	engineMu sync.Mutex
	engine   Embedder
	kindOK   bool
}
