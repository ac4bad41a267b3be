package command

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/schemas"
)

// goneAfter is the time after which a worker that gave no sign is left out.
const goneAfter = time.Minute

// told is what a worker has told last, and when.
type told struct {
	state queue.WorkerState
	at    time.Time
}

// listen keeps what workers tell.
func (w *watching) listen(ctx context.Context, s *session) {
	err := w.conn.States(ctx, w.watch.Run, func(state queue.WorkerState) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.states == nil {
			w.states = map[string]told{}
		}
		w.states[state.Worker] = told{state, time.Now()}
	})
	if err != nil {
		s.console.log.Warn(err.Error()) // the store still tells of the run
	}
}

// addWorkers adds what workers have told.
func (w *watching) addWorkers(l *admin.Look) {
	w.mu.Lock()
	defer w.mu.Unlock()
	rate := 0.
	for name, t := range w.states {
		if t.state.Left || l.At.Sub(t.at) > goneAfter {
			delete(w.states, name)
			continue
		}
		one := admin.WorkerLook{Worker: name, Host: t.state.Host, Device: t.state.Device, Engine: t.state.Engine,
			NumericKind: t.state.NumericKind, Rate: t.state.Rate, Done: t.state.Done, Failed: t.state.Failed, Seen: t.at,
			Tasks: []admin.TaskLook{}}
		for _, task := range t.state.Tasks {
			one.Tasks = append(one.Tasks, admin.TaskLook{Task: task.Task, Attempt: task.Attempt, Seconds: task.Seconds})
		}
		if l.At.Sub(t.at) > screen.Quiet {
			one.Rate = 0 // what it was is no longer known to be
		}
		l.Workers = append(l.Workers, one)
		rate += one.Rate
	}
	slices.SortFunc(l.Workers, func(a, b admin.WorkerLook) int { return strings.Compare(a.Worker, b.Worker) })
	if l.Stage != schemas.StageEmbed || rate == 0 {
		return // of other stages workers count whole tasks, as the store does
	}
	for _, s := range l.Stages {
		if s.Stage == l.Stage {
			l.Rate, l.Left = rate, float64(s.Images-s.ImagesDone)/rate
		}
	}
}
