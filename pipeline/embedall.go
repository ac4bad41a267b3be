package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/schemas"
)

// embedAll brings every part of every shard to its vectors.
func (r *run) embedAll(ctx context.Context) error {
	tasks := r.embedTasks()
	if len(tasks) == 0 {
		return nil
	}
	if r.kind != "" {
		if err := r.dropTransient(ctx); err != nil {
			return err
		}
	}
	if r.c.BeforeEmbed != nil {
		missing, err := r.lacksVectors(ctx)
		if err != nil {
			return err
		}
		if missing {
			if err := r.c.BeforeEmbed(ctx); err != nil {
				return err
			}
		}
	}
	if r.kind == "" {
		kind := schemas.Task{Run: r.ID, Stage: schemas.StageNumericKind}
		s := step{run: r, stage: schemas.StageNumericKind, output: schemas.Task.Output, images: func(schemas.Task) int { return 0 }}
		if failed, err := s.settle(ctx, []schemas.Task{kind}); err != nil || len(failed) > 0 {
			return errors.Join(err, r.whyFailed(ctx, failed))
		}
		if err := r.loadKind(ctx); err != nil {
			return err
		}
		if err := r.dropTransient(ctx); err != nil {
			return err
		}
	}
	s := step{run: r, stage: schemas.StageEmbed, output: r.embedOutput, images: r.taskImages}
	failed, err := s.settle(ctx, tasks)
	if err != nil {
		return err
	}
	for _, t := range failed {
		r.lost[shardKey{t.Source, t.Shard}] = true
		r.failures = append(r.failures, schemas.TaskFailure{Task: t.Name(), Images: r.taskImages(t)})
	}
	if len(failed) == len(tasks) {
		return r.whyFailed(ctx, failed[:1])
	}
	return r.checkFaults(ctx)
}

// whyFailed is the error that a task was given up for.
func (r *run) whyFailed(ctx context.Context, failed []schemas.Task) error {
	if len(failed) == 0 {
		return nil
	}
	var a schemas.Attempt
	if err := getJSON(ctx, r.store, schemas.FailureObject(r.ID, failed[0]), &a); err != nil {
		return err
	}
	return fmt.Errorf("pipeline: task %s was given up: %s: %w", a.Task, a.Error, ErrFailed)
}

func (r *run) embedTasks() []schemas.Task {
	var tasks []schemas.Task
	for _, src := range r.plan.Sources {
		if r.given(src.Name) {
			continue
		}
		for _, sh := range src.Shards {
			for p := range sh.Parts {
				tasks = append(tasks, schemas.Task{Run: r.ID, Stage: schemas.StageEmbed, Source: src.Name, Shard: sh.Index, Part: p})
			}
		}
	}
	return tasks
}

func (r *run) part(t schemas.Task) schemas.Part {
	src, err := r.source(t.Source)
	if err != nil {
		return schemas.Part{}
	}
	return src.Shards[t.Shard].Parts[t.Part]
}

func (r *run) taskImages(t schemas.Task) int { p := r.part(t); return p.End - p.Start }

func (r *run) embedOutput(t schemas.Task) string { return r.pointer(t.Source, r.part(t)) }

// lacksVectors says whether any embed task has no output yet.
func (r *run) lacksVectors(ctx context.Context) (bool, error) {
	if r.kind == "" {
		return true, nil
	}
	missing := errors.New("one is missing")
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(lookups)
	for _, t := range r.embedTasks() {
		g.Go(func() error {
			ok, err := exists(gctx, r.store, r.embedOutput(t))
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

// dropTransient forgets pointers to vectors with images that could not be read, so
// that a command that starts anew tries them again. After the fold the run's
// vectors stand.
func (r *run) dropTransient(ctx context.Context) error {
	if r.settled {
		return nil
	}
	if ok, err := exists(ctx, r.store, schemas.DuplicatesObject(r.ID)); err != nil || ok {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(lookups)
	for _, t := range r.embedTasks() {
		g.Go(func() error {
			var ptr schemas.Pointer
			err := getJSON(gctx, r.store, r.embedOutput(t), &ptr)
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err == nil && ptr.Transient() > 0 {
				return r.store.Delete(gctx, r.embedOutput(t))
			}
			return err
		})
	}
	return g.Wait()
}
