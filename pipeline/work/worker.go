// Package work is the worker's side of a run: it joins the run's queue, takes tasks
// under leases, and calls the stages that do them.
package work

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"go.uber.org/zap"

	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/embed"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

const (
	leases      = 2           // one task is computed while the next one's images are read
	maxAttempts = 5           // failures a worker reported, until a task is given up
	maxDeaths   = 20          // workers that died at a task, until it is given up
	unwind      = time.Second // for a task to end after its context
	firstRetry  = 250 * time.Millisecond
	overPause   = 10 * time.Second // between looks for the report of a run whose queue is left over
	healGrace   = 30 * time.Second // for the coordinator to take up a run that has failed tasks
)

// LastWord is how long a worker that was stopped goes on settling its leases.
const LastWord = 5 * time.Second

// Errors that callers tell apart with errors.Is.
var (
	// ErrStopped says that a worker was asked to stop before its run had ended.
	ErrStopped = errors.New("stopped before the run had ended")
	// ErrNumericKind says that this machine is of another numeric kind than the run.
	ErrNumericKind = errors.New("another numeric kind")
)

// Worker does the tasks of one run at a time: set its fields, then call Run.
type Worker struct {
	Store store.Store
	Conn  *queue.Conn
	// Open returns the engine for the run's Spec. It is called once a run, before the
	// first task that needs it. Its error ends the worker, since no other task would
	// fare better on this machine.
	Open   func(ctx context.Context, spec schemas.EmbedSpec) (embed.Embedder, error)
	S3     store.S3Options // for sources in S3
	Name   string          // of this process, for timing.json
	Host   string
	Device string // what it computes on
	Log    *zap.Logger
	// Retry is how long a task waits after its first failure, and twice as long
	// after each further one; 0: a quarter of a second.
	Retry time.Duration
	// Images counts the images that were embedded, for whoever shows progress.
	Images atomic.Int64
	// Observer is told what the worker does; may be nil.
	Observer Observer
	// Pools are those whose tasks it takes; empty: all. Where they are PoolImages alone, Run
	// returns once all vectors of the run stand.
	Pools []schemas.Pool
	// Look is the time between looks for the end of a run whose queue is left over, and of
	// its embedding; 0: ten seconds.
	Look time.Duration
}

// Run does tasks of a run, which it waits for, until the run is over and it returns
// nil. When ctx ends, leases are given back at once, those of tasks that do not end
// with their context too; when stop is closed, tasks at work are finished first, and
// the error is ErrStopped unless the run is over by then. A worker whose machine
// computes other bits than the run's ends with ErrNumericKind.
func (w *Worker) Run(ctx context.Context, run schemas.RunID, stop <-chan struct{}) error {
	s := &session{worker: w, id: run}
	defer s.close()
	err := s.work(ctx, stop)
	if errors.Is(err, ErrStopped) && s.over(ctx) {
		return nil
	}
	return err
}

// over says whether the run of a worker that was stopped has ended all the same.
func (s *session) over(ctx context.Context) bool {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), unwind)
	defer cancel()
	state, err := reported(last, s.worker.Store, s.id)
	return err == nil && state.over()
}

// work joins the run's queue, and joins again where the queue was lost.
func (s *session) work(ctx context.Context, stop <-chan struct{}) error {
	if err := s.load(ctx, stop); err != nil {
		return err
	}
	ended, states := make(chan struct{}), sync.WaitGroup{}
	states.Go(func() { s.tellStates(ended) })
	defer states.Wait()
	defer close(ended)
	for {
		q, err := s.worker.join(ctx, s.id, stop)
		if err != nil || q == nil {
			return err
		}
		err = s.serve(ctx, q, stop)
		switch {
		case errors.Is(err, errEmbedded) || errors.Is(err, errOver):
			return nil
		case !errors.Is(err, queue.ErrClosed):
			return err
		}
		s.forget()
	}
}

