package pipeline_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/aggregate"
	"github.com/facesieve/facesieve/pipeline/stage/calibrate"
	"github.com/facesieve/facesieve/pipeline/stage/judge"
	"github.com/facesieve/facesieve/pipeline/stage/match"
	"github.com/facesieve/facesieve/pipeline/stage/nearduplicates"
	"github.com/facesieve/facesieve/pipeline/stage/nearest"
	"github.com/facesieve/facesieve/pipeline/stage/neighbours"
	"github.com/facesieve/facesieve/pipeline/stage/report"
	"github.com/facesieve/facesieve/schemas"
)

// byHand brings precomputed vectors to their report in a store in memory, stage by
// stage, without a queue, a coordinator or a worker.
func byHand(ctx context.Context, h *harness, q plan.Request) (schemas.RunID, error) {
	planned, err := plan.Make(ctx, h.store, q, nil)
	if err != nil {
		return "", err
	}
	run := planned.In(h.store)
	shards := runstore.NewShards(run)
	done := func(int) {}
	if err := aggregate.Run(ctx, shards, done); err != nil {
		return "", fmt.Errorf("aggregate: %w", err)
	}
	if err := match.Fit(ctx, run); err != nil {
		return "", fmt.Errorf("fit: %w", err)
	}
	tables, err := match.LoadTables(ctx, run)
	if err != nil {
		return "", err
	}
	for _, sh := range run.Set().Shards {
		if err := match.Shard(ctx, shards, tables, sh.Index); err != nil {
			return "", fmt.Errorf("match: %w", err)
		}
	}
	set := tables.Identities[schemas.Set]
	for _, sh := range run.Set().Shards {
		if err := nearest.Shard(ctx, shards, set, sh.Index); err != nil {
			return "", fmt.Errorf("nearest: %w", err)
		}
	}
	for g := range len(run.Groups(set)) - 1 {
		if err := neighbours.Group(ctx, run, set, g); err != nil {
			return "", fmt.Errorf("neighbours: %w", err)
		}
	}
	if err := nearduplicates.Run(ctx, shards, done); err != nil {
		return "", fmt.Errorf("near-duplicates: %w", err)
	}
	if err := match.WriteTables(ctx, shards); err != nil {
		return "", err
	}
	if err := calibrate.Fit(ctx, shards); err != nil {
		return "", fmt.Errorf("calibrate: %w", err)
	}
	verdicts, err := judge.LoadTables(ctx, run, set)
	if err != nil {
		return "", err
	}
	for _, sh := range run.Set().Shards {
		if err := judge.Shard(ctx, shards, verdicts, sh.Index); err != nil {
			return "", fmt.Errorf("judge: %w", err)
		}
	}
	_, err = report.Write(ctx, report.Input{Shards: shards, Done: done})
	return run.ID, err
}

// Stages called by hand give the report that a coordinator and workers give.
func TestStagesNeedNoQueue(t *testing.T) {
	q := ask("")
	q.Set, q.Embed = plan.SourceRequest{Vectors: "../coordinator/testdata/example/vectors.arrow"}, schemas.EmbedSpec{}
	alone := &harness{t: t, store: openStore(t, "mem:"+t.Name()+"/alone")}
	id, err := byHand(t.Context(), alone, q)
	if err != nil {
		t.Fatal(err)
	}
	together := newHarness(t)
	planned, _ := together.must(q)
	if planned.ID != id {
		t.Fatalf("run %s; want %s", id, planned.ID)
	}
	want := together.report(id)
	if len(want) < 5 {
		t.Fatalf("the report has only %d files", len(want))
	}
	same(t, "by hand", alone.report(id), want)
	for _, folder := range []string{schemas.NearestFolder(id), schemas.NeighboursFolder(id)} {
		want := together.objects(folder)
		if len(want) < 1 {
			t.Errorf("%s is empty", folder)
		}
		same(t, "by hand", alone.objects(folder), want)
	}
}
