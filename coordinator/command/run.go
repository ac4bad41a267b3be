package command

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/metrics"
	"github.com/facesieve/facesieve/worker/program"
)

// runOptions are the flags of the run command.
type runOptions struct {
	request requestFlags
	workers workerFlags
	out     string
	dryRun  bool
	shuffle uint64
	metrics metrics.Flags
	format  program.LogFormat
	config  string
}

func runCommand(s *session) *cobra.Command {
	o := defaultRun()
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Clean a data set and report what is wrong with it",
		Long: `run lists a data set, embeds every face, compares the images of each label with
each other and with everybody else, and writes a report of Arrow files. It does
only what the store lacks: the same command again goes on where the last one
stopped, or shows the report at once.

On one machine everything happens in this process. With --nats the work is done
by worker processes, on as many machines as you like.

For a collector of logs say --log-format json: all lines are JSON then, the
summary and the report's place at the end, on stdout, as --json prints them.`,
		Example: `  # a set in VGGFace2's layout, and who of LFW is in it
  coordinator run --dataset vggface2 --data /data/vggface2 --reference lfw=/data/lfw

  # any folder of IDENTITY/image files
  coordinator run --data /data/faces

  # judge again with another threshold; needs neither images nor models
  coordinator run --from RUNID --drop .99

  # a request in a file
  coordinator run --config run.yaml

  # a cluster: this, and any number of "worker" processes
  coordinator run --data s3://sets/ms1m --aligned --store s3://results/ms1m --nats nats://queue:4222`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := o.run(cmd.Context(), &s.store, &s.console)
			err = advise(err, advice{
				numericKind: "start over with --rekind, or allow both with --mixed",
				landmarks: "list them with --manifest (a benchmark's with --reference-manifest), name a " +
					"--detector, or say --aligned of faces that are cut out",
				job: o.workers.job,
			})
			if r == nil {
				return err
			}
			return errors.Join(unfinished(err), showReport(cmd.Context(), r, o.out, s))
		},
	}
	o.AddFlags(cmd.Flags())
	s.lastWord.AddFlags(cmd.Flags())
	return cmd
}

// defaultRun returns the options of a run where no flag is given.
func defaultRun() *runOptions { return &runOptions{request: requestFlags{judging: defaultJudging()}} }

// AddFlags defines the flags.
func (o *runOptions) AddFlags(f *pflag.FlagSet) {
	f.SortFlags = false
	o.request.AddFlags(f)
	f.StringVar(&o.out, "out", "", "copy the report into this folder too")
	f.BoolVar(&o.dryRun, "dry-run", false, "print the plan and do nothing")
	o.workers.AddFlags(f)
	f.Uint64Var(&o.shuffle, "shuffle", 0, "seed of the order of tasks; for tests")
	f.Lookup("shuffle").Hidden = true
	o.metrics.AddFlags(f)
	o.format.AddFlags(f, "; with it --json")
	addConfigFlag(f, &o.config)
}

// run does what of a run the store lacks, and returns its report. It returns nil
// where there is none: after a dry run, which it prints, and after most errors.
func (o *runOptions) run(ctx context.Context, st *storeFlags, c *console) (*report.Report, error) {
	if err := errors.Join(o.workers.check(), o.metrics.Check(), o.format.Check()); err != nil {
		return nil, err
	}
	c.format(o.format)
	q, models, err := o.request.request(ctx, st.s3)
	if err != nil {
		return nil, err
	}
	q.DryRun = o.dryRun
	open := st.open
	if o.dryRun {
		open = st.openToPlan
	}
	kept, err := open(ctx)
	if err != nil {
		return nil, err
	}
	ui := c.progress()
	defer ui.Close()
	measured, err := measure(ctx, &o.metrics, c.version, ui)
	if err != nil {
		return nil, err
	}
	defer measured.close()
	exec := &executor{flags: &o.workers, models: models, store: kept, s3: st.s3, console: c, display: ui,
		measure: measured}
	coordinator := exec.coordinator()
	coordinator.Shuffle = o.shuffle
	if o.request.judging.rekind {
		if q.Judge.NumericKind, err = exec.thisKind(ctx, q.Embed); err != nil {
			return nil, err
		}
	}
	planned, err := coordinator.Plan(ctx, q)
	if err != nil {
		return nil, err
	}
	if o.dryRun {
		ui.Close()
		return nil, printPlan(ctx, &c.out, kept, planned)
	}
	r, err := report.Open(ctx, kept, planned.ID, report.Options{S3: st.s3})
	if err == nil && len(r.Summary().Failures) == 0 {
		exec.removeQueue(ctx, planned.ID)
		return r, nil
	}
	defer measured.begins(planned.ID)()
	finished := false
	err = exec.during(ctx, coordinator, planned.ID, func(ctx context.Context) error {
		summary, err := coordinator.Run(ctx, planned)
		finished = summary != nil
		return err
	})
	if !finished {
		return nil, err
	}
	r, opened := report.Open(ctx, kept, planned.ID, report.Options{S3: st.s3})
	return r, errors.Join(err, opened)
}

// printPlan says what a planned run would do.
func printPlan(ctx context.Context, out *screen.Printer, st store.Store, planned *plan.Run) error {
	f, err := admin.Foresee(ctx, st, planned)
	if err != nil {
		return err
	}
	return out.Either(struct {
		Run      schemas.RunID        `json:"run"`
		Plan     []schemas.PlanSource `json:"sources"`
		Forecast *admin.Forecast      `json:"forecast"`
	}{planned.ID, planned.Plan.Sources, f}, screen.PlanText(planned.ID, planned.Plan.Sources, f))
}
