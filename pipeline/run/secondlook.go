package run

import (
	"context"
	"slices"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/secondlook"
	"github.com/facesieve/facesieve/schemas"
)

// secondLook lists what is doubtful after the first look, and has it looked at again. What
// follows sees vectors that hold both looks.
func (e *execution) secondLook(ctx context.Context) error {
	tasks := slices.DeleteFunc(e.run.LookTasks(), func(t schemas.Task) bool {
		return e.shards.Lost[runstore.ShardKey{Source: t.Source, Shard: t.Shard}]
	})
	if len(tasks) == 0 {
		return nil
	}
	if err := e.fitDoubt(ctx); err != nil {
		return err
	}
	images := func(t schemas.Task) int {
		src, err := e.run.Source(t.Source)
		if err != nil {
			return 0
		}
		return src.Shards[t.Shard].Images
	}
	s := settling{execution: e, stage: schemas.StageSecondLook, output: schemas.Task.Output, images: images}
	failed, err := s.settle(ctx, tasks)
	e.lose(failed, images)
	return err
}

// fitDoubt does the doubt stage, unless it is done or nobody needs it. Where the set has
// no lists yet, images will be looked at, and workers need the models.
func (e *execution) fitDoubt(ctx context.Context) error {
	if !e.run.LooksAgain(schemas.Set) {
		return nil
	}
	if ok, err := secondlook.Listed(ctx, e.run); err != nil || ok {
		return err
	}
	if e.coordinator.BeforeEmbed != nil {
		if err := e.coordinator.BeforeEmbed(ctx); err != nil {
			return err
		}
	}
	ctx = runstore.WithStage(ctx, schemas.StageDoubt)
	e.clock.begin(schemas.StageDoubt, 1, e.run.Set().Images)
	defer e.clock.endOwn(schemas.StageDoubt)
	return secondlook.Fit(ctx, e.shards, func(images int) { e.clock.settled(schemas.StageDoubt, images) })
}
