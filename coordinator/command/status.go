package command

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/admin"
)

func statusCommand(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "List the runs in a store and how far each is",
		Long: `status lists the runs in a store, the one written last first: how many tasks of
each stage are done, and where the report stands. It looks at the store alone
and can be asked while a run is going on.`,
		Example: `  coordinator status
  coordinator status --store s3://results/ms1m --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return status(cmd.Context(), &s.store, &s.console.out)
		},
	}
}

func status(ctx context.Context, flags *storeFlags, out *screen.Printer) error {
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
	for i, r := range runs {
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
