package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/program"
)

func reportCommand(s *session) *cobra.Command {
	out, by := "", &strataFlags{}
	cmd := &cobra.Command{
		Use:   "report [RUNID]",
		Short: "Show a report, or copy it into a folder",
		Long: `report shows what a run has found, as run does at its end. Without a run id it
takes the store's only report; where there are several it lists them, each with
its folder, its date and what it found. With --out it copies the tables, which
any program that reads Arrow files can open.

A cleaner that drops every face in profile, or every old photograph, makes a
worse set. --strata shows what groups of images would lose, with a mark where
one loses clearly more than the others: groups by the usable images of a label
(size), by pose (how far the face is turned, by its landmarks), eye_distance,
sharpness, det_score, quality, score, other_score, length, width, height, faces,
p_suggested, identity, type or decision. With --attributes it is a column of a
table of yours, such as age or gender, which has the column path or identity
beside it; what it does not tell is the group unknown, and numbers of more than
12 values are shown in quarters of the images.`,
		Example: `  coordinator report
  coordinator report b7c4b21245995379202cb7fd7c41d6ca --out report
  coordinator report --json
  coordinator report --strata pose
  coordinator report --strata age --attributes ages.csv`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := by.check(out); err != nil {
				return err
			}
			r, err := openReport(cmd.Context(), &s.store, schemas.RunID(strings.Join(args, "")))
			var several *severalError
			switch {
			case errors.As(err, &several) && out == "" && by.column == "":
				return listReports(cmd.Context(), several, s)
			case err != nil:
				return err
			case by.column != "":
				return by.show(cmd.Context(), r, s)
			}
			return showReport(cmd.Context(), r, out, s)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "copy the report into this folder")
	by.AddFlags(cmd.Flags())
	return cmd
}

// openReport opens the report of a run, or the only one of the store where run is "".
func openReport(ctx context.Context, flags *storeFlags, run schemas.RunID) (*report.Report, error) {
	if run != "" && run.Validate() != nil {
		return nil, program.Usagef("%q is no run id; coordinator status lists the runs", string(run))
	}
	st, err := flags.openExisting(ctx)
	if err != nil {
		return nil, err
	}
	if run == "" {
		if run, err = onlyReport(ctx, st, flags.url); err != nil {
			return nil, err
		}
	}
	r, err := report.Open(ctx, st, run, report.Options{S3: flags.s3})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, program.WithHint(fmt.Errorf("no report of run %s in %s: %w", run, st, fs.ErrNotExist),
			"coordinator status lists the runs")
	}
	return r, err
}

// onlyReport is the run that a command without a run id means: the only one of a
// store that has a report.
func onlyReport(ctx context.Context, st store.Store, url string) (schemas.RunID, error) {
	runs, err := admin.Reported(ctx, st)
	switch {
	case err != nil:
		return "", err
	case len(runs) == 0:
		return "", program.WithHint(fmt.Errorf("no report in %s", url),
			"coordinator run makes one, coordinator status shows unfinished runs")
	case len(runs) > 1:
		return "", program.Usage(&severalError{url, runs})
	}
	return runs[0], nil
}

// reportLocation says to a machine where the report of a run is.
type reportLocation struct {
	Run    schemas.RunID `json:"run"`
	Report string        `json:"report"`
}

// showReport copies a report into a folder, where one is named, and prints it. The
// last line is where the report is.
func showReport(ctx context.Context, r *report.Report, dir string, s *session) error {
	if dir != "" {
		if err := r.CopyTo(ctx, dir); err != nil {
			return fmt.Errorf("copy to --out: %w", err)
		}
	}
	s.report = r.URL()
	out := &s.console.out
	if out.JSON {
		if err := out.Value(r.Summary()); err != nil {
			return err
		}
		return out.Value(reportLocation{r.Run(), r.URL()})
	}
	h, err := screen.ReadHighlights(ctx, r)
	if err != nil {
		return err
	}
	return out.Text("%s\n%s\n%s\n", screen.SummaryText(r.Summary(), h),
		s.caller.next(&s.store, r.Run(), r.Summary()), r.URL())
}
