package command

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/connect"
	"github.com/facesieve/facesieve/worker/program"
)

// gcOptions are the flags of the gc command.
type gcOptions struct {
	keep  []string
	nats  connect.Flags
	force bool
}

// keepAll stands for every run.
const keepAll = "all"

func gcCommand(s *session) *cobra.Command {
	o := &gcOptions{}
	cmd := &cobra.Command{
		Use:   "gc --keep RUN...",
		Short: "Remove what no kept run needs from a store",
		Long: `gc removes runs that are not kept, and the vectors, lists and models that no
kept run needs. It only says what would go, until it is given --force.

Kept are the runs that are named, those with a queue at --nats, those written in
the last 24 hours, and every object younger than that.`,
		Example: `  # what would go if only this run were kept?
  coordinator gc --keep b7c4b21245995379202cb7fd7c41d6ca

  # remove it
  coordinator gc --keep b7c4b21245995379202cb7fd7c41d6ca --force

  # keep all runs; remove what belongs to none
  coordinator gc --keep all --force`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.keep = append(o.keep, args...)
			return o.collect(cmd.Context(), &s.store, &s.console)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// AddFlags defines the flags.
func (o *gcOptions) AddFlags(f *pflag.FlagSet) {
	f.StringSliceVar(&o.keep, "keep", nil,
		"a run to keep, or all; repeatable, several after one another or with commas")
	o.nats.AddFlags(f, "NATS server whose runs are kept")
	f.BoolVar(&o.force, "force", false, "remove; without it nothing is removed")
}

func (o *gcOptions) collect(ctx context.Context, flags *storeFlags, con *console) error {
	c := admin.CollectOptions{Delete: o.force}
	for _, k := range o.keep {
		switch id := schemas.RunID(k); {
		case k == keepAll:
			c.All = true
		case id.Validate() != nil:
			return program.Usagef("--keep %q is no run id; coordinator status lists the runs", k)
		default:
			c.Keep = append(c.Keep, id)
		}
	}
	if len(o.keep) == 0 {
		return program.Usagef("name the runs to keep with --keep RUN, or keep all with --keep all; coordinator status lists them")
	}
	if err := o.nats.Check(); err != nil {
		return err
	}
	st, err := flags.openExisting(ctx)
	if err != nil {
		return err
	}
	if o.nats.URL != "" {
		live, err := liveRuns(ctx, &o.nats, con)
		if err != nil {
			return err
		}
		for _, r := range live {
			c.Live = append(c.Live, r.Run)
		}
	}
	got, err := admin.Collect(ctx, st, c)
	if err != nil {
		return err
	}
	return con.out.Either(got, screen.CollectionText(got))
}

// liveRuns are the runs with a queue.
func liveRuns(ctx context.Context, nats *connect.Flags, con *console) ([]queue.RunInfo, error) {
	conn, err := dial(ctx, nats, con)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.Runs(ctx)
}
