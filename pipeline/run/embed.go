package run

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// embed brings every part of every shard to its vectors.
func (e *execution) embed(ctx context.Context) error {
	tasks := e.embedTasks()
	if len(tasks) == 0 {
		return nil
	}
	if e.coordinator.BeforeEmbed != nil {
		missing, err := e.lacksVectors(ctx)
		if err != nil {
			return err
		}
		if missing {
			if err := e.coordinator.BeforeEmbed(ctx); err != nil {
				return err
			}
		}
	}
	if e.run.NumericKind == "" {
		kind := schemas.Task{Run: e.run.ID, Stage: schemas.StageNumericKind}
		s := settling{execution: e, stage: schemas.StageNumericKind, output: schemas.Task.Output,
			images: func(schemas.Task) int { return 0 }}
		if failed, err := s.settle(ctx, []schemas.Task{kind}); err != nil || len(failed) > 0 {
			return errors.Join(err, e.whyFailed(ctx, failed))
		}
		if err := e.run.LoadNumericKind(ctx); err != nil {
			return err
		}
		if e.fresh {
			if err := e.dropTransient(ctx); err != nil {
				return err
			}
		}
	}
	s := settling{execution: e, stage: schemas.StageEmbed, output: e.embedOutput, images: e.taskImages}
	failed, err := s.settle(ctx, tasks)
	if err != nil {
		return err
	}
	e.lose(failed, e.taskImages)
	if len(failed) == len(tasks) {
		return e.whyFailed(ctx, failed[:1])
	}
	return e.checkFaults(ctx)
}

// whyFailed returns the error that a task was given up for.
func (e *execution) whyFailed(ctx context.Context, failed []schemas.Task) error {
	if len(failed) == 0 {
		return nil
	}
	var a schemas.Attempt
	if err := e.run.GetJSON(ctx, schemas.FailureObject(e.run.ID, failed[0]), &a); err != nil {
		return err
	}
	return origin.Errorf("pipeline", "task %s was given up: %s: %w", a.Task, a.Error, ErrFailed)
}

func (e *execution) embedTasks() []schemas.Task {
	var tasks []schemas.Task
	for _, src := range e.run.Plan.Sources {
		if e.run.Precomputed(src.Name) {
			continue
		}
		for _, sh := range src.Shards {
			for p := range sh.Parts {
				tasks = append(tasks, schemas.Task{Run: e.run.ID, Stage: schemas.StageEmbed,
					Source: src.Name, Shard: sh.Index, Part: p})
			}
		}
	}
	return tasks
}

func (e *execution) part(t schemas.Task) schemas.Part {
	src, err := e.run.Source(t.Source)
	if err != nil {
		return schemas.Part{}
	}
	return src.Shards[t.Shard].Parts[t.Part]
}

func (e *execution) taskImages(t schemas.Task) int { p := e.part(t); return p.End - p.Start }

func (e *execution) embedOutput(t schemas.Task) string { return e.run.Pointer(t.Source, e.part(t)) }

// lacksVectors says whether any embed task has no output yet.
func (e *execution) lacksVectors(ctx context.Context) (bool, error) {
	if e.run.NumericKind == "" {
		return true, nil
	}
	missing := errors.New("one is missing")
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(lookups)
	for _, t := range e.embedTasks() {
		g.Go(func() error {
			ok, err := runstore.Exists(gctx, e.run.Store, e.embedOutput(t))
			if err == nil && !ok {
				return missing
			}
			return err
		})
	}
	err := g.Wait()
	if errors.Is(err, missing) {
		return true, nil
	}
	return false, err
}

// dropTransient forgets what rests on images that could not be read, so that a command that
// starts anew tries them again. After the aggregate stage the run's vectors stand.
func (e *execution) dropTransient(ctx context.Context) error {
	names, err := e.transient(ctx)
	if err != nil {
		return err
	}
	return e.remove(ctx, names)
}

// transient returns the pointers to vectors with images that could not be read, and all
// that the run has made of its vectors then; or else the second looks at such images.
func (e *execution) transient(ctx context.Context) ([]string, error) {
	if e.planned.VectorsStand || e.run.NumericKind == "" {
		return nil, nil
	}
	if ok, err := runstore.Exists(ctx, e.run.Store, schemas.DuplicatesObject(e.run.ID)); err != nil || ok {
		return nil, err
	}
	names, err := e.transientPointers(ctx)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return e.transientLooks(ctx)
	}
	for _, folder := range []string{schemas.DoubtRunFolder(e.run.ID), schemas.SecondLookFolder(e.run.ID)} {
		for info, err := range e.run.Store.List(ctx, folder) {
			if err != nil {
				return nil, err
			}
			names = append(names, info.Name)
		}
	}
	return names, nil
}

func (e *execution) transientPointers(ctx context.Context) ([]string, error) {
	tasks := e.embedTasks()
	found := make([]bool, len(tasks))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(lookups)
	for i, t := range tasks {
		g.Go(func() error {
			var ptr schemas.Pointer
			err := e.run.GetJSON(gctx, e.embedOutput(t), &ptr)
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			found[i] = err == nil && ptr.Transient() > 0
			return err
		})
	}
	err := g.Wait()
	var names []string
	for i, t := range tasks {
		if found[i] {
			names = append(names, e.embedOutput(t))
		}
	}
	return names, err
}

// transientLooks returns the second looks at images that could not be read again.
func (e *execution) transientLooks(ctx context.Context) ([]string, error) {
	var names []string
	for info, err := range e.run.Store.List(ctx, schemas.SecondLookFolder(e.run.ID)) {
		if err != nil {
			return nil, err
		}
		looks, err := runstore.GetTable(ctx, e.run.Store, info.Name, schemas.ReadSecondLooks)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(looks, func(l schemas.SecondLook) bool { return l.Error.Transient() }) {
			names = append(names, info.Name)
		}
	}
	return names, nil
}
