package program

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/facesieve/facesieve/internal/origin"
)

func TestLine(t *testing.T) {
	missing := origin.Errorf("store", "get x: %w", fs.ErrNotExist)
	for _, c := range []struct {
		err  error
		line string
		code int
	}{
		{missing, "coordinator: get x: file does not exist", ExitError},
		{fmt.Errorf("two\nlines: %w", missing), "coordinator: two lines: get x: file does not exist",
			ExitError},
		{WithHint(missing, "make it"), "coordinator: get x: file does not exist; make it", ExitError},
		{WithHint(fmt.Errorf("copy: %w", WithHint(missing, "make it")), "or leave it"),
			"coordinator: copy: get x: file does not exist; make it, or leave it", ExitError},
		{WithHint(fmt.Errorf("open: %w", below{missing}), "or leave it"),
			"coordinator: open: get x: file does not exist; make it, or leave it", ExitError},
		{Usagef("--drop %d: give less", 2), "coordinator: --drop 2: give less; see bin/coordinator run --help", ExitUsage},
		{errors.Join(WithExit(errors.New("3 tasks failed"), ExitFailed), missing),
			"coordinator: 3 tasks failed; then get x: file does not exist", ExitFailed},
		{fmt.Errorf("embed: %w", ErrInterrupted), "coordinator: interrupted; go on", ExitInterrupted},
		{WithExit(context.Canceled, ExitInterrupted), "coordinator: interrupted; go on", ExitInterrupted},
	} {
		m := Messages{Program: "coordinator", Help: "bin/coordinator run", Interrupted: "go on"}
		if line, code := m.Line(c.err); line != c.line || code != c.code {
			t.Errorf("%q, exit %d; want %q, exit %d", line, code, c.line, c.code)
		}
		if !errors.Is(WithHint(c.err, "x"), c.err) || !errors.Is(WithExit(c.err, 1), c.err) {
			t.Errorf("%v is not found in what wraps it", c.err)
		}
	}
	m := Messages{Program: "coordinator", JSON: true}
	if line, _ := m.Line(missing); line != `{"event":"error","text":"get x: file does not exist","exit":1}` {
		t.Error(line)
	}
}

// below is an error of a library with advice of its own.
type below struct{ error }

func (b below) Unwrap() error { return b.error }
func (b below) Error() string { return b.error.Error() + "; " + b.Hint() }
func (below) Hint() string    { return "make it" }

// What is done with an error is done with none, too.
func TestNoError(t *testing.T) {
	if WithHint(nil, "x") != nil || WithExit(nil, 1) != nil || Usage(nil) != nil ||
		ExitCode(nil) != ExitDone || Hint(nil) != "" {
		t.Error("no error became one")
	}
}

// Joined errors are told apart.
func TestJoinedErrors(t *testing.T) {
	first := WithHint(origin.Errorf("run", "2 tasks were given up"), "the same command tries again")
	err := errors.Join(WithExit(first, ExitFailed), origin.Errorf("report", "copy to /full: no space"))
	want := "2 tasks were given up; the same command tries again; then copy to /full: no space"
	if got := Text(err); got != want {
		t.Errorf("%q; want %q", got, want)
	}
	both := fmt.Errorf("%w and %w", errors.New("one"), errors.New("two"))
	if got := Text(both); got != "one and two" {
		t.Errorf("%q", got)
	}
}
