package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/schemas"
)

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "List the runs in a store and how far each is",
		Long: `status lists the runs in a store, the one written last first: how many tasks of
each stage are done, and where the report stands. It looks at the store alone
and can be asked while a run is going on.`,
		Example: `  coordinator status
  coordinator status --store s3://results/ms1m --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.status(cmd.Context()) },
	}
}

func (a *app) status(ctx context.Context) error {
	st, err := a.openOld(ctx)
	if err != nil {
		return err
	}
	runs, err := admin.Status(ctx, st)
	if err != nil {
		return err
	}
	if a.json {
		for _, r := range runs {
			if err := a.printJSON(r); err != nil {
				return err
			}
		}
		return nil
	}
	if len(runs) == 0 {
		return a.print("no runs in %s; coordinator run makes one\n", st)
	}
	for i, r := range runs {
		if i > 0 {
			if err := a.print("\n"); err != nil {
				return err
			}
		}
		if err := a.print("%s", statusText(r, time.Now())); err != nil {
			return err
		}
	}
	return nil
}

// stateWords are the states of a run as a person reads them.
var stateWords = map[admin.State]string{
	admin.StateBroken:   "begun, without a plan",
	admin.StatePlanned:  "planned",
	admin.StateEmbedded: "unfinished",
	admin.StateDone:     "done",
	admin.StateFailed:   "done but for failed tasks",
}

// statusText is one run for a person.
func statusText(r admin.RunStatus, now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s, written %s ago\n", r.ID, stateWords[r.State], age(now.Sub(r.Written)))
	if r.State == admin.StateBroken {
		return b.String()
	}
	fmt.Fprintf(&b, "  %s of %s", plural(r.Images, "image"), plural(r.Identities, "identity"))
	if r.References > 0 {
		fmt.Fprintf(&b, ", and %s of references", plural(r.References, "image"))
	}
	for i, s := range r.Sources {
		switch {
		case i == 0 && s.URL == "":
			b.WriteString("\n  ready vectors")
		case i == 0:
			fmt.Fprintf(&b, "\n  %s", s.URL)
		default:
			fmt.Fprintf(&b, "\n  %s=%s", s.Name, s.URL)
		}
	}
	b.WriteString("\n ")
	for _, s := range r.Stages {
		fmt.Fprintf(&b, " %s %d/%d", s.Stage, s.Done, s.Tasks)
		if s.Failed > 0 {
			fmt.Fprintf(&b, " (%d failed)", s.Failed)
		}
	}
	b.WriteString("\n")
	if r.Report != "" {
		fmt.Fprintf(&b, "  %s\n", r.Report)
	}
	return b.String()
}

// age is a time that has passed, in its greatest unit.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return plural(int(max(0, d.Seconds())), "second")
	case d < time.Hour:
		return plural(int(d.Minutes()), "minute")
	case d < 48*time.Hour:
		return plural(int(d.Hours()), "hour")
	}
	return plural(int(d.Hours()/24), "day")
}

// reportedRun is the run that a command without a run id means: the only one with
// a report.
func (a *app) reportedRun(ctx context.Context, runs []schemas.RunID) (schemas.RunID, error) {
	switch len(runs) {
	case 1:
		return runs[0], nil
	case 0:
		return "", fmt.Errorf("no report in %s; coordinator run makes one, coordinator status shows unfinished runs", a.storeURL)
	}
	list := make([]string, 0, len(runs))
	for _, r := range runs {
		list = append(list, string(r))
	}
	return "", fmt.Errorf("%w: %d reports in %s; name one: %s", errUsage, len(runs), a.storeURL, strings.Join(list, ", "))
}

func (a *app) print(format string, args ...any) error {
	_, err := fmt.Fprintf(a.out, format, args...)
	return err
}

// printJSON prints a value on one line.
func (a *app) printJSON(v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return a.print("%s\n", data)
}
