package queue

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// refusedSecond is the server's description of a push that it refuses because the
// subject has its message. The error code that comes with it, 10077, stands for
// every failure to store, a full disk among them.
const refusedSecond = "maximum messages per subject exceeded"

const codeStoreFailed jetstream.ErrorCode = 10077

// Push stores a task, confirmed by the server. It is false, and does nothing,
// while the same task is pending or leased; after the task is done it can be
// pushed again. Where an answer was lost on a broken connection the push is
// tried again, and false may then mean that the first try had got through. A
// stream that is gone is ErrClosed.
func (q *Queue) Push(ctx context.Context, t schemas.Task) (bool, error) {
	if t.Run != q.run {
		return false, origin.Errorf("queue", "push: task of run %q on the queue of run %q", t.Run, q.run)
	}
	data, err := json.Marshal(t)
	if err != nil {
		return false, origin.Errorf("queue", "push: %w", err)
	}
	pushed, err := q.put(ctx, taskSubject(t), data)
	if err != nil {
		return false, origin.Errorf("queue", "push %s shard %d of run %s: %w", t.Stage, t.Shard, q.run, err)
	}
	return pushed, nil
}

// put stores one message on a subject that holds at most one; false: it has it.
func (q *Queue) put(ctx context.Context, subject string, data []byte) (bool, error) {
	pushed := false
	err := q.retry(ctx, func(ctx context.Context) error {
		msg := &nats.Msg{Subject: subject, Data: data}
		_, err := q.conn.js.PublishMsg(ctx, msg, jetstream.WithExpectStream(streamName(q.run)))
		var api *jetstream.APIError
		if errors.As(err, &api) && api.ErrorCode == codeStoreFailed && api.Description == refusedSecond {
			return nil
		}
		pushed = err == nil
		return err
	})
	return pushed, err
}
