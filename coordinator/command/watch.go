package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/connect"
	"github.com/facesieve/facesieve/worker/program"
)

const (
	lookPause  = 2 * time.Second  // between two looks
	lookShare  = 9                // a look may take 1/(1+lookShare) of the time
	askTime    = 2 * time.Second  // for NATS to say which runs have a queue
	firstSigns = 10 * time.Second // for workers to tell their state
	noWriting  = 5 * time.Minute  // into the store of a run at work: somebody should look
)

// watchOptions are the flags of status that watch a run.
type watchOptions struct {
	watch bool
	nats  connect.Flags
}

// AddFlags defines the flags.
func (o *watchOptions) AddFlags(f *pflag.FlagSet) {
	f.BoolVar(&o.watch, "watch", false, "look at one run until it has ended")
	o.nats.AddFlags(f, "NATS server of the runs, where their queues are and workers tell what they do")
}

// check refuses flags and arguments that make no sense.
func (o *watchOptions) check(args []string) error {
	switch {
	case !o.watch && len(args) > 0:
		return program.Usagef("%q: status lists all runs; add --watch to look at one", args[0])
	case len(args) > 0 && schemas.RunID(args[0]).Validate() != nil:
		return program.Usagef("%q is no run id; coordinator status lists the runs", args[0])
	}
	return o.nats.Check()
}

// run watches a run until it has ended.
func (o *watchOptions) run(ctx context.Context, s *session, args []string) error {
	st, err := s.store.openExisting(ctx)
	if err != nil {
		return err
	}
	id, err := chooseRun(ctx, st, args, &s.console)
	if err != nil {
		return err
	}
	w := &watching{store: st, nats: &o.nats, watch: admin.Watch{Store: st, Run: id, Timings: o.nats.URL == ""},
		shown: screen.Watcher{W: s.console.out.W, JSON: s.console.out.JSON}, since: time.Now()}
	if drawsOn(os.Stdout) {
		w.shown.Size = func() (int, int) {
			columns, lines, err := term.GetSize(int(os.Stdout.Fd()))
			if err != nil {
				return screen.Width, 0
			}
			return columns, lines
		}
	}
	if o.nats.URL != "" {
		if w.conn, err = dial(ctx, &o.nats, &s.console); err != nil {
			return err
		}
		defer w.conn.Close()
		listen, stop := context.WithCancel(ctx)
		defer stop()
		go w.listen(listen, s)
	}
	return w.until(ctx)
}

// chooseRun returns the run that is named or, where none is, the unfinished one written
// last, or else the last one. In a store without runs it waits for one.
func chooseRun(ctx context.Context, st store.Store, args []string, c *console) (schemas.RunID, error) {
	if len(args) > 0 {
		id := schemas.RunID(args[0])
		_, err := st.Stat(ctx, schemas.SpecObject(id))
		if errors.Is(err, fs.ErrNotExist) {
			return "", program.WithHint(fmt.Errorf("no run %s in %s", id, st), "coordinator status lists the runs")
		}
		return id, err
	}
	for told := false; ; told = true {
		runs, err := admin.Status(ctx, st)
		if err != nil {
			return "", err
		}
		for _, r := range runs {
			switch r.State {
			case admin.StateBroken, admin.StatePlanned, admin.StateEmbedded:
				return r.ID, nil
			}
		}
		if len(runs) > 0 {
			return runs[0].ID, nil
		}
		if !told && !c.out.JSON {
			_, _ = fmt.Fprintf(c.stderr, "no run in %s yet; waiting for one\n", st) // for a person alone
		}
		if err := rest(ctx, lookPause); err != nil {
			return "", err
		}
	}
}

// rest waits, or returns why the context has ended.
func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// watching is one run that is watched.
type watching struct {
	store    store.Store
	nats     *connect.Flags
	conn     *queue.Conn // nil: the store alone tells
	watch    admin.Watch
	shown    screen.Watcher
	since    time.Time
	unqueued int // looks in a row at which the run had no queue

	mu     sync.Mutex
	states map[string]told
}

// until looks at the run until it has ended.
func (w *watching) until(ctx context.Context) error {
	for {
		start := time.Now()
		l, err := w.watch.Look(ctx)
		if err != nil {
			return errors.Join(context.Cause(ctx), err)
		}
		if w.conn != nil {
			w.addWorkers(l)
			w.askQueue(ctx, l)
		}
		w.advise(l)
		took := time.Since(start)
		if err := w.shown.Show(l); err != nil {
			return err
		}
		switch {
		case l.State == admin.StateCancelled:
			return program.WithExit(fmt.Errorf("run %s was cancelled", l.Run), program.ExitFailed)
		case l.State == admin.StateFailed:
			err := fmt.Errorf("%s of run %s given up", screen.Plural(l.GivenUp, "task"), l.Run)
			return program.WithExit(program.WithHint(err, "the same run command tries again"), program.ExitFailed)
		case l.Ended():
			return nil
		}
		if err := rest(ctx, max(lookPause, lookShare*took)); err != nil {
			return err
		}
	}
}

// askQueue asks whether the run has a queue: without one nobody hands out its tasks.
func (w *watching) askQueue(ctx context.Context, l *admin.Look) {
	short, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	runs, err := w.conn.Runs(short)
	switch {
	case err != nil: // it may not be asked, or NATS is away
	case slices.ContainsFunc(runs, func(r queue.RunInfo) bool { return r.Run == l.Run }):
		w.unqueued = 0
	default:
		w.unqueued++
	}
}

// advise says what to do, where something is to be done.
func (w *watching) advise(l *admin.Look) {
	switch {
	case l.Ended():
	case w.unqueued > 1 && l.State != admin.StateBroken:
		l.Next = "nobody hands out tasks, for the run's coordinator is gone; the same run command goes on where it stopped"
	case w.conn != nil && len(l.Workers) == 0 && time.Since(w.since) > firstSigns && l.State != admin.StateBroken:
		l.Next = "no worker tells what it does; start one: " + startWorker(w.store, w.nats)
	case w.conn == nil && !l.Written.IsZero() && l.At.Sub(l.Written) > noWriting:
		l.Next = "nothing was written for some minutes; see that the coordinator and the workers run, and name their " +
			"NATS server with --nats"
	}
}
