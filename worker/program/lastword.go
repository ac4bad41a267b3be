package program

import (
	"fmt"
	"io"
	"os"
	"sync"
	"unicode/utf8"

	"github.com/spf13/pflag"
)

// mostLastWord is what Kubernetes keeps of a container's termination message.
const mostLastWord = 4096

// LastWord is a file that a program writes when it ends: what it leaves, or what ended it
// and what to do next.
type LastWord struct {
	path string
	once sync.Once
}

// AddFlags defines the flag.
func (w *LastWord) AddFlags(f *pflag.FlagSet) {
	f.StringVar(&w.path, "termination-log", "",
		"write into this file what is left in the end: the report's place, or the error with the next step")
}

// Write writes text, where a file is named: at most its first 4,096 bytes, whole characters.
// A file that can't be written is a warning on stderr, and no failure of what was done. Only
// the first word counts: an exit that is forced may come while a program ends by itself.
func (w *LastWord) Write(program, text string, stderr io.Writer) {
	if w.path == "" {
		return
	}
	w.once.Do(func() {
		if err := os.WriteFile(w.path, []byte(cut(text, mostLastWord)), 0o644); err != nil {
			_, _ = fmt.Fprintf(stderr, "%s: warning: --termination-log: %v\n", program, err) // there is nowhere else to say it
		}
	})
}

// WriteForced has the word of an interrupt written before an exit that i forces.
func (w *LastWord) WriteForced(i *Interrupts, m Messages, stderr io.Writer) {
	line, _ := m.Line(ErrInterrupted)
	i.BeforeExit(func() { w.Write(m.Program, line, stderr) })
}

// cut returns the longest beginning of text that has at most so many bytes and ends with a
// whole character.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}
