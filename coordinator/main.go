// Command coordinator cleans face-recognition data sets: it plans runs, hands
// their tasks to workers, and reports what is wrong with which image.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/facesieve/facesieve/pipeline"
	"github.com/facesieve/facesieve/pipeline/store"
)

// version is set when the program is built.
var version = "unknown"

// The exit codes.
const (
	exitDone        = 0
	exitError       = 1
	exitUsage       = 2
	exitFailed      = 3 // finished, with shards given up
	exitInterrupted = 130
)

// app is what all commands share.
type app struct {
	storeURL string
	s3       store.S3Options
	json     bool
	verbose  bool
	log      *zap.Logger
	out      *os.File // what a command is asked for
	err      *os.File // progress, logs, errors

	started bool // flags and arguments were right
}

func main() {
	os.Exit(execute(os.Args[1:]))
}

func execute(args []string) int {
	a := &app{out: os.Stdout, err: os.Stderr}
	ctx, stop := interruptible(context.Background(), a.err)
	defer stop()
	cmd := a.root()
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(ctx)
	code := a.exitCode(ctx, err)
	switch code {
	case exitDone:
	case exitInterrupted:
		fmt.Fprintln(a.err, "coordinator: interrupted; the same command goes on where it stopped")
	case exitUsage:
		fmt.Fprintf(a.err, "coordinator: %v; see coordinator --help\n", err)
	default:
		fmt.Fprintln(a.err, "coordinator:", hint(err))
	}
	return code
}

func (a *app) exitCode(ctx context.Context, err error) int {
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, pipeline.ErrFailed):
		return exitFailed
	case ctx.Err() != nil:
		return exitInterrupted
	case !a.started || errors.Is(err, errUsage):
		return exitUsage
	default:
		return exitError
	}
}

// errUsage marks what is wrong with flags and arguments.
var errUsage = errors.New("usage")

// hint adds the next step to errors that come from below without one.
func hint(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return err.Error() + "; free space there, or remove what no run needs with coordinator gc, and run the same command again"
	case errors.Is(err, fs.ErrPermission):
		return err.Error()
	}
	return err.Error()
}

// interruptible is a context that the second interrupt ends; the first says so.
func interruptible(parent context.Context, w *os.File) (context.Context, func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
			cancel()
		case <-ctx.Done():
			return
		}
		<-signals
		os.Exit(exitInterrupted)
	}()
	return ctx, func() { signal.Stop(signals); cancel() }
}

func (a *app) root() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "coordinator",
		Short: "Cleans face-recognition data sets",
		Long: `facesieve finds wrong labels, people under two labels, duplicates, and people of
a benchmark in a set of face photographs, and says why it thinks so.`,
		Example: `  coordinator run --dataset vggface2 --data /data/vggface2
  coordinator run --data /data/faces --reference lfw=/data/lfw
  coordinator status`,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			a.started = true
			var err error
			a.log, err = newLog(a.verbose)
			return err
		},
	}
	f := cmd.PersistentFlags()
	f.StringVar(&a.storeURL, "store", "facesieve", "where results are kept: a folder, or s3://bucket/prefix")
	f.StringVar(&a.s3.Endpoint, "s3-endpoint", "", "server of s3:// URLs; default $AWS_ENDPOINT_URL_S3, $AWS_ENDPOINT_URL, Amazon's")
	f.BoolVar(&a.json, "json", false, "print for machines: a JSON value a line")
	f.BoolVarP(&a.verbose, "verbose", "v", false, "log every step to stderr")
	cmd.AddCommand(a.runCommand(), a.evaluateCommand())
	return cmd
}

func (a *app) openStore(ctx context.Context) (store.Store, error) {
	return store.Open(ctx, a.storeURL, store.Options{S3: a.s3})
}

func newLog(verbose bool) (*zap.Logger, error) {
	c := zap.NewProductionConfig()
	c.Encoding, c.DisableCaller, c.DisableStacktrace = "console", true, true
	c.EncoderConfig.EncodeTime = zapcore.TimeEncoderOfLayout("15:04:05")
	c.Level = zap.NewAtomicLevelAt(zap.WarnLevel)
	if verbose {
		c.Level = zap.NewAtomicLevelAt(zap.DebugLevel)
	}
	return c.Build()
}
