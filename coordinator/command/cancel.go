package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"time"

	"github.com/spf13/cobra"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/connect"
	"github.com/facesieve/facesieve/worker/program"
)

func cancelCommand(s *session) *cobra.Command {
	nats := connect.Flags{}
	cmd := &cobra.Command{
		Use:   "cancel RUNID",
		Short: "End a run for good",
		Long: `cancel ends a run that has no report yet: its workers leave it, and its
coordinator ends with exit code 3. With --nats they learn it at once, without it
within some seconds: a run that is at its report by then ends well all the same.
What was computed is kept until coordinator gc removes it;
the run's own command takes the run up again.`,
		Example: `  coordinator cancel b7c4b21245995379202cb7fd7c41d6ca
  coordinator cancel b7c4b21245995379202cb7fd7c41d6ca --store s3://results/ms1m --nats nats://queue:4222`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return cancelRun(cmd.Context(), schemas.RunID(args[0]), &nats, s)
		},
	}
	nats.AddFlags(cmd.Flags(), "NATS server of the run; its queue there is removed")
	return cmd
}

func cancelRun(ctx context.Context, run schemas.RunID, nats *connect.Flags, s *session) error {
	if run.Validate() != nil {
		return program.Usagef("%q is no run id; coordinator status lists the runs", string(run))
	}
	if err := nats.Check(); err != nil {
		return err
	}
	st, err := s.store.openExisting(ctx)
	if err != nil {
		return err
	}
	c, err := admin.Cancel(ctx, st, run,
		schemas.Cancellation{By: whoCalls(), At: time.Now().UTC().Format(time.RFC3339)})
	if errors.Is(err, admin.ErrReported) {
		return program.WithHint(err, "coordinator report shows it")
	}
	if err != nil {
		return err
	}
	if nats.URL != "" {
		conn, err := dial(ctx, nats, &s.console)
		if err != nil {
			return err
		}
		defer conn.Close()
		if err := conn.Delete(ctx, run); err != nil {
			return err
		}
	}
	return s.console.out.Either(struct {
		Run       schemas.RunID         `json:"run"`
		Cancelled *schemas.Cancellation `json:"cancelled"`
	}{run, c}, fmt.Sprintf("run %s was cancelled by %s at %s\n", run, c.By, c.At))
}

// whoCalls is the user and the machine that a command is given by.
func whoCalls() string {
	name := fmt.Sprintf("user %d", os.Getuid())
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if host, err := os.Hostname(); err == nil {
		name += "@" + host
	}
	return name
}
