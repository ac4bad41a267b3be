// Command coordinator cleans face-recognition data sets: it plans runs, hands
// their tasks to workers, and reports what is wrong with which image.
package main

import (
	"context"
	"io"
	"os"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/facesieve/facesieve/pipeline/store"
)

// defaultStore is the folder of results where none is named.
const defaultStore = "facesieve"

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
	program  string // as it was called; "": coordinator
	storeURL string
	s3       store.S3Options
	json     bool
	verbose  bool
	log      *zap.Logger
	logs     *logWriter
	out      io.Writer // what a command is asked for
	err      *os.File  // progress, logs, errors
	shutdown *shutdown
	ui       *display // of the command; nil: it shows no progress

	started  bool // flags and arguments were right
	reported bool // the run has a report
}

func main() {
	os.Exit(execute(os.Args[0], os.Args[1:]))
}

func execute(program string, args []string) int {
	a := &app{program: program, out: os.Stdout, err: os.Stderr}
	ctx, shutdown, stop := interruptible(context.Background())
	defer stop()
	a.shutdown = shutdown
	cmd := a.root()
	cmd.SetArgs(args)
	given, err := cmd.ExecuteContextC(ctx)
	if a.ui != nil {
		a.ui.close()
	}
	code := a.exitCode(err)
	if err != nil {
		a.tell(err, code, given.CommandPath())
	}
	return code
}

func (a *app) root() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "coordinator",
		Short: "Cleans face-recognition data sets",
		Long: `facesieve finds wrong labels, people under two labels, duplicates, and people of
a benchmark in a set of face photographs, and says why it thinks so. Nothing in
the set is changed: a report says what to drop, what to relabel, what to look at.

Everything that was computed is kept in the store. A command that was stopped
goes on where it stopped when it is given again; one that has finished shows its
report at once.

Exit codes: 0 done, 1 error, 2 wrong flags or arguments, 3 finished but for
tasks that failed, 130 interrupted.`,
		Example: `  coordinator run --dataset vggface2 --data /data/vggface2
  coordinator run --data /data/faces --reference lfw=/data/lfw
  coordinator status
  coordinator report`,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			a.started = true
			a.startLog()
			return nil
		},
	}
	f := cmd.PersistentFlags()
	f.StringVar(&a.storeURL, "store", defaultStore, "where results are kept: a folder, or s3://bucket/prefix")
	f.StringVar(&a.s3.Endpoint, "s3-endpoint", "", "server of s3:// URLs; default $AWS_ENDPOINT_URL_S3, $AWS_ENDPOINT_URL, Amazon's")
	f.BoolVar(&a.json, "json", false, "print for machines: a JSON value a line")
	f.BoolVarP(&a.verbose, "verbose", "v", false, "log every step to stderr")
	cmd.AddCommand(a.runCommand(), a.statusCommand(), a.reportCommand(), a.evaluateCommand(), a.synthCommand(), a.datasetsCommand(), a.modelsCommand(), a.demoCommand(), a.gcCommand(), a.versionCommand())
	return cmd
}
