package command

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/coordinator/score"
	"github.com/facesieve/facesieve/coordinator/strata"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/program"
)

// scoreFlags are the flags of the score command.
type scoreFlags struct {
	report, truth, strata, leaveOut string
}

func scoreCommand(s *session) *cobra.Command {
	o := &scoreFlags{}
	cmd := &cobra.Command{
		Use:   "score --truth FILE",
		Short: "Measure a report by what is known to be wrong with its set",
		Long: `score compares a report with the truth about its set, which simulate and synth
write: how well p_noise tells wrong labels from right ones, how many wrong ones
are flagged and decided, what right ones are lost, and whether what the
report states of itself holds: its noise rate, and the false flags to expect.

  precision          share of what is called wrong that is wrong
  recall             share of what is wrong that is called so
  AUPRC              area under the curve of both, over all limits of p_noise
  recall at P95      recall at the limit of p_noise where precision is 95 %
  calibration error  of images with p .9 nine in ten should be wrong: how far p
                     is from that, in the mean over images in 20 bins of p

Flips, hard flips and outliers count as wrong. Guests and pictures without a
face are neither right nor wrong and are left out, and so are images without a
probability. Where people of a reference are in the set by the truth, the sure
overlaps of the report are measured, too, and where it has copies in other
bytes the near-duplicates. --strata shows the measures of images in groups: by
the usable images of a label (size), by det_score, or by another column of the
images table.`,
		Example: `  coordinator score --truth noisy/truth/truth.csv --store noisy-store
  coordinator score --report RUNID --truth noisy/truth/truth.csv --strata det_score
  coordinator score --report report --truth truth.csv --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.truth == "" {
				return program.Usagef("name the table of what is wrong with --truth, as DIR/truth/truth.csv of simulate")
			}
			return o.score(cmd.Context(), s)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// AddFlags defines the flags.
func (o *scoreFlags) AddFlags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVar(&o.report, "report", "", "a run id, or the folder of a report; default: the store's only one")
	f.StringVar(&o.truth, "truth", "", "truth.csv of the set")
	f.StringVar(&o.strata, "strata", strata.Size, "group images by size (of their label), det_score or another column")
	f.StringVar(&o.leaveOut, "leave-out", "",
		"a CSV or Arrow table with a column path: images that count neither as right nor as wrong")
}

// score measures the report and prints how good it is.
func (o *scoreFlags) score(ctx context.Context, s *session) error {
	rows, err := truth.Read(o.truth)
	if err != nil {
		return program.WithHint(err, "give a truth.csv of coordinator simulate or synth with --truth")
	}
	options := score.Options{Strata: o.strata}
	if o.leaveOut != "" {
		if options.LeaveOut, err = dataset.ReadPaths(ctx, o.leaveOut, s.store.s3); err != nil {
			return program.WithHint(err, "give a table with a column path to --leave-out")
		}
	}
	r, err := findReport(ctx, s, o.report)
	if err != nil {
		return err
	}
	q, err := score.Measure(ctx, r, rows, options)
	var column *strata.ColumnError
	switch {
	case errors.As(err, &column):
		return program.Usagef("--strata: %w", err)
	case errors.Is(err, score.ErrOtherSet):
		return program.WithHint(err, "name the truth of the very set that was cleaned with --truth")
	case err != nil:
		return err
	}
	return s.console.out.Either(q, score.QualityText(q))
}

// findReport opens a report by a run id, by its folder, or the store's only one.
func findReport(ctx context.Context, s *session, name string) (*report.Report, error) {
	folder := strings.TrimPrefix(name, "file://")
	if name == "" || schemas.RunID(name).Validate() == nil {
		return openReport(ctx, &s.store, schemas.RunID(name))
	}
	_, err := os.Stat(filepath.Join(folder, schemas.SummaryFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, program.Usagef("--report %s is no run id and no folder with a finished report (%s); "+
			"coordinator status lists the runs", name, schemas.SummaryFile)
	}
	if err != nil {
		return nil, err
	}
	return report.OpenFolder(ctx, folder)
}
