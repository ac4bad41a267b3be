package run

import (
	"context"
	"errors"
	"io/fs"
	"sort"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/schemas"
)

// writeTiming adds this start's cost to timing.json.
func (e *execution) writeTiming(ctx context.Context) error {
	file := schemas.Timing{}
	if err := e.run.GetJSON(ctx, schemas.TimingObject(e.run.ID), &file); err != nil &&
		!errors.Is(err, fs.ErrNotExist) {
		e.coordinator.Log.Warn("timing.json is damaged and begins anew", zap.Error(err))
		file = schemas.Timing{}
	}
	tasks, err := e.taskTimings(ctx)
	if err != nil {
		return err
	}
	failed := map[schemas.Stage]int{}
	for _, f := range e.failures {
		if t, err := schemas.ParseTaskName(e.run.ID, f.Task); err == nil {
			failed[t.Stage]++
		}
	}
	e.clock.timing(&file, tasks, failed, time.Now())
	file.NumericKind = e.run.NumericKind
	data, err := schemas.Marshal(file)
	if err != nil {
		return err
	}
	return e.run.Store.Replace(ctx, schemas.TimingObject(e.run.ID), data)
}

// taskTimings reads what every task cost, by name.
func (e *execution) taskTimings(ctx context.Context) ([]schemas.TaskTiming, error) {
	var names []string
	for info, err := range e.run.Store.List(ctx, schemas.TaskTimingsFolder(e.run.ID)) {
		if err != nil {
			return nil, err
		}
		names = append(names, info.Name)
	}
	tasks := make([]schemas.TaskTiming, len(names))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(lookups)
	for i, name := range names {
		g.Go(func() error { return e.run.GetJSON(gctx, name, &tasks[i]) })
	}
	return tasks, g.Wait()
}

// timing adds what this start cost to a file of earlier starts.
func (c *clock) timing(
	file *schemas.Timing, tasks []schemas.TaskTiming, failed map[schemas.Stage]int, now time.Time,
) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if file.Starts == 0 {
		file.Started = c.start.UTC().Format(time.RFC3339)
	}
	file.Starts++
	file.Finished = now.UTC().Format(time.RFC3339)
	file.Seconds += now.Sub(c.start).Seconds()
	if file.Stages == nil {
		file.Stages = map[schemas.Stage]*schemas.StageTiming{}
	}
	for stage, s := range c.stages {
		st := file.Stages[stage]
		if st == nil {
			st = &schemas.StageTiming{}
			file.Stages[stage] = st
		}
		st.Tasks, st.Reused, st.Images, st.Run = s.progress.Tasks, s.progress.TasksReused, s.progress.Images, 0
		st.Seconds += s.seconds
		st.Cost = schemas.Cost{}
	}
	file.Tasks = tasks
	for stage, st := range file.Stages {
		st.Failed = failed[stage]
	}
	workers := map[string]*schemas.WorkerTiming{}
	for _, t := range tasks {
		parsed, err := schemas.ParseTaskName("", t.Task)
		if err != nil {
			continue
		}
		w := workers[t.Worker]
		if w == nil {
			w = &schemas.WorkerTiming{ID: t.Worker, Host: t.Host, Device: t.Device,
				NumericKind: t.NumericKind, Tasks: map[schemas.Stage]int{}}
			workers[t.Worker] = w
		}
		w.Tasks[parsed.Stage]++
		w.Images += t.Images
		w.Seconds += t.Seconds
		if st := file.Stages[parsed.Stage]; st != nil {
			if !t.Reused {
				st.Run++
			}
			st.Add(t.Cost)
		}
	}
	file.Workers = file.Workers[:0]
	for _, w := range workers {
		file.Workers = append(file.Workers, *w)
	}
	sort.Slice(file.Workers, func(i, j int) bool { return file.Workers[i].ID < file.Workers[j].ID })
}
