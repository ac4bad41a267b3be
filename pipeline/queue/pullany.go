package queue

import (
	"context"

	"github.com/nats-io/nats.go"
)

// pullAny makes one pull from each of the queue's pools, until the first one ends, and
// returns what pullOnce does. A second task that comes meanwhile goes back with a word.
func (q *Queue) pullAny(ctx context.Context) (msg *nats.Msg, err error) {
	if len(q.pools) == 1 {
		return q.pullOnce(ctx, q.pools[0])
	}
	type pulled struct {
		msg *nats.Msg
		err error
	}
	each, cancel := context.WithCancel(ctx)
	defer cancel()
	pulls := make(chan pulled, len(q.pools))
	for _, pool := range q.pools {
		go func() {
			msg, err := q.pullOnce(each, pool)
			pulls <- pulled{msg, err}
		}()
	}
	for i := range q.pools {
		p := <-pulls
		cancel()
		switch {
		case i == 0:
			msg, err = p.msg, p.err
		case p.msg != nil && msg == nil:
			msg, err = p.msg, nil
		case p.msg != nil:
			last, stop := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
			q.returnTask(last, p.msg)
			stop()
		}
	}
	return msg, err
}

// returnTask gives back a task that nobody has worked on. What fails here comes back when
// AckWait is over.
func (q *Queue) returnTask(ctx context.Context, msg *nats.Msg) {
	if d, err := parseDelivery(msg); err == nil {
		_ = q.refuse(ctx, d, nak(0))
	}
}
