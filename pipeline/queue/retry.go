package queue

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	attemptTime  = 5 * time.Second // an answer that takes longer is lost
	firstBackoff = 50 * time.Millisecond
	lastBackoff  = 2 * time.Second
)

// retry calls op until it succeeds, fails for good, or ctx ends. Failures that a
// connection's mending or a server's start heals are tried again; each wait is
// twice the one before, from firstBackoff to lastBackoff.
func (c *Conn) retry(ctx context.Context, op func(context.Context) error) error {
	waits := &backoff.ExponentialBackOff{InitialInterval: firstBackoff, Multiplier: 2, MaxInterval: lastBackoff}
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := attempt(ctx, op)
		switch {
		case err == nil:
		case context.Cause(ctx) != nil:
			err = backoff.Permanent(context.Cause(ctx))
		case c.nc.IsClosed():
			err = backoff.Permanent(nats.ErrConnectionClosed)
		case !transient(err):
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(waits), backoff.WithMaxElapsedTime(0))
	return err
}

// retry calls op as Conn.retry does; a stream that is gone is ErrClosed.
func (q *Queue) retry(ctx context.Context, op func(context.Context) error) error {
	return q.conn.retry(ctx, func(short context.Context) error {
		err := op(short)
		if gone(err) || silent(err) && q.gone(ctx) {
			return ErrClosed
		}
		return err
	})
}

func attempt(ctx context.Context, op func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	return op(ctx)
}

// gone asks the server whether the stream or its consumer is gone. Not being
// answered is no proof: a server that starts, or chooses a leader, has no
// responders either.
func (q *Queue) gone(ctx context.Context) bool {
	return gone(attempt(ctx, func(ctx context.Context) error {
		return q.alive(ctx)
	}))
}

func gone(err error) bool {
	return errors.Is(err, jetstream.ErrStreamNotFound) || errors.Is(err, jetstream.ErrConsumerNotFound) ||
		errors.Is(err, jetstream.ErrConsumerDeleted)
}

// silent says that nobody listens on the subject that was asked.
func silent(err error) bool {
	return errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrNoStreamResponse)
}

// transient says that an error heals by itself.
func transient(err error) bool {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return api.Code == 503 && api.ErrorCode != codeStoreFailed
	}
	for _, e := range []error{context.DeadlineExceeded, nats.ErrTimeout, nats.ErrDisconnected,
		nats.ErrConnectionReconnecting, nats.ErrReconnectBufExceeded, nats.ErrStaleConnection} {
		if errors.Is(err, e) {
			return true
		}
	}
	return silent(err)
}

// pause waits for firstBackoff, or returns why ctx ended.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(firstBackoff):
		return nil
	}
}
