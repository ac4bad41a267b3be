package store

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// retry calls op until it succeeds, fails with a backoff.Permanent error, has been
// tried so many times, or ctx ends, whose error it returns then. The first wait is
// 50 to 100 ms; each is twice the one before, up to 1 to 2 s.
func retry(ctx context.Context, tries uint, op func() error) error {
	waits := &backoff.ExponentialBackOff{
		InitialInterval:     75 * time.Millisecond,
		RandomizationFactor: 1. / 3,
		Multiplier:          2,
		MaxInterval:         1500 * time.Millisecond,
	}
	_, err := backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, op() },
		backoff.WithBackOff(waits), backoff.WithMaxTries(tries), backoff.WithMaxElapsedTime(0))
	var permanent *backoff.PermanentError // left around what the last try met
	switch {
	case errors.As(err, &permanent):
		return permanent.Unwrap()
	case ctx.Err() != nil && errors.Is(err, context.Cause(ctx)):
		return ctx.Err()
	}
	return err
}
