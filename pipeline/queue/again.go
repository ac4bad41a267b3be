package queue

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	attemptTime  = 5 * time.Second // an answer that takes longer is lost
	firstBackoff = 50 * time.Millisecond
	lastBackoff  = 2 * time.Second
)

// again does op until it succeeds, fails for good, or ctx ends. Failures that a
// connection's mending or a server's start heals are tried again.
func (c *Conn) again(ctx context.Context, op func(context.Context) error) error {
	for wait := firstBackoff; ; wait = min(2*wait, lastBackoff) {
		err := attempt(ctx, op)
		if err == nil {
			return nil
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if c.nc.IsClosed() {
			return nats.ErrConnectionClosed
		}
		if !passing(err) {
			return err
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// again does op as Conn.again does; a stream that is gone is ErrClosed.
func (q *Queue) again(ctx context.Context, op func(context.Context) error) error {
	return q.conn.again(ctx, func(short context.Context) error {
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
		_, err := q.conn.js.Consumer(ctx, streamName(q.run), q.consumer)
		return err
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

// passing says that an error heals by itself.
func passing(err error) bool {
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

// sleep waits, or returns why ctx ended.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
