package program

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// hintError is an error with advice for whoever typed the command.
type hintError struct {
	err  error
	hint string
}

func (e *hintError) Unwrap() error { return e.err }

// Hint returns the advice, after that which the error has already.
func (e *hintError) Hint() string {
	if before := Hint(e.err); before != "" {
		return before + ", " + e.hint
	}
	return e.hint
}

// Error is the error's text, then the advice: after a semicolon, or after a comma
// where the error has advice already.
func (e *hintError) Error() string {
	if Hint(e.err) != "" {
		return e.err.Error() + ", " + e.hint
	}
	return e.err.Error() + "; " + e.hint
}

// WithHint returns err with advice on what to do next, which its text ends with; nil
// for nil. Commands give advice that names flags, for they alone know them; packages
// below them return facts.
func WithHint(err error, hint string) error {
	if err == nil {
		return nil
	}
	return &hintError{err, hint}
}

// Hint returns the advice that an error ends with: what WithHint gave, the innermost
// first, or what the Hint method of an error below it returns; "" where there is none.
func Hint(err error) string {
	var h interface{ Hint() string }
	if !errors.As(err, &h) {
		return ""
	}
	return h.Hint()
}

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
// are of use in a log, not to somebody at a terminal, who is given nothing that commands it. Errors that errors.Join joined
// stand one after the other.
func Text(err error) string {
	if all := joined(err); all != nil {
		texts := make([]string, len(all))
		for i, e := range all {
			texts[i] = Text(e)
		}
		return strings.Join(texts, "; then ")
	}
	return schemas.Printable(strings.Join(strings.Fields(origin.Text(err)), " "))
}

// joined returns the errors that err is the errors.Join of; nil: it is of none.
func joined(err error) []error {
	j, ok := err.(interface{ Unwrap() []error }) //nolint:errorlint // err itself, not what it wraps
	if !ok || err.Error() != errors.Join(j.Unwrap()...).Error() {
		return nil
	}
	return j.Unwrap()
}
