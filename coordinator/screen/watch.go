package screen

import (
	"fmt"
	"strings"
	"time"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/schemas"
)

// watchBar is the columns of a stage's bar.
const watchBar = 20

// WatchText returns a run as it stands, for a screen of so many columns. No line of it is
// longer, but for the place of a report.
func WatchText(l *admin.Look, width int) string {
	w := &watchText{look: l, width: width}
	w.wrap("run "+string(l.Run)+" "+watchState(l), "")
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
		w.wrap("next: "+l.Next, "")
	}
	if l.Report != "" {
		w.line("")
		w.b.WriteString(l.Report + "\n") // whole: nothing is drawn after the last look
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
	text := strings.TrimRight(schemas.Printable(fmt.Sprintf(format, args...)), " ")
	w.b.WriteString(cutTo(text, w.width) + "\n")
}

// wrap writes text in as many lines as it takes. A word that is longer than one is broken.
func (w *watchText) wrap(text, indent string) {
	if w.width < 8 {
		indent = ""
	}
	var words []string
	for _, word := range strings.Fields(schemas.Printable(text)) {
		words = append(words, breakAt(word, max(2, w.width-len(indent)))...)
	}
	for line := range strings.Lines(Wrap(strings.Join(words, " "), indent, w.width)) {
		w.b.WriteString(cutTo(strings.TrimSuffix(line, "\n"), w.width) + "\n")
	}
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
			w.line("%*s%s", columns(verb), "", strings.Join(words, ", "))
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
