package command

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/worker/connect"
)

func statusCommand(s *session) *cobra.Command {
	o := &watchOptions{}
	cmd := &cobra.Command{
		Use:   "status [--watch [RUN]]",
		Short: "List the runs in a store and how far each is, or watch one",
		Long: `status lists the runs in a store, the one written last first: how many tasks of
each stage are done, and where the report stands. It looks at the store alone
and can be asked while a run is going on. With --nats it says of each run that
has a queue there by how many servers it is kept.

With --watch it looks at one run, by default the unfinished one that was written
last, until that has ended: its stages, images a second, the time left, its
workers, and what failed. Workers tell what they do on NATS: name its server
with --nats. Without it the store tells what each has done last. On a terminal
the screen is drawn again and again; elsewhere there is a line for each change,
or with --json an object for each look.

The exit code of --watch is 0 when the run ended well, 3 when tasks were given
up or the run was cancelled.`,
		Example: `  coordinator status
  coordinator status --store s3://results/ms1m --json
  coordinator status --store s3://results/ms1m --nats nats://queue:4222 --watch`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(args); err != nil {
				return err
			}
			if o.watch {
				return o.run(cmd.Context(), s, args)
			}
			return status(cmd.Context(), &s.store, &o.nats, &s.console)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

func status(ctx context.Context, flags *storeFlags, nats *connect.Flags, con *console) error {
	out := &con.out
	if err := nats.Check(); err != nil {
		return err
	}
	st, err := flags.openExisting(ctx)
	if err != nil {
		return err
	}
	runs, err := admin.Status(ctx, st)
	if err != nil {
		return err
	}
	if len(runs) == 0 && !out.JSON {
		return out.Text("no runs in %s; coordinator run makes one\n", st)
	}
	var live []queue.RunInfo
	if nats.URL != "" {
		if live, err = liveRuns(ctx, nats, con); err != nil {
			return err
		}
	}
	for i, r := range runs {
		if k := slices.IndexFunc(live, func(q queue.RunInfo) bool { return q.Run == r.ID }); k >= 0 {
			r.Replicas = live[k].Replicas
		}
		text := screen.StatusText(r, time.Now())
		if i > 0 {
			text = "\n" + text
		}
		if err := out.Either(r, text); err != nil {
			return err
		}
	}
	return nil
}
