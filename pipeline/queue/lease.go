package queue

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// Lease is a task that this worker alone works on. It renews itself every third
// of AckWait until it is settled by Done, Release or Retry, each of which may be
// tried again after an error. Whoever pulls a lease settles it.
type Lease struct {
	q      *Queue
	d      delivery
	deaths int
	silent bool // the delivery before this one ended without a word

	ctx  context.Context // not a caller's: the lease's own life, see Context
	end  context.CancelCauseFunc
	beat sync.WaitGroup

	mu      sync.Mutex // one settlement at a time
	settled bool
}

// lease turns a delivery into a lease that renews itself.
func (q *Queue) lease(ctx context.Context, msg *nats.Msg) (*Lease, error) {
	d, err := parseDelivery(msg)
	if err != nil {
		return nil, err
	}
	l := &Lease{q: q, d: d}
	l.ctx, l.end = context.WithCancelCause(context.Background())
	l.beat.Go(l.renew)
	if d.delivered > 1 {
		words, last, err := q.words(ctx, d)
		if err != nil {
			l.end(nil)
			l.beat.Wait()
			last, stop := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
			defer stop()
			// Nobody has worked on it. What fails here comes back when AckWait is over.
			_ = q.refuse(last, d, nak(0))
			return nil, err
		}
		l.deaths, l.silent = max(int(d.delivered)-1-words, 0), !last
	}
	return l, nil
}

// Task returns what to do.
func (l *Lease) Task() schemas.Task { return l.d.task }

// Deaths counts the task's earlier deliveries that ended without a word: the
// worker was killed, cut off, or suspended. Releases and retries are not in it.
// It starts from 0 when the task is pushed again, or the server lost its files.
func (l *Lease) Deaths() int { return l.deaths }

// Delivery returns how many times the task was delivered, this time included.
func (l *Lease) Delivery() int { return int(l.d.delivered) }

// AfterDeath says whether the delivery before this one is one of Deaths.
func (l *Lease) AfterDeath() bool { return l.silent }

// Context ends when the lease is settled or lost; context.Cause is ErrLost in the
// second case. Work done under it stops when another worker may have the task.
func (l *Lease) Context() context.Context { return l.ctx }

// Done settles the lease: the task's result is in the store. The server has
// confirmed it when Done returns.
func (l *Lease) Done(ctx context.Context) error {
	return l.settle(ctx, "done", func(ctx context.Context) error {
		return l.q.tell(ctx, l.d.ack, []byte("+ACK"))
	})
}

// Release gives the task back, to be delivered again at once: the worker is
// stopping. It counts nothing.
func (l *Lease) Release(ctx context.Context) error {
	return l.settle(ctx, "release", func(ctx context.Context) error { return l.q.refuse(ctx, l.d, nak(0)) })
}

// Retry gives the task back, to be delivered again after a delay: the worker saw
// it fail. The queue counts no failures; the caller records them in the store.
func (l *Lease) Retry(ctx context.Context, delay time.Duration) error {
	return l.settle(ctx, "retry", func(ctx context.Context) error { return l.q.refuse(ctx, l.d, nak(delay)) })
}

func (l *Lease) settle(ctx context.Context, verb string, tell func(context.Context) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.d.task
	if l.settled {
		return origin.Errorf("queue", "%s %s shard %d: %w", verb, t.Stage, t.Shard, ErrSettled)
	}
	// The lease renews itself while its settlement is under way. A lost lease is
	// still told: a task that is done is done, whoever has it now.
	if err := tell(ctx); err != nil {
		return origin.Errorf("queue", "%s %s shard %d: %w", verb, t.Stage, t.Shard, err)
	}
	l.settled = true
	l.end(nil)
	l.beat.Wait()
	return nil
}

// tell sends an acknowledgement and waits for its confirmation.
func (q *Queue) tell(ctx context.Context, ack string, body []byte) error {
	return q.retry(ctx, func(ctx context.Context) error {
		_, err := q.conn.nc.RequestWithContext(ctx, ack, body)
		return err
	})
}

// refuse leaves word for a delivery, then refuses it, in this order: a worker
// that dies in between has given its word.
func (q *Queue) refuse(ctx context.Context, d delivery, nak []byte) error {
	if _, err := q.put(ctx, wordSubject(q.run, d.sequence, strconv.FormatUint(d.delivered, 10)),
		nil); err != nil {
		return err
	}
	return q.tell(ctx, d.ack, nak)
}

// nak returns the body of a refusal.
func nak(delay time.Duration) []byte {
	if delay <= 0 {
		return []byte("-NAK")
	}
	body, _ := json.Marshal(struct { // a number can't fail
		Delay time.Duration `json:"delay"`
	}{delay})
	return append([]byte("-NAK "), body...)
}

// renew tells the server every third of AckWait that work goes on, until the lease
// is settled or lost. It is lost when nobody knows of it, or when the last
// confirmed renewal was sent AckWait ago: the server has given the task on then.
func (l *Lease) renew() {
	period := l.q.ackWait / 3
	tick := time.NewTicker(period)
	defer tick.Stop()
	// Monotonic clocks stop while a machine sleeps, so wall clocks are compared.
	confirmed := time.Now().Round(0)
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-tick.C:
		}
		sent := time.Now().Round(0)
		if sent.Sub(confirmed) > l.q.ackWait-period/2 {
			l.end(ErrLost)
			return
		}
		ctx, cancel := context.WithTimeout(l.ctx, period)
		_, err := l.q.conn.nc.RequestWithContext(ctx, l.d.ack, []byte("+WPI"))
		if errors.Is(err, nats.ErrNoResponders) && l.q.gone(ctx) {
			l.end(ErrLost)
		}
		cancel()
		if err == nil {
			confirmed = sent
		}
	}
}
