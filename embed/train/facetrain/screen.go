package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/facesieve/facesieve/embed/train"
)

// screen shows how far the work is: on a terminal one line that is written over,
// elsewhere a line every few seconds. Where it can't be written the work goes on.
type screen struct {
	to       io.Writer
	terminal bool
	width    int
	shown    time.Time
	open     bool // a line on the terminal is not ended yet
	bad      int
}

func newScreen(f *os.File) *screen {
	s := &screen{to: f, terminal: term.IsTerminal(int(f.Fd())), width: 100}
	if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 20 {
		s.width = w
	}
	return s
}

// Least time between two states of the work.
const (
	onTerminal = 200 * time.Millisecond
	inLog      = 15 * time.Second
)

// show writes a state of the work, unless the last is new.
func (s *screen) show(now time.Time, text func() string) {
	pause := inLog
	if s.terminal {
		pause = onTerminal
	}
	if now.Sub(s.shown) < pause {
		return
	}
	s.shown = now
	if !s.terminal {
		_, _ = fmt.Fprintln(s.to, text())
		return
	}
	line := []rune(text())
	line = line[:min(len(line), s.width-1)]
	_, _ = fmt.Fprintf(s.to, "\r%s\x1b[K", string(line))
	s.open = true
}

// end ends an open line.
func (s *screen) end() {
	if s.open {
		_, _ = fmt.Fprintln(s.to)
		s.open = false
	}
}

// line writes a line that stays.
func (s *screen) line(format string, values ...any) {
	if s.open {
		_, _ = fmt.Fprint(s.to, "\r\x1b[K")
		s.open = false
	}
	_, _ = fmt.Fprintf(s.to, format+"\n", values...)
}

// loading watches pictures being read.
func (s *screen) loading(what string) train.Watcher {
	s.bad = 0
	return train.Watcher{
		Progress: func(done, total int) {
			s.show(time.Now(), func() string { return fmt.Sprintf("reading %s: %d of %d", what, done, total) })
		},
		Bad: func(name string, err error) {
			if s.bad++; s.bad <= 20 {
				s.line("left out: %s: %v", name, err)
			}
		},
	}
}

// loaded ends loading.
func (s *screen) loaded() {
	s.end()
	if s.bad > 0 {
		s.line("left out in all: %d", s.bad)
	}
}

// step shows an optimizer step.
func (s *screen) step(p train.Progress) {
	now := time.Now()
	s.show(now, func() string {
		spent := now.Sub(p.Since)
		speed := float64(p.Done-p.Resumed) / spent.Seconds() // steps a second
		left := time.Duration(float64(p.Total-p.Done) / speed * float64(time.Second)).Round(time.Second)
		held := ""
		if p.Measured != nil {
			held = fmt.Sprintf("  held out %.2f %%", 100*p.Measured.Plain.Mean)
		}
		return fmt.Sprintf("%s epoch %d/%d  loss %.3f  correct %.1f %%%s  rate %.5f  %.0f pictures/s  %v left",
			bar(p.Done, p.Total), p.Epoch+1, p.Epochs, p.Loss, 100*p.Correct, held, p.Rate,
			speed*float64(p.Pictures), left)
	})
}

// epoch says what an epoch came to.
func (s *screen) epoch(p train.Point) {
	s.line("epoch %d: held out %v", p.Epoch+1, *p.Measured)
}

func bar(done, total int) string {
	const width = 20
	n := done * width / max(1, total)
	return "[" + strings.Repeat("=", n) + strings.Repeat(" ", width-n) + "]"
}
