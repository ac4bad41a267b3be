package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/embed"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/queue/local"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/work"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/connect"
	"github.com/facesieve/facesieve/worker/engine"
	"github.com/facesieve/facesieve/worker/program"
)

// workerFlags say who does the tasks of a run: workers that share a NATS server, or
// one in this process.
type workerFlags struct {
	nats    connect.Flags
	natsDir string
	engine  engine.Flags

	replicas int
	job      string
}

// AddFlags defines the flags.
func (w *workerFlags) AddFlags(fs *pflag.FlagSet) {
	w.nats.AddFlags(fs, "NATS server with JetStream; workers join there. Default: everything in this process")
	fs.IntVar(&w.replicas, "nats-replicas", 0,
		"servers of the NATS cluster that keep the queue; 0: three, or all of fewer")
	fs.StringVar(&w.job, "job", "",
		"id of the job that starts this process anew where it ends early; until the run has ended, what was given up or cancelled stays so for the same id")
	fs.StringVar(&w.natsDir, "nats-dir", "", "folder of the queue of this process; default: a temporary one")
	w.engine.AddFlags(fs)
}

// check refuses flags of the engine that make no sense.
func (w *workerFlags) check() error {
	switch {
	case w.replicas < 0:
		return program.Usagef("--nats-replicas %d: give a number of servers, or 0", w.replicas)
	case w.replicas > 0 && w.nats.URL == "":
		return program.Usagef("--nats-replicas is for a NATS cluster; name it with --nats")
	}
	return program.Usage(errors.Join(w.engine.Check(), w.nats.Check()))
}

// executor has the tasks of a run done, by workers elsewhere or in this process.
type executor struct {
	flags   *workerFlags
	models  []embed.Model // that the tasks take
	store   store.Store
	s3      store.S3Options
	console *console
	display *screen.Display
	measure *measurement // nil: nobody asked
}

// coordinator returns a coordinator that publishes the models before it has tasks
// for an engine. Its connection is set by during.
func (e *executor) coordinator() *run.Coordinator {
	e.flags.engine.Name(e.models)
	c := &run.Coordinator{Store: e.store, Log: e.console.log, Progress: e.display.Progress,
		BeforeEmbed: e.publish, Queue: queue.CreateOptions{Replicas: e.flags.replicas, Job: e.flags.job}}
	c.TakeUp = func(by schemas.Cancellation) {
		e.display.Say(fmt.Sprintf("the run was cancelled by %s at %s; taking it up again", by.By, by.At))
	}
	c.LastTasks = func(tasks int) {
		e.display.Say(fmt.Sprintf("waiting for the last tasks of a coordinator that is gone; workers have %d", tasks))
	}
	c.Queue.Waits = func() { e.display.Say("another coordinator begins the run; waiting for it") }
	e.measure.coordinator(c)
	return c
}

// publish puts the models into the store for the workers; where the one worker is
// this process it must be able to run them.
func (e *executor) publish(ctx context.Context) error {
	if e.flags.nats.URL == "" {
		if err := e.flags.engine.Runs(e.models); err != nil {
			return err
		}
	}
	return e.flags.engine.Publish(ctx, e.store, e.models, e.display.Download)
}

// thisKind is the numeric kind of this machine, for a run that starts over with it.
func (e *executor) thisKind(ctx context.Context, spec schemas.EmbedSpec) (schemas.NumericKind, error) {
	if err := e.publish(ctx); err != nil {
		return "", err
	}
	opened, err := e.flags.engine.Open(ctx, e.store, spec)
	if err != nil {
		return "", err
	}
	kind, err := opened.NumericKind(ctx)
	return kind, errors.Join(err, opened.Close())
}

// during calls do, which brings a planned run forward, while workers elsewhere or
// one in this process do its tasks.
func (e *executor) during(ctx context.Context, c *run.Coordinator, id schemas.RunID,
	do func(context.Context) error) error {
	if e.flags.nats.URL == "" {
		return e.duringHere(ctx, c, id, do)
	}
	conn, err := dial(ctx, &e.flags.nats, e.console)
	if err != nil {
		return err
	}
	defer conn.Close()
	c.Conn = conn
	e.measure.connection(conn)
	c.NoWorker = func(stage schemas.Stage) {
		e.display.Say(fmt.Sprintf("no worker takes tasks of %s; start one: %s", stage, startWorker(c.Store, &e.flags.nats)))
	}
	return do(ctx)
}

// removeQueue removes the queue of a run that has its report: a coordinator that died between
// the two left it, and workers wait there. The report stands whatever becomes of it.
func (e *executor) removeQueue(ctx context.Context, id schemas.RunID) {
	if e.flags.nats.URL == "" {
		return
	}
	last, stop := context.WithTimeout(ctx, work.LastWord)
	defer stop()
	conn, err := dial(last, &e.flags.nats, e.console)
	if err == nil {
		err = conn.Delete(last, id)
		conn.Close()
	}
	if err != nil {
		e.console.log.Warn("the run has its report; whether it still has a queue is not known", zap.Error(err))
	}
}

// startWorker returns the command that starts a worker of all stages.
func startWorker(st store.Store, nats *connect.Flags) string {
	again := nats.Again()
	for i := range again {
		again[i] = quoted(again[i])
	}
	return fmt.Sprintf("worker --store %s %s", st, strings.Join(again, " "))
}

// dial connects this program to a NATS server.
func dial(ctx context.Context, nats *connect.Flags, c *console) (*queue.Conn, error) {
	return nats.Dial(ctx, "facesieve coordinator", c.log)
}

// duringHere runs a NATS server and a worker in this process.
func (e *executor) duringHere(ctx context.Context, c *run.Coordinator, id schemas.RunID,
	do func(context.Context) error) error {
	server, err := local.Start(ctx, e.flags.natsDir)
	if err != nil {
		return err
	}
	defer func() {
		if err := server.Shutdown(); err != nil {
			e.console.log.Warn(err.Error())
		}
	}()
	conns := [2]*queue.Conn{}
	for i := range conns {
		nc, err := server.Conn()
		if err != nil {
			return err
		}
		conns[i] = queue.Wrap(nc)
		defer conns[i].Close()
	}
	c.Conn = conns[0]
	e.measure.connection(conns[0])
	worker := e.measure.worker(&e.flags.engine, func() *work.Worker {
		return e.flags.engine.Worker(e.store, conns[1], e.s3, e.console.log)
	})
	e.display.CountWorker(&worker.Images)
	return e.doBoth(ctx, do, func(ctx context.Context, stop <-chan struct{}) error {
		return worker.Run(ctx, id, stop)
	})
}

// doBoth calls do and, until it is over or interrupted, serve beside it.
func (e *executor) doBoth(ctx context.Context, do func(context.Context) error,
	serve func(context.Context, <-chan struct{}) error) error {
	// Without a grace: nobody else has this queue, so that giving a task back saves nothing.
	interrupted, release := e.console.interrupts.FirstFinishes(0)
	defer release()
	over, stop := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stop)
		select {
		case <-interrupted:
		case <-over:
		}
	}()
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(over)
		return do(gctx)
	})
	g.Go(func() error {
		err := serve(gctx, stop)
		if !errors.Is(err, work.ErrStopped) {
			return err
		}
		select {
		case <-over:
			return nil
		default:
			return program.ErrInterrupted // the coordinator has nobody to wait for
		}
	})
	return g.Wait()
}
