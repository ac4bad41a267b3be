package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/schemas"
)

// printPlan says what a planned run would do.
func (a *app) printPlan(ctx context.Context, c *run.Coordinator, r *plan.Run) error {
	f, err := admin.Foresee(ctx, c.Store, r)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(struct {
			Run      schemas.RunID        `json:"run"`
			Plan     []schemas.PlanSource `json:"sources"`
			Forecast *admin.Forecast      `json:"forecast"`
		}{r.ID, r.Plan.Sources, f})
	}
	return a.print("%s", planText(r, f))
}

// planText is a plan for a person.
func planText(r *plan.Run, f *admin.Forecast) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-10s %10s %11s %7s %6s\n", "source", "images", "identities", "shards", "tasks")
	for _, s := range r.Plan.Sources {
		tasks := 0
		for _, sh := range s.Shards {
			tasks += len(sh.Parts)
		}
		name := string(s.Name)
		if s.Name == schemas.Set {
			name = "the set"
		}
		fmt.Fprintf(&b, "%-10s %10s %11s %7s %6s\n", name, count(s.Images), count(s.Identities), count(len(s.Shards)), count(tasks))
	}
	b.WriteString(skippedText(r.Plan.Sources))
	b.WriteString("\n")
	shards := len(r.Plan.Sources[0].Shards)
	switch {
	case f.Reported:
		b.WriteString("the report is there; run shows it\n")
	case f.Ready == 0:
		fmt.Fprintf(&b, "to do: %s of embedding, then %s of comparing and judging\n", plural(f.Parts, "task"), count(2*shards))
	case f.Sure:
		fmt.Fprintf(&b, "to do: %s of embedding (%s ready from before), then %s of comparing and judging\n", plural(f.Parts-f.Ready, "task"), count(f.Ready), count(2*shards))
	default:
		fmt.Fprintf(&b, "to do: %s of embedding, then %s of comparing and judging; %s ready\nfrom before where this machine computes as the one that made them\n",
			plural(f.Parts, "task"), count(2*shards), count(f.Ready))
	}
	fmt.Fprintf(&b, "nothing was written; this is run %s\n", r.ID)
	return b.String()
}

// skippedText lists the files that are no images.
func skippedText(sources []schemas.PlanSource) string {
	var b strings.Builder
	for _, s := range sources {
		if text := skipped(s.Skipped); text != "" {
			name := "the set"
			if s.Name != schemas.Set {
				name = string(s.Name)
			}
			b.WriteString(wrap("skipped in "+name+": "+text, "", textWidth))
		}
	}
	return b.String()
}
