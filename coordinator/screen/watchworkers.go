package screen

import (
	"fmt"
	"strings"
	"time"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/schemas"
)

const (
	mostWorkers  = 40 // that are shown
	mostTroubles = 5  // that are shown
)

// Quiet is the time without a sign of a worker from which that is said.
const Quiet = 10 * time.Second

// workers writes a line for each worker.
func (w *watchText) workers() {
	if len(w.look.Workers) == 0 || w.look.Ended() {
		return
	}
	longest := len("worker")
	for _, one := range w.look.Workers {
		longest = max(longest, columns(schemas.EscapePath(one.Worker)))
	}
	longest = min(longest, 28)
	w.line("")
	row := func(name, rate, task, seen, device, kind, done string) {
		w.line("  %s  %7s  %s  %s  %s  %s  %s", Cell(name, longest), rate, Cell(task, 26), Cell(seen, 14), Cell(device, 8),
			Cell(kind, 8), done)
	}
	row("worker", "rate", "at work on", "last sign", "device", "kind", "tasks done")
	for i, one := range w.look.Workers {
		if i == mostWorkers {
			w.line("  and %s", Plural(len(w.look.Workers)-i, "worker"))
			break
		}
		rate := "-"
		if one.Rate > 0 {
			rate = significant(one.Rate) + "/s"
		}
		row(one.Worker, rate, watchTasks(one.Tasks), lastSign(w.look.At.Sub(one.Seen)), one.Device, string(one.NumericKind),
			Count(one.Done))
	}
}

func lastSign(ago time.Duration) string {
	if ago < Quiet {
		return "now"
	}
	return age(ago) + " ago"
}

// watchTasks are the tasks of a worker in a few words.
func watchTasks(tasks []admin.TaskLook) string {
	if len(tasks) == 0 {
		return "waits for a task"
	}
	first := tasks[0]
	if first.Over {
		return taskWords(first.Task) + ", done"
	}
	text := taskWords(first.Task) + ", " + duration(time.Duration(first.Seconds*float64(time.Second)))
	if len(tasks) > 1 {
		text += fmt.Sprintf(", +%d", len(tasks)-1)
	}
	return text
}

// taskWords names a task: "embed 12", "embed ref-lfw 0".
func taskWords(name string) string {
	t, err := schemas.ParseTaskName("", name)
	switch {
	case err != nil:
		return name
	case t.Stage == schemas.StageNumericKind:
		return "opens the engine"
	}
	text := string(t.Stage)
	if t.Source != schemas.Set {
		text += " " + t.Source.Token()
	}
	text += fmt.Sprintf(" %d", t.Shard)
	if t.Part > 0 {
		text += fmt.Sprintf(".%d", t.Part)
	}
	return text
}

// troubles writes what failed, and what becomes of it.
func (w *watchText) troubles() {
	for i, t := range w.look.Trouble {
		if i == 0 {
			w.line("")
		}
		if i == mostTroubles {
			w.line("  and %s that failed", Plural(len(w.look.Trouble)-i, "task"))
			break
		}
		w.wrap(TroubleText(t), "  ")
	}
}

// TroubleText returns in a sentence what a task failed with, and what becomes of it.
func TroubleText(t admin.TaskTrouble) string {
	what := "failed " + Plural(t.Failures, "time") + " and is tried again"
	if t.GivenUp {
		what = "was given up"
	}
	text := fmt.Sprintf("%s %s: %s (worker %s)", taskWords(t.Task), what, t.Error, t.Worker)
	return strings.Join(strings.Fields(text), " ")
}
