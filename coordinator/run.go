package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/embed"
	"github.com/facesieve/facesieve/pipeline"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/queue/local"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// runOptions are the flags of the run command.
type runOptions struct {
	runFlags
	nats    string
	natsDir string
	out     string
	dryRun  bool
	shuffle uint64
}

func (a *app) runCommand() *cobra.Command {
	o := &runOptions{}
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Clean a data set and report what is wrong with it",
		Long: `run lists a data set, embeds every face, compares the images of each label with
each other and with everybody else, and writes a report of Arrow files. It does
only what the store lacks: the same command again goes on where the last one
stopped, or shows the report at once.

On one machine everything happens in this process. With --nats the work is done
by worker processes, on as many machines as you like.`,
		Example: `  # a set in VGGFace2's layout, and who of LFW is in it
  coordinator run --dataset vggface2 --data /data/vggface2 --reference lfw=/data/lfw

  # any folder of IDENTITY/image files
  coordinator run --data /data/faces

  # judge again with another threshold; needs neither images nor models
  coordinator run --from RUNID --drop .99

  # a cluster: this, and any number of "worker" processes
  coordinator run --data s3://sets/ms1m --aligned --store s3://results/ms1m --nats nats://queue:4222`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.run(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	o.addSources(f)
	o.addJudging(f)
	f.StringVar(&o.out, "out", "", "copy the report into this folder too")
	f.BoolVar(&o.dryRun, "dry-run", false, "print the plan and do nothing")
	f.StringVar(&o.nats, "nats", "", "NATS server with JetStream; workers join there. Default: everything in this process")
	f.StringVar(&o.natsDir, "nats-dir", "", "folder of the queue of this process; default: a temporary one")
	f.Uint64Var(&o.shuffle, "shuffle", 0, "seed of the order of tasks; for tests")
	if err := f.MarkHidden("shuffle"); err != nil {
		a.log.Error(err.Error())
	}
	o.engine.Add(f)
	return cmd
}

func (a *app) run(ctx context.Context, o *runOptions) error {
	q, models, err := a.request(&o.runFlags)
	if err != nil {
		return err
	}
	q.DryRun = o.dryRun
	st, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	ui := newDisplay(a)
	c := &pipeline.Coordinator{Store: st, Log: a.log, Progress: ui.progress, Shuffle: o.shuffle}
	c.BeforeEmbed = func(ctx context.Context) error { return o.engine.Publish(ctx, st, models, ui.download) }
	planned, err := c.Plan(ctx, q)
	if err != nil {
		return err
	}
	if o.dryRun {
		ui.close()
		return a.printPlan(planned)
	}
	summary, err := c.Summary(ctx, planned.ID)
	if err != nil || len(summary.Failures) > 0 {
		if summary, err = a.work(ctx, c, o, planned, ui); summary == nil {
			ui.close()
			return err
		}
	}
	ui.close()
	return errors.Join(err, a.finish(ctx, st, planned, summary, o))
}

// finish copies the report where it was asked for and prints it.
func (a *app) finish(ctx context.Context, st store.Store, planned *pipeline.Run, s *schemas.Summary, o *runOptions) error {
	if o.out != "" {
		if err := copyReport(ctx, st, planned.ID, o.out); err != nil {
			return err
		}
	}
	return a.printSummary(ctx, st, planned.ID, s)
}

// work runs a planned run, with workers elsewhere or one in this process.
func (a *app) work(ctx context.Context, c *pipeline.Coordinator, o *runOptions, planned *pipeline.Run, ui *display) (*schemas.Summary, error) {
	if o.nats != "" {
		conn, err := queue.Dial(ctx, o.nats, queue.Options{Name: "facesieve coordinator", Log: a.log})
		if err != nil {
			return nil, err
		}
		defer conn.Close()
		c.Conn = conn
		c.NoWorker = func() { ui.say("no worker has joined; start one: worker --store %s --nats %s", c.Store, o.nats) }
		return c.Run(ctx, planned)
	}
	return a.workHere(ctx, c, o, planned, ui)
}

// workHere runs a NATS server and a worker in this process.
func (a *app) workHere(ctx context.Context, c *pipeline.Coordinator, o *runOptions, planned *pipeline.Run, ui *display) (*schemas.Summary, error) {
	server, err := local.Start(ctx, o.natsDir)
	if err != nil {
		return nil, err
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
			return nil, err
		}
		conns[i] = queue.Wrap(nc)
		defer conns[i].Close()
	}
	c.Conn = conns[0]
	w := a.localWorker(c.Store, conns[1], o)
	ui.worker = &w.Images
	var summary *schemas.Summary
	over := make(chan struct{})
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(over)
		var err error
		summary, err = c.Run(gctx, planned)
		return err
	})
	g.Go(func() error {
		err := w.Run(gctx, planned.ID, over)
		if errors.Is(err, pipeline.ErrStopped) {
			return nil
		}
		return err
	})
	return summary, g.Wait()
}

func (a *app) localWorker(st store.Store, conn *queue.Conn, o *runOptions) *pipeline.Worker {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return &pipeline.Worker{Store: st, Conn: conn, S3: a.s3, Log: a.log, Host: host, Name: fmt.Sprintf("%s-%d", host, os.Getpid()), Device: o.engine.Device,
		Open: func(ctx context.Context, spec schemas.EmbedSpec) (pipeline.Embedder, error) {
			return o.engine.Open(ctx, st, spec)
		}}
}

var _ pipeline.Embedder = (*embed.Engine)(nil)
