package pipeline

import (
	"context"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/schemas"
)

// start makes a planned run ready for its stages: what an earlier command gave up
// is forgotten, what workers need stands in the store, and there is a queue.
func (c *Coordinator) start(ctx context.Context, planned *Run) (*run, error) {
	r := &run{Run: planned, c: c, lost: map[shardKey]bool{}, progress: planned.clock,
		tables: tables{store: c.Store, run: planned.ID, spec: planned.Spec, plan: planned.Plan}}
	r.views = newViews(&r.tables)
	if r.progress == nil {
		r.progress = newProgress(c.Progress)
	}
	planned.clock = nil
	if err := r.forgetFailures(ctx); err != nil {
		return nil, err
	}
	if err := r.publish(ctx); err != nil {
		return nil, err
	}
	var err error
	r.queue, err = c.Conn.Create(ctx, r.ID, c.Store.String(), c.Queue)
	return r, err
}

// publish writes what workers need to begin.
func (r *run) publish(ctx context.Context) error {
	if err := putJSON(ctx, r.store, schemas.SpecObject(r.ID), r.spec); err != nil {
		return err
	}
	if err := putJSON(ctx, r.store, schemas.PlanObject(r.ID), r.plan); err != nil {
		return err
	}
	// An earlier command's plan stands. It can differ in what the Spec does not
	// cover, as the files that were skipped.
	var stands schemas.Plan
	if err := getJSON(ctx, r.store, schemas.PlanObject(r.ID), &stands); err != nil {
		return err
	}
	r.plan, r.Plan = stands, stands
	if r.ready == "" {
		r.ready = r.spec.Judge.NumericKind
	}
	if r.ready != "" {
		if err := put(ctx, r.store, schemas.NumericKindObject(r.ID), []byte(r.ready+"\n")); err != nil {
			return err
		}
	}
	data, err := schemas.Marshal(r.place)
	if err != nil {
		return err
	}
	if err := r.store.Replace(ctx, schemas.SourceObject(r.ID), data); err != nil {
		return err
	}
	return r.loadKind(ctx)
}

// forgetFailures removes everything that a run with failed tasks has made of its
// vectors, since all of it lacks the failed shards, so that this command tries
// them again. The summary goes first, so that no report looks complete meanwhile,
// and the failures last, so that a command that was stopped here begins again.
func (r *run) forgetFailures(ctx context.Context) error {
	keep := map[string]bool{schemas.SpecObject(r.ID): true, schemas.PlanObject(r.ID): true, schemas.NumericKindObject(r.ID): true,
		schemas.SourceObject(r.ID): true, schemas.TimingObject(r.ID): true, schemas.ReportObject(r.ID, schemas.SummaryFile): true}
	var failures, others []string
	for info, err := range r.store.List(ctx, schemas.RunFolder(r.ID)) {
		if err != nil {
			return err
		}
		switch {
		case strings.HasPrefix(info.Name, schemas.FailuresFolder(r.ID)):
			failures = append(failures, info.Name)
		case !keep[info.Name]:
			others = append(others, info.Name)
		}
	}
	if len(failures) == 0 {
		return nil
	}
	for _, names := range [][]string{{schemas.ReportObject(r.ID, schemas.SummaryFile)}, others, failures} {
		if err := r.remove(ctx, names); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes objects, several at a time.
func (r *run) remove(ctx context.Context, names []string) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(lookups)
	for _, name := range names {
		g.Go(func() error { return r.store.Delete(gctx, name) })
	}
	return g.Wait()
}
