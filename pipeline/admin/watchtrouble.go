package admin

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/facesieve/facesieve/schemas"
)

// mostTrouble is how many failed tasks have their errors read.
const mostTrouble = 20

// TaskTrouble is a task that failed and is tried again, or is given up.
type TaskTrouble struct {
	Task     string `json:"task"`
	Worker   string `json:"worker"`
	Error    string `json:"error"`
	Failures int    `json:"failures"`
	GivenUp  bool   `json:"given_up,omitempty"`

	at time.Time
}

// trouble tells of the tasks that failed and are not done.
func (w *Watch) trouble(ctx context.Context, l *Look, seen *sighting) error {
	for task, object := range seen.failed {
		l.Trouble = append(l.Trouble, TaskTrouble{Task: task, Failures: seen.attempts[task].n, GivenUp: true, at: seen.at[object]})
	}
	for task, a := range seen.attempts {
		if seen.failed[task] == "" && seen.done[task].IsZero() && !l.Ended() {
			l.Trouble = append(l.Trouble, TaskTrouble{Task: task, Failures: a.n, at: seen.at[a.last]})
		}
	}
	slices.SortFunc(l.Trouble, func(a, b TaskTrouble) int {
		if c := b.at.Compare(a.at); c != 0 {
			return c
		}
		return strings.Compare(a.Task, b.Task)
	})
	l.Trouble = l.Trouble[:min(len(l.Trouble), mostTrouble)]
	objects := make([]string, len(l.Trouble))
	for i, t := range l.Trouble {
		if objects[i] = seen.attempts[t.Task].last; t.GivenUp {
			objects[i] = seen.failed[t.Task]
		}
	}
	if w.records == nil {
		w.records = map[string]schemas.Attempt{}
	}
	if err := read(ctx, w.Store, slices.Clone(objects), w.records); err != nil {
		return err
	}
	for i := range l.Trouble {
		a := w.records[objects[i]]
		l.Trouble[i].Worker, l.Trouble[i].Error = a.Worker, a.Error
	}
	return nil
}
