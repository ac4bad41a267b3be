package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/pflag"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/embed"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/queue/local"
	"github.com/facesieve/facesieve/pipeline/run"
	stageembed "github.com/facesieve/facesieve/pipeline/stage/embed"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/work"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/engine"
)

// workplace is where tasks are done: by workers that share a NATS server, or by
// one in this process.
type workplace struct {
	nats    string
	natsDir string
	engine  engine.Flags
}

func (w *workplace) add(fs *pflag.FlagSet) {
	fs.StringVar(&w.nats, "nats", "", "NATS server with JetStream; workers join there. Default: everything in this process")
	fs.StringVar(&w.natsDir, "nats-dir", "", "folder of the queue of this process; default: a temporary one")
	w.engine.Add(fs)
}

// check refuses flags of the engine that make no sense.
func (w *workplace) check() error {
	if err := w.engine.Check(); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	return nil
}

// publish puts the models into the store for the workers; where the one worker is
// this process it must be able to run them.
func (w *workplace) publish(ctx context.Context, st store.Store, models []embed.Model, progress func(name string, done, total int64)) error {
	if w.nats == "" {
		if err := w.engine.Runs(models); err != nil {
			return err
		}
	}
	return w.engine.Publish(ctx, st, models, progress)
}

// work calls do, which brings a planned run forward, while workers elsewhere or
// one in this process do its tasks.
func (a *app) work(ctx context.Context, c *run.Coordinator, w *workplace, run schemas.RunID, ui *display, do func(context.Context) error) error {
	if w.nats == "" {
		return a.workHere(ctx, c, w, run, ui, do)
	}
	conn, err := queue.Dial(ctx, w.nats, queue.Options{Name: "facesieve coordinator", Log: a.log})
	if err != nil {
		return err
	}
	defer conn.Close()
	c.Conn = conn
	c.NoWorker = func() { ui.say("no worker has joined; start one: worker --store %s --nats %s", c.Store, w.nats) }
	return do(ctx)
}

// workHere runs a NATS server and a worker in this process.
func (a *app) workHere(ctx context.Context, c *run.Coordinator, w *workplace, run schemas.RunID, ui *display, do func(context.Context) error) error {
	server, err := local.Start(ctx, w.natsDir)
	if err != nil {
		return err
	}
	defer func() {
		if err := server.Shutdown(); err != nil {
			a.log.Warn(err.Error())
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
	worker := a.localWorker(c.Store, conns[1], w)
	ui.worker = &worker.Images
	soft, release := a.shutdown.softly()
	defer release()
	over, stop := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stop)
		select {
		case <-soft:
		case <-over:
		}
	}()
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(over)
		return do(gctx)
	})
	g.Go(func() error {
		err := worker.Run(gctx, run, stop)
		if !errors.Is(err, work.ErrStopped) {
			return err
		}
		select {
		case <-over:
			return nil
		default:
			return errInterrupted // the coordinator has nobody to wait for
		}
	})
	return g.Wait()
}

func (a *app) localWorker(st store.Store, conn *queue.Conn, w *workplace) *work.Worker {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return &work.Worker{Store: st, Conn: conn, S3: a.s3, Log: a.log, Host: host, Name: fmt.Sprintf("%s-%d", host, os.Getpid()), Device: w.engine.Device,
		Open: func(ctx context.Context, spec schemas.EmbedSpec) (stageembed.Embedder, error) {
			e, err := w.engine.Open(ctx, st, spec)
			if err != nil {
				return nil, err
			}
			a.log.Info("engine opened", zap.String("engine", e.Backend()), zap.String("device", e.Device()))
			return e, nil
		}}
}

var _ stageembed.Embedder = (*embed.Engine)(nil)
