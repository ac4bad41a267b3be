// Package origin says which package an error comes from, for a log, in a way that a
// program can leave out for a person.
package origin

import (
	"fmt"
	"strings"
)

// Error is an error with the package that it comes from, before its text.
type Error struct {
	Origin string // the package, and perhaps what it was doing: "store", "embed: open"
	Err    error
}

// Error returns the origin and the error's text.
func (e *Error) Error() string { return e.Origin + ": " + e.Err.Error() }

// Unwrap returns the error without its origin.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an error that comes from a package. The format takes %w as that of
// fmt.Errorf does.
func Errorf(origin, format string, args ...any) error {
	return &Error{origin, fmt.Errorf(format, args...)}
}

// Text returns an error's text without the origins of the errors that it wraps. An
// error that wraps another by %w has the other's text in its own.
func Text(err error) string {
	if e, ok := err.(*Error); ok { //nolint:errorlint // each error of the tree is looked at by itself
		return Text(e.Err)
	}
	text := err.Error()
	for _, wrapped := range unwrap(err) {
		text = strings.Replace(text, wrapped.Error(), Text(wrapped), 1)
	}
	return text
}

// unwrap returns the errors that err wraps directly.
func unwrap(err error) []error {
	switch x := err.(type) { //nolint:errorlint // as errors.Is does
	case interface{ Unwrap() []error }:
		return x.Unwrap()
	case interface{ Unwrap() error }:
		if wrapped := x.Unwrap(); wrapped != nil {
			return []error{wrapped}
		}
	}
	return nil
}
