// Command worker does the tasks of facesieve's runs: it reads images, embeds
// them, and judges vectors, as the coordinator's queue asks.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/work"
	"github.com/facesieve/facesieve/worker/program"
)

// version is set when the program is built.
var version = "unknown"

// exitTime is what a worker may take to end, beside the time to settle its leases.
const exitTime = 3 * time.Second

func main() { os.Exit(execute(os.Args[1:])) }

// execute does what the arguments ask for and returns the exit code.
func execute(args []string) int {
	ctx, interrupts, stop := program.WatchInterrupts(context.Background())
	defer stop()
	begun := false
	o := &options{}
	cmd, err := command(o, interrupts, func() { begun = true })
	if err == nil {
		cmd.SetArgs(args)
		err = cmd.ExecuteContext(ctx)
	}
	var endpoint *store.EndpointError
	if errors.As(err, &endpoint) {
		err = program.WithHint(err, "check --s3-endpoint or AWS_ENDPOINT_URL_S3 and that the server runs")
	}
	switch {
	case err == nil:
		o.last.Write("worker", "no more tasks for this worker", os.Stderr)
		return program.ExitDone
	case !begun:
		err = program.Usage(err)
	case errors.Is(err, work.ErrStopped) || errors.Is(err, context.Canceled):
		err = program.WithExit(err, program.ExitInterrupted)
	case errors.Is(err, work.ErrNumericKind):
		err = program.WithHint(program.WithHint(err, "use workers of one processor or GPU type and one engine"),
			"or give the coordinator --rekind or --mixed")
	}
	m := messages()
	line, code := m.Line(err)
	o.last.Write("worker", line, os.Stderr)
	m.JSON = o.format.JSON()
	line, _ = m.Line(err)
	_, _ = fmt.Fprintln(os.Stderr, line) // there is nowhere else to say it
	return code
}

func messages() program.Messages {
	return program.Messages{Program: "worker", Help: "worker", Interrupted: "its tasks go to other workers"}
}

// command makes the program's command. It calls begin once flags were found right.
func command(o *options, interrupts *program.Interrupts, begin func()) (*cobra.Command, error) {
	cmd := &cobra.Command{
		Use:   "worker --store URL --nats URL",
		Short: "Does the tasks of facesieve's runs on this machine",
		Long: `A worker takes tasks from NATS, reads images, computes their vectors and
judges them, and writes everything into the store. Start as many as there are
machines or GPUs, before or after the coordinator: each waits for a run, works
until the run has ended, and exits 0.

It can be killed at any time: its tasks go to another worker. After the first
interrupt (Ctrl-C, SIGTERM) it takes no new task, finishes what ends within
--grace, gives the rest back and exits 130, or 0 where its run has ended. The
second interrupt gives everything back at once.

Exit codes: 0 done, 1 error, 64 wrong flags or arguments, 130 interrupted.`,
		Example: `  worker --store s3://bucket/facesieve --nats nats://queue:4222
  worker --store /mnt/share/facesieve --nats nats://queue:4222 --device cuda:0-3 --stay`,
		Version:       version,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			begin()
			o.last.WriteForced(interrupts, messages(), os.Stderr)
			callOff := interrupts.ExitAfter(cmd.Context(), work.LastWord+exitTime)
			defer callOff()
			return o.work(cmd.Context(), interrupts)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd, errors.Join(cmd.MarkFlagRequired("store"), cmd.MarkFlagRequired("nats"))
}
