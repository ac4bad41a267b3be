package store

import "fmt"

// hintError is an error of opening a store with the next step, which its text ends
// with. The step is about the store itself: a program adds what its flags are called.
type hintError struct {
	err  error
	hint string
}

func withHint(err error, format string, args ...any) error {
	return &hintError{err, fmt.Sprintf(format, args...)}
}

// Error returns the error's text, then the next step.
func (e *hintError) Error() string { return e.err.Error() + "; " + e.hint }

// Hint returns the next step.
func (e *hintError) Hint() string { return e.hint }

// Unwrap returns the error without the next step.
func (e *hintError) Unwrap() error { return e.err }

// EndpointError means that no S3 server answered at an endpoint.
type EndpointError struct {
	Endpoint string // its URL
	Err      error
}

// Error returns the endpoint and what happened.
func (e *EndpointError) Error() string { return "endpoint " + e.Endpoint + ": " + e.Err.Error() }

// Unwrap returns what happened.
func (e *EndpointError) Unwrap() error { return e.Err }
