package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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
	leases      = 2               // one task is computed while the next one's images are read
	maxAttempts = 5               // failures a worker reported, until a task is given up
	maxDeaths   = 20              // workers that died at a task, until it is given up
	lastWord    = 5 * time.Second // for settling a lease while everything ends
	firstRetry  = 250 * time.Millisecond
	overPause   = 10 * time.Second // between looks for the report of a run whose queue is left over
	healGrace   = 30 * time.Second // for the coordinator to take up a run that has failed tasks
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
	// Retry is how long a task waits after its first failure, and twice as long
	// after each further one; 0: a quarter of a second.
	Retry time.Duration
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

// join waits for the run's queue; nil without an error means the run is over. A
// report that lacks failed tasks is the end only after a while: the coordinator
// may be about to try them again.
func (w *Worker) join(ctx context.Context, run schemas.RunID, stop <-chan struct{}) (*queue.Queue, error) {
	since, pause := time.Now(), backoff(0)
	for told := false; ; {
		q, err := w.Conn.Join(ctx, run)
		if err != nil && !errors.Is(err, queue.ErrNoRun) {
			return nil, err
		}
		state, serr := reported(ctx, w.Store, run)
		switch {
		case serr != nil:
			return nil, serr
		case state == reportComplete && q != nil:
			return nil, q.Delete(ctx) // its coordinator died before it could
		case state == reportComplete:
			return nil, nil
		case q != nil:
			return q, nil
		case state == reportLacking && time.Since(since) > healGrace:
			return nil, nil
		}
		if !told {
			w.Log.Info("the run has no queue now; waiting for its coordinator", zap.String("run", string(run)))
			told = true
		}
		if err := pause.wait(ctx, stop); err != nil {
			return nil, err
		}
	}
}

// backoff is the time between looks for what a coordinator is about to write.
type backoff time.Duration

// wait lasts twice as long each time, from 10 ms to 1 s.
func (b *backoff) wait(ctx context.Context, stop <-chan struct{}) error {
	*b = min(max(*b*2, backoff(10*time.Millisecond)), backoff(time.Second))
	t := time.NewTimer(time.Duration(*b))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-stop:
		return ErrStopped
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// How far a run's report is.
type reportState int

const (
	reportNone     reportState = iota
	reportLacking              // it lacks tasks that were given up
	reportComplete             // the run is over
)

// reported looks for a run's report.
func reported(ctx context.Context, st store.Store, run schemas.RunID) (reportState, error) {
	var s schemas.Summary
	err := getJSON(ctx, st, schemas.ReportObject(run, schemas.SummaryFile), &s)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return reportNone, nil
	case err != nil:
		return reportNone, err
	case len(s.Failures) > 0:
		return reportLacking, nil
	}
	return reportComplete, nil
}

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
func (s *session) watch(pull context.Context, cancel context.CancelCauseFunc, q *queue.Queue, stop <-chan struct{}) error {
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
		if state, err := reported(pull, s.w.Store, s.run); err == nil && state == reportComplete {
			return q.Delete(pull)
		}
	}
}

// finished says whether the run's report is complete.
func finished(ctx context.Context, st store.Store, run schemas.RunID) (bool, error) {
	state, err := reported(ctx, st, run)
	return state == reportComplete, err
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
		err = s.giveUp(tctx, t, fmt.Errorf("%d %w", lease.Deaths(), errDeaths))
	} else {
		err = s.do(tctx, t)
	}
	if lease.Context().Err() != nil && ctx.Err() == nil {
		log.Warn("lease lost; somebody else does the task", zap.Error(context.Cause(lease.Context())))
		return nil
	}
	return s.settle(ctx, lease, err, log)
}

// settle tells the queue what became of a task.
func (s *session) settle(ctx context.Context, lease *queue.Lease, err error, log *zap.Logger) error {
	last := ctx
	if ctx.Err() != nil {
		var stop context.CancelFunc
		last, stop = context.WithTimeout(context.WithoutCancel(ctx), lastWord)
		defer stop()
	}
	switch {
	case err == nil:
		return ignoreLost(lease.Done(last))
	case ctx.Err() != nil:
		return errors.Join(context.Cause(ctx), ignoreLost(lease.Release(last)))
	case isFatal(err):
		return errors.Join(err, ignoreLost(lease.Release(last)))
	}
	n, rerr := s.recordAttempt(ctx, lease.Task(), err)
	if rerr == nil && n >= maxAttempts {
		rerr = s.giveUp(ctx, lease.Task(), err)
	}
	if rerr != nil { // the store is gone: somebody else may reach it
		return errors.Join(rerr, ignoreLost(lease.Release(last)))
	}
	log.Warn("task failed", zap.Int("attempt", n), zap.Error(err))
	if n >= maxAttempts {
		return ignoreLost(lease.Done(ctx))
	}
	wait := s.w.Retry
	if wait <= 0 {
		wait = firstRetry
	}
	return ignoreLost(lease.Retry(ctx, wait<<min(n-1, 6)))
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

	engineMu sync.Mutex // guards these, and tables.kind until kindOK
	engine   Embedder
	mine     schemas.Kind // of this machine
	kindOK   bool         // this machine computes what the run's first one did
}
