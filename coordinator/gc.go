package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/schemas"
)

// gcOptions are the flags of the gc command.
type gcOptions struct {
	keep  []string
	nats  string
	force bool
}

// keepAll stands for every run.
const keepAll = "all"

func (a *app) gcCommand() *cobra.Command {
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
			return a.gc(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.keep, "keep", nil, "a run to keep, or all; repeatable, several after one another or with commas")
	f.StringVar(&o.nats, "nats", "", "NATS server whose runs are kept")
	f.BoolVar(&o.force, "force", false, "remove; without it nothing is removed")
	return cmd
}

func (a *app) gc(ctx context.Context, o *gcOptions) error {
	c := admin.CollectOptions{Delete: o.force}
	for _, k := range o.keep {
		switch id := schemas.RunID(k); {
		case k == keepAll:
			c.All = true
		case id.Validate() != nil:
			return fmt.Errorf("%w: --keep %q is no run id; coordinator status lists the runs", errUsage, k)
		default:
			c.Keep = append(c.Keep, id)
		}
	}
	if len(o.keep) == 0 {
		return fmt.Errorf("%w: name the runs to keep with --keep RUN, or keep all with --keep all; coordinator status lists them", errUsage)
	}
	st, err := a.openOld(ctx)
	if err != nil {
		return err
	}
	if o.nats != "" {
		if c.Live, err = a.liveRuns(ctx, o.nats); err != nil {
			return err
		}
	}
	got, err := admin.Collect(ctx, st, c)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(got)
	}
	return a.print("%s", collectionText(got))
}

// liveRuns are the runs with a queue.
func (a *app) liveRuns(ctx context.Context, url string) ([]schemas.RunID, error) {
	conn, err := queue.Dial(ctx, url, queue.Options{Name: "facesieve coordinator", Log: a.log})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	runs, err := conn.Runs(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]schemas.RunID, len(runs))
	for i, r := range runs {
		ids[i] = r.Run
	}
	return ids, nil
}

// collectionText is a collection for a person.
func collectionText(c *admin.Collection) string {
	var b strings.Builder
	for _, r := range c.Runs {
		if r.Kept == admin.WhyUnkept {
			fmt.Fprintf(&b, "remove run %s\n", r.ID)
		} else {
			fmt.Fprintf(&b, "keep   run %s  %s\n", r.ID, r.Kept)
		}
	}
	var folders []string
	for f := range c.Folders {
		folders = append(folders, f)
	}
	slices.Sort(folders)
	for _, f := range folders {
		n := c.Folders[f]
		fmt.Fprintf(&b, "  %-11s %8s objects  %9s\n", f, count(n.Objects), size(n.Bytes))
	}
	verb := "would remove"
	if c.Deleted {
		verb = "removed"
	}
	fmt.Fprintf(&b, "%s %s, %s; kept %s, %s", verb, plural(c.Remove.Objects, "object"), size(c.Remove.Bytes), plural(c.Keep.Objects, "object"), size(c.Keep.Bytes))
	if c.Young.Objects > 0 {
		fmt.Fprintf(&b, "\n%s that no run needs are younger than 24 hours and stay, %s", plural(c.Young.Objects, "object"), size(c.Young.Bytes))
	}
	if !c.Deleted && c.Remove.Objects > 0 {
		b.WriteString("\nnothing was removed; give the same command with --force to remove it")
	}
	b.WriteString("\n")
	return b.String()
}