// join waits for the run's queue; nil without an error means the run is over. A
// report that lacks failed tasks is the end only after a while: the coordinator
// may be about to try them again.
func (w *Worker) join(ctx context.Context, run schemas.RunID, stop <-chan struct{}) (*queue.Queue, error) {
	since, pauses := time.Now(), newPauses()
	for told := false; ; {
		q, err := w.Conn.Join(ctx, run, w.Pools...)
		if err != nil && !errors.Is(err, queue.ErrNoRun) {
			return nil, err
		}
		state, serr := reported(ctx, w.Store, run)
		if serr != nil {
			return nil, serr
		}
		left, serr := NothingLeft(ctx, w.Store, run, w.Pools)
		switch {
		case serr != nil:
			return nil, serr
		case state.over() && q != nil:
			w.remove(ctx, q, run)
			return nil, nil
		case state.over():
			return nil, nil
		case left:
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
		if err := wait(ctx, pauses.NextBackOff(), stop); err != nil {
			return nil, err
		}
	}
}

// errOver says that a run is over whose queue is there still.
var errOver = errors.New("the run is over")

// remove removes the queue of a run that is over: its coordinator died before it could.
// Where a worker has no right to, or the server does not answer, the queue stays, and the
// worker leaves all the same.
func (w *Worker) remove(ctx context.Context, q *queue.Queue, run schemas.RunID) {
	last, stop := context.WithTimeout(ctx, LastWord)
	defer stop()
	if err := q.Delete(last); err != nil {
		w.Log.Warn("the queue of a run that is over stays", zap.String("run", string(run)), zap.Error(err))
	}
}

// errEmbedded says that a worker which only embeds has nothing left to do in its run.
var errEmbedded = errors.New("the run's vectors stand")

// NothingLeft says that a run has no more tasks for a worker of these pools: it is over,
// or it goes on, the worker only embeds, and the run's vectors stand. With failures on
// record that cannot be told: a coordinator that begins anew is about to have them tried
// again.
func NothingLeft(ctx context.Context, st store.Store, run schemas.RunID, pools []schemas.Pool) (bool, error) {
	if state, err := reported(ctx, st, run); err != nil || state.over() {
		return err == nil, err
	}
	if !onlyEmbeds(pools) {
		return false, nil
	}
	// In this order: what follows from the vectors is removed before the failures are.
	for _, err := range st.List(ctx, schemas.FailuresFolder(run)) {
		return false, err
	}
	return vectorsStand(ctx, st, run)
}

func onlyEmbeds(pools []schemas.Pool) bool {
	return len(pools) == 1 && pools[0] == schemas.PoolImages
}

// vectorsStand says that the run is past its embed stage. The aggregate stage says so: it
// begins when every embed task is settled, and no later one has any of them tried again.
func vectorsStand(ctx context.Context, st store.Store, run schemas.RunID) (bool, error) {
	return runstore.Exists(ctx, st, schemas.DuplicatesObject(run))
}

// newPauses gives the times between looks for what a coordinator is about to write.
func newPauses() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{InitialInterval: 10 * time.Millisecond, Multiplier: 2,
		MaxInterval: time.Second}
}

// wait lasts until d is over, or the worker is asked to stop.
func wait(ctx context.Context, d time.Duration, stop <-chan struct{}) error {
	t := time.NewTimer(d)
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
	reportNever                // the run is over: it was cancelled
)

// over says that nothing of the run is left to do.
func (s reportState) over() bool { return s == reportComplete || s == reportNever }

// reported looks for a run's report.
func reported(ctx context.Context, st store.Store, id schemas.RunID) (reportState, error) {
	run := &runstore.Run{Store: st, ID: id}
	s, err := run.Summary(ctx)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if c, err := run.Cancelled(ctx); err != nil || c != nil {
			return reportNever, err
		}
		return reportNone, nil
	case err != nil:
		return reportNone, err
	case len(s.Failures) > 0:
		return reportLacking, nil
	}
	return reportComplete, nil
}
