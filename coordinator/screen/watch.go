package screen

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/schemas"
)

const (
	watchBar     = 20 // columns of a stage's bar
	mostWorkers  = 40 // that are shown
	mostTroubles = 5  // that are shown
)

// Quiet is the time without a sign of a worker from which that is said.
const Quiet = 10 * time.Second

// WatchText returns a run as it stands, for a screen of so many columns.
func WatchText(l *admin.Look, width int) string {
	w := &watchText{look: l, width: width}
	w.b.WriteString(Wrap("run "+string(l.Run)+" "+watchState(l), "", width))
	if l.State == admin.StateBroken {
		return w.b.String()
	}
	about := Plural(l.Images, "image") + " of " + Plural(l.Identities, "identity")
	if l.References > 0 {
		about += ", and " + Plural(l.References, "image") + " of references"
	}
	w.line("%s", about)
	w.line("")
	for _, s := range l.Stages {
		w.stage(s)
	}
	w.workers()
	w.troubles()
	if l.Next != "" {
		w.line("")
		w.b.WriteString(Wrap("next: "+l.Next, "", width))
	}
	if l.Report != "" {
		w.line("")
		w.line("%s", l.Report)
	}
	return w.b.String()
}

// watchState is how a run stands, in a few words.
func watchState(l *admin.Look) string {
	switch {
	case l.State == admin.StateBroken:
		return "has no plan yet: its coordinator lists the images"
	case l.State == admin.StateDone:
		return "is done"
	case l.State == admin.StateCancelled:
		return "was cancelled"
	case l.State == admin.StateFailed:
		return "has ended, with " + Plural(l.GivenUp, "task") + " given up"
	case l.Stage == "":
		return "is at work"
	}
	return "is at work: " + watchVerb(l.Stage)
}

func watchVerb(s schemas.Stage) string {
	if v := stageVerbs[s]; v != "" {
		return v
	}
	return string(s)
}

// watchText is the text of a look on its way.
type watchText struct {
	look  *admin.Look
	width int
	b     strings.Builder
}

// line writes a line, cut where the screen ends.
func (w *watchText) line(format string, args ...any) {
	text := strings.TrimRight(fmt.Sprintf(format, args...), " ")
	if utf8.RuneCountInString(text) > w.width {
		text = string([]rune(text)[:w.width-1]) + "…"
	}
	w.b.WriteString(text + "\n")
}

// stage writes how far a stage is.
func (w *watchText) stage(s admin.StageLook) {
	verb := fmt.Sprintf("  %-*s", verbWidth+1, watchVerb(s.Stage))
	failed := ""
	if s.Failed > 0 {
		failed = fmt.Sprintf("  %s given up", Count(s.Failed))
	}
	switch {
	case s.Done == s.Tasks:
		w.line("%sdone", verb)
	case s.Stage != w.look.Stage && s.Done+s.Failed == 0:
		w.line("%swaits", verb)
	case s.Stage != w.look.Stage:
		w.line("%s%s of %s%s", verb, Count(s.Done), Plural(s.Tasks, "task"), failed)
	case whole(s):
		w.line("%sat work", verb)
	default:
		full := watchBar * s.Done / s.Tasks
		w.line("%s%s  %3d %%  %s of %s%s", verb, strings.Repeat("━", full)+strings.Repeat("╌", watchBar-full),
			100*s.Done/s.Tasks, Count(s.Done), Plural(s.Tasks, "task"), failed)
		if words := w.progress(s); len(words) > 0 {
			w.line("%*s%s", utf8.RuneCountInString(verb), "", strings.Join(words, ", "))
		}
	}
}

// whole says whether a stage is one task, of which nobody knows how far it is.
func whole(s admin.StageLook) bool {
	return s.Tasks == 1 && (s.Images == 0 || s.Stage == schemas.StageAggregate ||
		s.Stage == schemas.StageNearDuplicates || s.Stage == schemas.StageCalibrate ||
		s.Stage == schemas.StageReport)
}

// progress are the words about the images of the stage at work.
func (w *watchText) progress(s admin.StageLook) (parts []string) {
	if s.Images > 0 {
		parts = append(parts, Count(s.ImagesDone)+" of "+Plural(s.Images, "image"))
	}
	if w.look.Rate > 0 {
		parts = append(parts, significant(w.look.Rate)+"/s")
	}
	if w.look.Left > 0 {
		parts = append(parts, duration(time.Duration(w.look.Left*float64(time.Second)))+" left")
	}
	return parts
}

// workers writes a line for each worker.
func (w *watchText) workers() {
	if len(w.look.Workers) == 0 || w.look.Ended() {
		return
	}
	longest := len("worker")
	for _, one := range w.look.Workers {
		longest = max(longest, utf8.RuneCountInString(one.Worker))
	}
	longest = min(longest, 28)
	w.line("")
	const columns = "  %-*s  %7s  %-26s  %-14s  %-8s  %-8s  %s"
	w.line(columns, longest, "worker", "rate", "at work on", "last sign", "device", "kind", "tasks done")
	for i, one := range w.look.Workers {
		if i == mostWorkers {
			w.line("  and %s", Plural(len(w.look.Workers)-i, "worker"))
			break
		}
		rate := "-"
		if one.Rate > 0 {
			rate = significant(one.Rate) + "/s"
		}
		w.line(columns, longest, cutTo(one.Worker, longest), rate, cutTo(watchTasks(one.Tasks), 26),
			lastSign(w.look.At.Sub(one.Seen)), cutTo(one.Device, 8), cutTo(string(one.NumericKind), 8), Count(one.Done))
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
		w.b.WriteString(Wrap(TroubleText(t), "  ", w.width))
	}
}

// TroubleText returns in a sentence what a task failed with, and what becomes of it.
func TroubleText(t admin.TaskTrouble) string {
	what := "failed " + Plural(t.Failures, "time") + " and is tried again"
	if t.GivenUp {
		what = "was given up"
	}
	return fmt.Sprintf("%s %s: %s (worker %s)", taskWords(t.Task), what, strings.Join(strings.Fields(t.Error), " "), t.Worker)
}

// cutTo returns at most n columns of a text.
func cutTo(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n-1]) + "…"
}

// WatchLine returns how a run stands in one line, for a file.
func WatchLine(l *admin.Look) string {
	text := "the run " + watchState(l)
	for _, s := range l.Stages {
		if s.Stage != l.Stage {
			continue
		}
		if whole(s) {
			text = fmt.Sprintf("%-*s at work", verbWidth, watchVerb(s.Stage))
			break
		}
		text = fmt.Sprintf("%-*s %s of %s", verbWidth, watchVerb(s.Stage), Count(s.Done), Plural(s.Tasks, "task"))
		if s.Images > 0 {
			text += ", " + Count(s.ImagesDone) + " of " + Plural(s.Images, "image")
		}
		if s.Failed > 0 {
			text += fmt.Sprintf(", %s given up", Count(s.Failed))
		}
		if l.Rate > 0 {
			text += ", " + significant(l.Rate) + "/s"
		}
		if l.Left > 0 {
			text += ", " + duration(time.Duration(l.Left*float64(time.Second))) + " left"
		}
	}
	if len(l.Workers) > 0 && !l.Ended() {
		text += ", " + Plural(len(l.Workers), "worker")
	}
	return text
}
