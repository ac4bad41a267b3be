package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// runOptions are the flags of the run command.
type runOptions struct {
	runFlags
	place   workplace
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
	if err := o.add(cmd.Flags()); err != nil {
		a.log.Error(err.Error())
	}
	return cmd
}

// add defines the flags.
func (o *runOptions) add(f *pflag.FlagSet) error {
	f.SortFlags = false
	o.addSources(f)
	o.addJudging(f)
	f.StringVar(&o.out, "out", "", "copy the report into this folder too")
	f.BoolVar(&o.dryRun, "dry-run", false, "print the plan and do nothing")
	o.place.add(f)
	f.Uint64Var(&o.shuffle, "shuffle", 0, "seed of the order of tasks; for tests")
	return f.MarkHidden("shuffle")
}

func (a *app) run(ctx context.Context, o *runOptions) error {
	done, err := a.carryOut(ctx, o)
	if done == nil {
		return err
	}
	return errors.Join(err, a.finish(ctx, done, o))
}

// outcome is a run that has a report.
type outcome struct {
	store   store.Store
	run     schemas.RunID
	summary *schemas.Summary
}

// carryOut does what of a run the store lacks. It gives nil where there is no
// report: after a dry run, which it prints, and after most errors.
func (a *app) carryOut(ctx context.Context, o *runOptions) (*outcome, error) {
	if err := o.place.check(); err != nil {
		return nil, err
	}
	q, models, err := a.request(ctx, &o.runFlags)
	if err != nil {
		return nil, err
	}
	q.DryRun = o.dryRun
	open := a.openStore
	if o.dryRun {
		open = a.openToPlan
	}
	st, err := open(ctx)
	if err != nil {
		return nil, err
	}
	ui := newDisplay(a)
	defer ui.close()
	c := &run.Coordinator{Store: st, Log: a.log, Progress: ui.progress, Shuffle: o.shuffle}
	o.place.engine.Name(models)
	c.BeforeEmbed = func(ctx context.Context) error { return o.place.publish(ctx, st, models, ui.download) }
	if o.rekind {
		if q.Judge.NumericKind, err = o.thisKind(ctx, c, q.Embed); err != nil {
			return nil, err
		}
	}
	planned, err := c.Plan(ctx, q)
	if err != nil {
		return nil, err
	}
	if o.dryRun {
		ui.close()
		return nil, a.printPlan(ctx, c, planned)
	}
	summary, err := c.Summary(ctx, planned.ID)
	if err != nil || len(summary.Failures) > 0 {
		summary = nil
		err = a.work(ctx, c, &o.place, planned.ID, ui, func(ctx context.Context) error {
			var err error
			summary, err = c.Run(ctx, planned)
			return err
		})
	}
	if summary == nil {
		return nil, err
	}
	a.reported = true
	return &outcome{store: st, run: planned.ID, summary: summary}, err
}

// thisKind is the numeric kind of this machine, for a run that starts over with it.
func (o *runOptions) thisKind(ctx context.Context, c *run.Coordinator, spec schemas.EmbedSpec) (schemas.NumericKind, error) {
	if err := c.BeforeEmbed(ctx); err != nil {
		return "", err
	}
	e, err := o.place.engine.Open(ctx, c.Store, spec)
	if err != nil {
		return "", err
	}
	kind, err := e.NumericKind(ctx)
	return kind, errors.Join(err, e.Close())
}

// finish copies the report where it was asked for and prints it.
func (a *app) finish(ctx context.Context, done *outcome, o *runOptions) error {
	if o.out != "" {
		if err := copyReport(ctx, done.store, done.run, o.out); err != nil {
			return err
		}
	}
	return a.printReport(ctx, done.store, done.run, done.summary)
}
