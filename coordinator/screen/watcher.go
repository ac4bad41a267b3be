package screen

import (
	"fmt"
	"io"
	"strings"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/schemas"
)

// Watcher shows how a run stands, look after look.
type Watcher struct {
	W    io.Writer
	JSON bool // a JSON object for each look
	// Size returns the columns and lines of a terminal, whose screen is drawn again at
	// each look. Nil: W is none, and gets a line for each change.
	Size func() (columns, lines int)

	drawn int             // lines of the last look on the terminal
	last  string          // line
	told  map[string]bool // troubles and advice that were told
}

// Show shows one look.
func (w *Watcher) Show(l *admin.Look) error {
	p := Printer{W: w.W}
	switch {
	case w.JSON:
		return p.Value(l)
	case w.Size != nil:
		return w.draw(l)
	}
	return w.lines(&p, l)
}

// draw draws the screen again. A look that has more lines than the terminal is cut,
// unless it is the last.
func (w *Watcher) draw(l *admin.Look) error {
	width, lines := w.Size()
	if width <= 0 { // some terminals do not know it
		width = Width
	}
	text := schemas.Printable(WatchText(l, width))
	all := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	if lines > 2 && len(all) >= lines && !l.Ended() {
		all = append(all[:lines-2], "…")
	}
	up := ""
	if w.drawn > 0 {
		up = fmt.Sprintf("\x1b[%dA", w.drawn)
	}
	w.drawn = len(all)
	// To the first line, and everything below it goes.
	_, err := fmt.Fprintf(w.W, "%s\r\x1b[J%s\n", up, strings.Join(all, ""))
	return err
}

// lines writes a line for each change.
func (w *Watcher) lines(p *Printer, l *admin.Look) error {
	if w.told == nil {
		w.told = map[string]bool{}
	}
	var all []string
	if line := WatchLine(l); changed(line) != changed(w.last) {
		all, w.last = append(all, line), line
	}
	for _, t := range l.Trouble {
		if key := fmt.Sprint(t.Task, t.Failures, t.GivenUp); !w.told[key] {
			w.told[key] = true
			all = append(all, TroubleText(t))
		}
	}
	if l.Next != "" && !w.told[l.Next] {
		w.told[l.Next] = true
		all = append(all, "next: "+l.Next)
	}
	if l.Report != "" && l.Ended() {
		all = append(all, l.Report)
	}
	for _, line := range all {
		if err := p.Text("%s\n", line); err != nil {
			return err
		}
	}
	return nil
}

// changed is what of a line has to change for it to be written again: rates and times
// always do.
func changed(line string) string {
	parts := strings.Split(line, ", ")
	kept := parts[:0]
	for _, part := range parts {
		if !strings.HasSuffix(part, "/s") && !strings.HasSuffix(part, " left") {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, ", ")
}
