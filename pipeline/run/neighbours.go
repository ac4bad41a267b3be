package run

import (
	"context"

	"github.com/facesieve/facesieve/schemas"
)

// neighbours does one task for each group of lists, and then removes the entries that
// the groups were made of: together they are several times as large as the vectors. A
// task that is given up ends the run, since every shard needs every group.
func (e *execution) neighbours(ctx context.Context) error {
	tasks, images, err := e.groupTasks(ctx)
	if err != nil {
		return err
	}
	s := settling{execution: e, stage: schemas.StageNeighbours, output: schemas.Task.Output,
		images: func(t schemas.Task) int { return images[t.Shard] }}
	failed, err := s.settle(ctx, tasks)
	if err != nil {
		return err
	}
	if len(failed) > 0 {
		return e.whyFailed(ctx, failed[:1])
	}
	var names []string
	for info, err := range e.run.Store.List(ctx, schemas.EntriesFolder(e.run.ID)) {
		if err != nil {
			return err
		}
		names = append(names, info.Name)
	}
	return e.remove(ctx, names)
}

// groupTasks returns a task for each group of lists, and the images of each group's
// identities.
func (e *execution) groupTasks(ctx context.Context) (tasks []schemas.Task, images []int, err error) {
	all, err := e.run.Identities(ctx)
	if err != nil {
		return nil, nil, err
	}
	set := all[schemas.Set]
	groups := e.run.Groups(set)
	for g := range len(groups) - 1 {
		n := 0
		for _, c := range set.Rows[groups[g]:groups[g+1]] {
			n += int(c.Images)
		}
		images = append(images, n)
		tasks = append(tasks, schemas.Task{Run: e.run.ID, Stage: schemas.StageNeighbours, Shard: g})
	}
	return tasks, images, nil
}
