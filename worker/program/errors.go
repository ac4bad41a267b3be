package program

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/internal/origin"
)

// hintError is an error with advice for whoever typed the command.
type hintError struct {
	err  error
	hint string
}

func (e *hintError) Unwrap() error { return e.err }

// Error is the error's text, then the advice: after a semicolon, or after a comma
// where the error has advice already.
func (e *hintError) Error() string {
	if Hint(e.err) != "" {
		return e.err.Error() + ", " + e.hint
	}
	return e.err.Error() + "; " + e.hint
}

// WithHint returns err with advice on what to do next, which its text ends with; nil
// for nil. Commands give advice, for they alone know their flags; packages below
// them return facts.
func WithHint(err error, hint string) error {
	if err == nil {
		return nil
	}
	return &hintError{err, hint}
}

// Hint returns the advice that WithHint gave, the innermost first; "" where there is
// none.
func Hint(err error) string {
	var h *hintError
	if !errors.As(err, &h) {
		return ""
	}
	if before := Hint(h.err); before != "" {
		return before + ", " + h.hint
	}
	return h.hint
}

// Advised says whether an error's text says already what to do next: by WithHint, or
// by what a package below the commands says after a semicolon.
func Advised(err error) bool { return Hint(err) != "" || strings.Contains(err.Error(), ";") }

// Messages say how a program tells of what ended it.
type Messages struct {
	Program     string // begins each line
	Help        string // the command whose --help says how it is called
	Interrupted string // what an interrupt leaves behind
	JSON        bool   // one JSON object; else text
}

// Line returns what is said of err in one line, and the program's exit code.
func (m Messages) Line(err error) (line string, code int) {
	code = ExitCode(err)
	text := Text(err)
	switch code {
	case ExitInterrupted:
		text = "interrupted; " + m.Interrupted
	case ExitUsage:
		text += "; see " + m.Help + " --help"
	}
	if m.JSON {
		line, err := json.Marshal(struct {
			Event string `json:"event"`
			Text  string `json:"text"`
			Exit  int    `json:"exit"`
		}{"error", text, code})
		if err == nil {
			return string(line), code
		}
	}
	return m.Program + ": " + text, code
}

// Text returns an error in one line without the packages that it comes from: they
// are of use in a log, not to somebody at a terminal.
func Text(err error) string {
	return withoutPrefixes(strings.Join(strings.Fields(origin.Text(err)), " "))
}

// prefixes are what packages begin their errors with that do not say so by an
// origin.Error yet.
var prefixes = []string{"pipeline", "store", "queue", "dataset", "schemas", "synth", "embed", "open", "model",
	"onnx", "gorgonia", "graph", "patch", "read", "invalid"}

func withoutPrefixes(text string) string {
	parts := strings.Split(text, ": ")
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool {
		return slices.Contains(prefixes,
			part)
	}), ": ")
}
