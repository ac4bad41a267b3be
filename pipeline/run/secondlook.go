package run

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/secondlook"
	"github.com/facesieve/facesieve/schemas"
)

// secondLook lists what is doubtful after the first look, and has it looked at again. What
// follows sees vectors that hold both looks.
func (e *execution) secondLook(ctx context.Context) error {
	if len(e.lookTasks(schemas.StageDoubtful)) == 0 {
		return nil
	}
	if err := e.fitDoubt(ctx); err != nil {
		return err
	}
	if err := e.look(ctx, schemas.StageDoubtful); err != nil {
		return err
	}
	missing, err := e.lacks(ctx, e.lookTasks(schemas.StageSecondLook))
	if err != nil {
		return err
	}
	switch {
	case len(missing) == 0:
	case e.planned.From != "":
		if err := e.takeLooks(ctx, missing); err != nil {
			return err
		}
	case e.coordinator.BeforeEmbed != nil:
		if err := e.coordinator.BeforeEmbed(ctx); err != nil {
			return err
		}
	}
	return e.look(ctx, schemas.StageSecondLook)
}

// lookTasks returns the tasks of a stage of the second look, of the shards that have vectors.
func (e *execution) lookTasks(stage schemas.Stage) []schemas.Task {
	return slices.DeleteFunc(e.run.LookTasks(stage), func(t schemas.Task) bool {
		return e.shards.Lost[runstore.ShardKey{Source: t.Source, Shard: t.Shard}]
	})
}

// look brings the tasks of a stage of the second look to their output.
func (e *execution) look(ctx context.Context, stage schemas.Stage) error {
	images := func(t schemas.Task) int {
		src, err := e.run.Source(t.Source)
		if err != nil {
			return 0
		}
		return src.Shards[t.Shard].Images
	}
	tasks := e.lookTasks(stage)
	open, err := e.lacks(ctx, tasks)
	if err != nil {
		return err
	}
	s := settling{execution: e, stage: stage, output: schemas.Task.Output, images: images}
	failed, err := s.settle(ctx, tasks)
	if err != nil {
		return err
	}
	if stage == schemas.StageSecondLook { // the first look's vectors stand
		for _, t := range failed {
			e.failures = append(e.failures, schemas.TaskFailure{Task: t.Name()})
		}
		return nil
	}
	e.lose(failed, images)
	if len(failed) > 0 && len(failed) == len(open) {
		return e.whyFailed(ctx, failed[:1])
	}
	return nil
}

// lacks returns the tasks that have no output yet.
func (e *execution) lacks(ctx context.Context, tasks []schemas.Task) ([]schemas.Task, error) {
	var missing []schemas.Task
	for _, t := range tasks {
		ok, err := runstore.Exists(ctx, e.run.Store, t.Output())
		if err != nil {
			return nil, err
		}
		if !ok {
			missing = append(missing, t)
		}
	}
	return missing, nil
}

// takeLooks takes the second looks of the run whose vectors this one judges again: images
// that could not be read then are not tried again.
func (e *execution) takeLooks(ctx context.Context, tasks []schemas.Task) error {
	for _, t := range tasks {
		old := schemas.SecondLookObject(e.planned.From, t.Source, t.Shard)
		data, err := runstore.Get(ctx, e.run.Store, old)
		if errors.Is(err, fs.ErrNotExist) {
			given, err := e.takeFailure(ctx, t)
			if err != nil {
				return err
			}
			if given {
				continue
			}
			return origin.Errorf("pipeline", "run %s was stopped before it had looked at its doubtful images again; finish it first",
				e.planned.From)
		}
		if err != nil {
			return err
		}
		if err := runstore.Put(ctx, e.run.Store, t.Output(), data); err != nil {
			return err
		}
	}
	return nil
}

// takeFailure takes over that a second look was given up in the run whose vectors this one
// judges again; false: it was not.
func (e *execution) takeFailure(ctx context.Context, t schemas.Task) (bool, error) {
	old := t
	old.Run = e.planned.From
	data, err := runstore.Get(ctx, e.run.Store, schemas.FailureObject(old.Run, old))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, runstore.Put(ctx, e.run.Store, schemas.FailureObject(e.run.ID, t), data)
}

// fitDoubt does the doubt stage, unless it is done or nobody needs it.
func (e *execution) fitDoubt(ctx context.Context) error {
	if !e.run.LooksAgain(schemas.Set) {
		return nil
	}
	if ok, err := secondlook.Listed(ctx, e.run); err != nil || ok {
		return err
	}
	ctx = runstore.WithStage(ctx, schemas.StageDoubt)
	e.clock.begin(schemas.StageDoubt, 1, e.run.Set().Images)
	defer e.clock.endOwn(schemas.StageDoubt)
	return secondlook.Fit(ctx, e.shards, func(images int) { e.clock.settled(schemas.StageDoubt, images) })
}
