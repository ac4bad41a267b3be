// Command worker does the tasks of facesieve's runs: it reads images, embeds
// them, and judges vectors, as the coordinator's queue asks.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/facesieve/facesieve/pipeline/queue"
	stageembed "github.com/facesieve/facesieve/pipeline/stage/embed"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/work"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/engine"
)

// version is set when the program is built.
var version = "unknown"

// The exit codes, as the coordinator's.
const (
	exitError       = 1
	exitUsage       = 2
	exitInterrupted = 130
)

type options struct {
	store   string
	s3      store.S3Options
	nats    string
	run     string
	stay    bool
	verbose bool
	engine  engine.Flags
}

func main() {
	os.Exit(execute())
}

func execute() int {
	o := &options{}
	ran := false
	cmd := &cobra.Command{
		Use:   "worker --store URL --nats URL",
		Short: "Does the tasks of facesieve's runs on this machine",
		Long: `A worker takes tasks from NATS, reads images, computes their vectors and
judges them, and writes everything into the store. Start as many as there are
machines or GPUs, before or after the coordinator: each waits for a run, works
until the run has ended, and exits 0.

It can be killed at any time: its tasks go to another worker. The first
interrupt (Ctrl-C, SIGTERM) finishes the tasks at work, the second gives them
back at once.`,
		Example: `  worker --store s3://bucket/facesieve --nats nats://queue:4222
  worker --store /mnt/share/facesieve --nats nats://queue:4222 --device cuda:0-3 --stay`,
		Version:       version,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.engine.Check(); err != nil {
				return err
			}
			ran = true
			return o.work(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.store, "store", "", "where the run's objects are: a folder all machines share, or s3://bucket/prefix")
	f.StringVar(&o.s3.Endpoint, "s3-endpoint", "", "server of s3:// URLs; default $AWS_ENDPOINT_URL_S3, $AWS_ENDPOINT_URL, Amazon's")
	f.StringVar(&o.nats, "nats", "", "NATS server with JetStream: nats://host:4222")
	f.StringVar(&o.run, "run", "", "work on this run alone; default: on any run that has tasks")
	f.BoolVar(&o.stay, "stay", false, "wait for the next run after one has ended")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "log every step")
	o.engine.Add(f)
	for _, name := range []string{"store", "nats"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			fmt.Fprintln(os.Stderr, "worker:", err)
			return exitError
		}
	}
	err := cmd.ExecuteContext(context.Background())
	switch {
	case err == nil:
		return 0
	case !ran:
		fmt.Fprintf(os.Stderr, "worker: %v; see worker --help\n", err)
		return exitUsage
	case errors.Is(err, work.ErrStopped) || errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "worker: interrupted; its tasks go to other workers")
		return exitInterrupted
	case errors.Is(err, work.ErrNumericKind):
		fmt.Fprintf(os.Stderr, "worker: %v, or give the coordinator --rekind or --mixed\n", err)
		return exitError
	default:
		fmt.Fprintln(os.Stderr, "worker:", err)
		return exitError
	}
}

// work does runs until there is none left to do.
func (o *options) work(parent context.Context) error {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	stop := make(chan struct{})
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	go func() {
		select {
		case <-signals:
			close(stop)
		case <-ctx.Done():
			return
		}
		select {
		case <-signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	log, err := newLog(o.verbose)
	if err != nil {
		return err
	}
	st, err := store.Open(ctx, o.store, store.Options{S3: o.s3})
	if err != nil {
		return err
	}
	conn, err := queue.Dial(ctx, o.nats, queue.Options{Name: "facesieve worker", Log: log})
	if err != nil {
		return err
	}
	defer conn.Close()
	for {
		run, err := o.find(ctx, conn, st, log, stop)
		if err != nil {
			return err
		}
		log.Info("joined", zap.String("run", string(run)))
		if err := o.newWorker(st, conn, log).Run(ctx, run, stop); err != nil {
			return err
		}
		log.Info("the run has ended", zap.String("run", string(run)))
		if !o.stay {
			return nil
		}
	}
}

// find waits for a run in this worker's store. It tells of each run that has
// tasks and stands elsewhere, for a store that was mistyped has none for ever.
func (o *options) find(ctx context.Context, conn *queue.Conn, st store.Store, log *zap.Logger, stop <-chan struct{}) (schemas.RunID, error) {
	if o.run != "" {
		return schemas.RunID(o.run), schemas.RunID(o.run).Validate()
	}
	told := map[schemas.RunID]bool{}
	for {
		runs, err := conn.Runs(ctx)
		if err != nil {
			return "", err
		}
		for _, r := range runs {
			_, err := st.Stat(ctx, schemas.SpecObject(r.Run))
			if err == nil {
				return r.Run, nil
			}
			if !errors.Is(err, fs.ErrNotExist) {
				return "", err
			}
			if !told[r.Run] {
				told[r.Run] = true
				log.Warn("a run with tasks is not in this worker's --store",
					zap.String("run", string(r.Run)), zap.String("its store", r.Store), zap.String("this store", st.String()))
			}
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-stop:
			return "", work.ErrStopped
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

func (o *options) newWorker(st store.Store, conn *queue.Conn, log *zap.Logger) *work.Worker {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return &work.Worker{
		Store: st, Conn: conn, S3: o.s3, Log: log, Host: host, Name: fmt.Sprintf("%s-%d", host, os.Getpid()), Device: o.engine.Device,
		Open: func(ctx context.Context, spec schemas.EmbedSpec) (stageembed.Embedder, error) {
			e, err := o.engine.Open(ctx, st, spec)
			if err != nil {
				return nil, err
			}
			log.Info("engine opened", zap.String("engine", e.Backend()), zap.String("device", e.Device()))
			return e, nil
		},
	}
}

func newLog(verbose bool) (*zap.Logger, error) {
	c := zap.NewProductionConfig()
	c.Encoding, c.DisableCaller, c.DisableStacktrace = "console", true, true
	c.EncoderConfig.EncodeTime = zapcore.TimeEncoderOfLayout("15:04:05")
	if verbose {
		c.Level = zap.NewAtomicLevelAt(zap.DebugLevel)
	}
	return c.Build()
}
