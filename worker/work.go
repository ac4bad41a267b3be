package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"go.uber.org/zap"

	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/work"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/metrics"
	"github.com/facesieve/facesieve/worker/program"
)

// work does runs until there is none left to do. After an interrupt it ends once the
// tasks at work are done or their grace is over; before it has a queue, at once.
func (o *options) work(ctx context.Context, interrupts *program.Interrupts) error {
	level := zap.InfoLevel
	if o.verbose {
		level = zap.DebugLevel
	}
	log := program.NewLog(program.NewLogOutput(os.Stderr), program.LogOptions{Level: level, JSON: o.format.JSON()})
	m, server, err := o.metrics.Open(ctx, "worker", version)
	if err != nil {
		return err
	}
	defer server.Close()
	if m != nil {
		log.Info("metrics are shown", zap.String("address", server.Address()))
	}
	st, err := store.Open(ctx, o.store, store.Options{S3: o.s3})
	if err != nil {
		return err
	}
	conn, err := o.nats.Dial(ctx, "facesieve worker", log)
	if err != nil {
		return err
	}
	defer conn.Close()
	st = m.Store(st)
	m.Connection(conn.Connected)
	observe := o.observed(m)
	finish, release := interrupts.FirstFinishes(o.grace)
	defer release()
	for {
		run, err := o.find(ctx, conn, st, log, finish)
		if errors.Is(err, errNoRun) {
			log.Info("no run has had tasks; there is nothing to do", zap.Duration("waited", o.wait))
			return nil
		}
		if err != nil {
			return err
		}
		log.Info("joined", zap.String("run", string(run)))
		w := o.engine.Worker(st, conn, o.s3, log)
		observe(w)
		w.Pools = o.pools
		ends := m.RunBegins(run)
		err = w.Run(ctx, run, finish)
		ends()
		if err != nil {
			return err
		}
		log.Info("the run has no more tasks for this worker", zap.String("run", string(run)))
		if !o.stay {
			return nil
		}
	}
}

// observed has the engines measured that are opened from now on, and returns what has a
// worker measured.
func (o *options) observed(m *metrics.Metrics) func(*work.Worker) {
	if m == nil {
		return func(*work.Worker) {}
	}
	observer := m.Worker()
	o.engine.Observer = observer
	return func(w *work.Worker) { w.Observer = observer }
}

// errNoRun says that no run had tasks for as long as a worker waits.
var errNoRun = errors.New("no run has tasks")

// lookAgain is the time between two looks for a run.
const lookAgain = 500 * time.Millisecond

// find waits for a run in this worker's store, and returns errNoRun where none comes in
// time. It tells of each run that has tasks and stands elsewhere, for a store that was
// mistyped has none for ever.
func (o *options) find(ctx context.Context, conn *queue.Conn, st store.Store, log *zap.Logger,
	finish <-chan struct{}) (schemas.RunID, error) {
	if o.run != "" {
		return schemas.RunID(o.run), nil
	}
	told := map[schemas.RunID]bool{}
	var late <-chan time.Time // nil: it waits for ever
	if o.wait > 0 {
		t := time.NewTimer(o.wait)
		defer t.Stop()
		late = t.C
	}
	for {
		runs, err := conn.Runs(ctx)
		if err != nil {
			return "", err
		}
		run, err := o.choose(ctx, runs, st, func(r queue.RunInfo) {
			if !told[r.Run] {
				told[r.Run] = true
				log.Warn("a run with tasks is not in this worker's --store",
					zap.String("run", string(r.Run)), zap.String("its store",
						r.Store), zap.String("this store", st.String()))
			}
		})
		if err != nil || run != "" {
			return run, err
		}
		select {
		case <-time.After(lookAgain):
		case <-late:
			return "", errNoRun
		case <-finish:
			return "", work.ErrStopped
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// choose returns the first run in this worker's store that has something left for it, or,
// unless it stays, the first one that has not: it is over for this worker. It calls
// elsewhere with each run of another store.
func (o *options) choose(ctx context.Context, runs []queue.RunInfo, st store.Store,
	elsewhere func(queue.RunInfo)) (over schemas.RunID, err error) {
	for _, r := range runs {
		_, err := st.Stat(ctx, schemas.SpecObject(r.Run))
		if errors.Is(err, fs.ErrNotExist) {
			elsewhere(r)
			continue
		}
		if err != nil {
			return "", err
		}
		left, err := work.NothingLeft(ctx, st, r.Run, o.pools)
		if err != nil || !left {
			return r.Run, err
		}
		if over == "" && !o.stay {
			over = r.Run
		}
	}
	return over, nil
}
