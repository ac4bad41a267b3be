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
	nats := connect.Flags{}
	cmd := &cobra.Command{
		Use:   "status",
		Short: "List the runs in a store and how far each is",
		Long: `status lists the runs in a store, the one written last first: how many tasks of
each stage are done, and where the report stands. It looks at the store alone
and can be asked while a run is going on. With --nats it says of each run that
has a queue there by how many servers it is kept.`,
		Example: `  coordinator status
  coordinator status --store s3://results/ms1m --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return status(cmd.Context(), &s.store, &nats, &s.console)
		},
	}
	nats.AddFlags(cmd.Flags(), "NATS server whose queues are looked at too")
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
