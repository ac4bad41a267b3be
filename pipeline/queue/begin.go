package queue

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

const discardBatch = 256 // tasks that Discard takes at a time

// claim says which coordinator begins a run. It is a message of the run's stream on a
// subject of its own: of those who come at once, the server keeps one's. It does not
// matter whether an answer was lost, for the message itself tells whose it is.
type claim struct {
	Token string `json:"token"`         // of the coordinator
	Job   string `json:"job,omitempty"` // CreateOptions.Job

	n     int  // claims are counted from 1; 0: there is none
	begun bool // what had to be done at the beginning is done
}

// begin claims the run where no coordinator is at work on it, and calls o.Begin. Where one
// is at work it returns once that one has begun: what an earlier command left is gone then.
func (q *Queue) begin(ctx context.Context, o CreateOptions) error {
	var before claim
	told := false
	for {
		last, err := q.lastClaim(ctx)
		if err != nil {
			return err
		}
		if last.n > 0 && last.Token == q.token {
			return q.takeOver(ctx, before, last, o)
		}
		at, err := q.atWork(ctx, last)
		switch {
		case err != nil:
			return err
		case at && last.begun:
			return nil
		case at:
			if o.Waits != nil && !told {
				told = true
				o.Waits()
			}
			if err := pause(ctx); err != nil {
				return err
			}
			continue
		}
		before = last
		data, err := json.Marshal(claim{Token: q.token, Job: o.Job})
		if err != nil {
			return err
		}
		if _, err := q.put(ctx, claimSubject(q.run, strconv.Itoa(last.n+1)), data); err != nil {
			return err
		}
	}
}

// takeOver calls o.Begin, unless this process replaces one of the same job, and says that
// the run has begun.
func (q *Queue) takeOver(ctx context.Context, before, own claim, o CreateOptions) error {
	// By whichever coordinator: the one just before may have come to its end in Begin.
	begun, err := q.lastMessage(ctx, begunSubject(q.run, "*"))
	if err != nil {
		return err
	}
	q.used = begun != nil
	q.fresh = !before.begun || o.Job == "" || before.Job != o.Job
	if q.fresh && o.Begin != nil {
		if err := o.Begin(ctx, q); err != nil {
			return err
		}
	}
	_, err = q.put(ctx, begunSubject(q.run, strconv.Itoa(own.n)), nil)
	return err
}

// lastClaim returns the last claim; its n is 0 where there is none.
func (q *Queue) lastClaim(ctx context.Context) (last claim, err error) {
	msg, err := q.lastMessage(ctx, claimSubject(q.run, "*"))
	if msg == nil || err != nil {
		return claim{}, err
	}
	if err := json.Unmarshal(msg.Data, &last); err != nil {
		return claim{}, err
	}
	if last.n, err = strconv.Atoi(strings.TrimPrefix(msg.Subject, claimSubject(q.run, ""))); err != nil {
		return claim{}, err
	}
	begun, err := q.lastMessage(ctx, begunSubject(q.run, strconv.Itoa(last.n)))
	last.begun = begun != nil
	return last, err
}

// lastMessage returns the last message on a subject, nil where there is none.
func (q *Queue) lastMessage(ctx context.Context, subject string) (msg *jetstream.RawStreamMsg, err error) {
	err = q.retry(ctx, func(ctx context.Context) error {
		s, err := q.conn.js.Stream(ctx, streamName(q.run))
		if err != nil {
			return err
		}
		msg, err = s.GetLastMsgForSubject(ctx, subject)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			msg, err = nil, nil
		}
		return err
	})
	return msg, err
}

// atWork says whether the coordinator of a claim is at work on the run or, where it has
// begun, another one that came later.
func (q *Queue) atWork(ctx context.Context, c claim) (bool, error) {
	if c.n == 0 {
		return false, nil
	}
	if ok, err := q.answers(ctx, coordinatorSubject(q.run, c.Token)); ok || err != nil || !c.begun {
		return ok, err
	}
	return q.answers(ctx, coordinatorSubject(q.run, anyCoordinator))
}

// answers says whether anybody listens on a subject. One that listens and does not answer
// in time is there all the same.
func (q *Queue) answers(ctx context.Context, subject string) (there bool, err error) {
	err = attempt(ctx, func(ctx context.Context) error {
		// Below the run's subjects, where an answer needs no further right.
		reply := coordinatorSubject(q.run, q.token+".answer")
		sub, err := q.conn.nc.SubscribeSync(reply)
		if err != nil {
			return err
		}
		defer func() { _ = sub.Unsubscribe() }() // a connection that is closed has none
		if err := q.conn.nc.PublishRequest(subject, reply, nil); err != nil {
			return err
		}
		_, err = sub.NextMsgWithContext(ctx)
		return err
	})
	switch {
	case context.Cause(ctx) != nil:
		return false, context.Cause(ctx)
	case errors.Is(err, nats.ErrNoResponders):
		return false, nil
	case err == nil || transient(err):
		return true, nil
	}
	return false, err
}

// answer answers others who ask on the subject, until Leave. The server knows of it before
// anything that is sent after it.
func (q *Queue) answer(subject string) error {
	sub, err := q.conn.nc.Subscribe(subject, func(m *nats.Msg) { _ = m.Respond(nil) }) // who asks may ask again
	if err == nil {
		q.presence = append(q.presence, sub)
	}
	return err
}

// Used says whether another coordinator had begun the run with this queue, which is at work
// no more. Its tasks may be in the queue.
func (q *Queue) Used() bool { return q.used }

// Leave says that the coordinator which has made or opened the queue is at work on the run
// no more. The run goes on; the end of the connection says so too.
func (q *Queue) Leave() {
	for _, sub := range q.presence {
		_ = sub.Unsubscribe() // a connection that is closed has none
	}
	q.presence = nil
}

// Discard takes the tasks of a pool out of the queue that nobody holds: they are not done. It
// returns how many workers hold; once that is 0 nobody is at work on any.
func (q *Queue) Discard(ctx context.Context, pool schemas.Pool) (leased int, err error) {
	for taken := 1; taken > 0; {
		held, err := q.held(ctx, "task."+string(pool)+".>")
		if leased = len(held); err == nil && leased > 0 {
			taken, err = q.discard(ctx, pool)
		}
		if err != nil {
			return 0, origin.Errorf("queue", "tasks of run %s: %w", q.run, err)
		}
		if leased == 0 {
			break
		}
	}
	return leased, nil
}

// discard takes up to discardBatch tasks that wait, as a worker does, so that no worker has
// one of them too.
func (q *Queue) discard(ctx context.Context, pool schemas.Pool) (taken int, err error) {
	err = q.retry(ctx, func(ctx context.Context) error {
		consumer, err := q.conn.js.Consumer(ctx, streamName(q.run), q.consumer(pool))
		if err != nil {
			return err
		}
		batch, err := consumer.FetchNoWait(discardBatch)
		if err != nil {
			return err
		}
		for msg := range batch.Messages() {
			taken++
			err = errors.Join(err, msg.DoubleAck(ctx)) // what fails comes back
		}
		return errors.Join(err, batch.Error())
	})
	return taken, err
}
