// Package program holds what the programs share at their edges: exit codes, errors
// with advice for whoever typed the command, a first and a second interrupt, and the log.
package program

import (
	"errors"
	"fmt"
)

// The exit codes. A Go program that panics or runs out of memory ends with 2, which is
// none of them.
const (
	ExitDone        = 0
	ExitError       = 1
	ExitFailed      = 3  // finished, with shards given up
	ExitUsage       = 64 // EX_USAGE of sysexits.h
	ExitInterrupted = 130
)

// exitError is an error with the exit code that it means.
type exitError struct {
	error
	code int
}

func (e *exitError) Unwrap() error { return e.error }

// WithExit returns err with the exit code that a program ends with for it; nil for
// nil. The outermost code counts.
func WithExit(err error, code int) error {
	if err == nil {
		return nil
	}
	return &exitError{err, code}
}

// Usage returns err as one about flags and arguments: exit code ExitUsage.
func Usage(err error) error { return WithExit(err, ExitUsage) }

// Usagef returns an error about flags and arguments: exit code ExitUsage.
func Usagef(format string, args ...any) error { return Usage(fmt.Errorf(format, args...)) }

// ExitCode returns the code that a program ends with for err: ExitDone for nil,
// ExitInterrupted for what an interrupt ended, the code that WithExit gave, else
// ExitError.
func ExitCode(err error) int {
	var coded *exitError
	switch {
	case err == nil:
		return ExitDone
	case errors.As(err, &coded):
		return coded.code
	case errors.Is(err, ErrInterrupted):
		return ExitInterrupted
	}
	return ExitError
}
