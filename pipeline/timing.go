package pipeline

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
func (r *run) writeTiming(ctx context.Context) error {
	file := schemas.Timing{}
	if err := getJSON(ctx, r.store, schemas.TimingObject(r.ID), &file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.c.Log.Warn("timing.json is damaged and begins anew", zap.Error(err))
		file = schemas.Timing{}
	}
	tasks, err := r.taskTimings(ctx)
	if err != nil {
		return err
	}
	failed := map[schemas.Stage]int{}
	for _, f := range r.failures {
		if t, err := schemas.ParseTaskName(r.ID, f.Task); err == nil {
			failed[t.Stage]++
		}
	}
	r.progress.timing(&file, tasks, failed, time.Now())
	file.NumericKind = r.kind
	data, err := schemas.Marshal(file)
	if err != nil {
		return err
	}
	return r.store.Replace(ctx, schemas.TimingObject(r.ID), data)
}

// taskTimings reads what every task cost, by name.
func (r *run) taskTimings(ctx context.Context) ([]schemas.TaskTiming, error) {
	var names []string
	for info, err := range r.store.List(ctx, schemas.TaskTimingsFolder(r.ID)) {
		if err != nil {
			return nil, err
		}
		names = append(names, info.Name)
	}
	tasks := make([]schemas.TaskTiming, len(names))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(lookups)
	for i, name := range names {
		g.Go(func() error { return getJSON(gctx, r.store, name, &tasks[i]) })
	}
	return tasks, g.Wait()
}

// timing adds what this start cost to a file of earlier starts.
func (p *progress) timing(file *schemas.Timing, tasks []schemas.TaskTiming, failed map[schemas.Stage]int, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if file.Starts == 0 {
		file.Started = p.start.UTC().Format(time.RFC3339)
	}
	file.Starts++
	file.Finished = now.UTC().Format(time.RFC3339)
	file.Seconds += now.Sub(p.start).Seconds()
	if file.Stages == nil {
		file.Stages = map[schemas.Stage]*schemas.StageTiming{}
	}
	for stage, c := range p.stage {
		st := file.Stages[stage]
		if st == nil {
			st = &schemas.StageTiming{}
			file.Stages[stage] = st
		}
		st.Tasks, st.Reused, st.Images, st.Run = c.Tasks, c.TasksReused, c.Images, 0
		st.Seconds += c.seconds
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
			w = &schemas.WorkerTiming{ID: t.Worker, Host: t.Host, Device: t.Device, NumericKind: t.NumericKind, Tasks: map[schemas.Stage]int{}}
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
