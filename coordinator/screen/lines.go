package screen

import (
	"fmt"
	"io"
	"time"

	"github.com/facesieve/facesieve/schemas"
)

// lineForm writes lines: for pipes and log files.
type lineForm struct {
	w    io.Writer
	last time.Time
}

func (f *lineForm) begin(a *activity) { f.last = a.at }

func (f *lineForm) tick(a *activity) {
	if a.at.Sub(f.last) < linePause {
		return
	}
	f.last = a.at
	text := a.amount(a.done())
	if a.told.Images > 0 {
		text += " of " + a.amount(a.told.Images)
	}
	if a.noun == nounImages {
		text += " images"
	}
	for _, more := range []string{a.speed(), leftText(a)} {
		if more != "" {
			text += ", " + more
		}
	}
	f.say(fmt.Sprintf("%-*s %s", verbWidth, a.verb(), text))
}

func (f *lineForm) end(a *activity) {
	if a.shown() {
		f.say(fmt.Sprintf("%-*s %s", verbWidth, a.verb(), a.result()))
	}
}

// A reader of stderr that is gone is no reason to stop.
func (f *lineForm) say(text string) { _, _ = fmt.Fprintln(f.w, schemas.Printable(text)) }

func (f *lineForm) Write(b []byte) (int, error) { return f.w.Write(b) }

func (f *lineForm) close() {}
