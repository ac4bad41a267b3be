package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

const (
	pullTime  = 30 * time.Second // a pull that brought nothing is made anew
	pullPulse = 2 * time.Second  // the server's sign of life while a pull waits
	drainTime = 2 * time.Second
)

// Pull waits for a task and leases it. It asks for one only, so that no task lies
// with a worker that is busy. It returns why ctx ended, ErrClosed as soon as the
// stream is gone, or an error of the connection; a connection that is down is
// waited for.
//
// The pull protocol is spoken here and not by the client library's Fetch, which
// drops a task that arrives as its context ends: the task would wait AckWait out
// and count as a death.
func (q *Queue) Pull(ctx context.Context) (*Lease, error) {
	var msg *nats.Msg
	for msg == nil {
		var err error
		if msg, err = q.pullAny(ctx); err == nil {
			continue
		}
		if cause := context.Cause(ctx); cause != nil {
			return nil, cause
		}
		err = q.retry(ctx, q.alive)
		if err != nil {
			return nil, origin.Errorf("queue", "pull from run %s: %w", q.run, err)
		}
		// The server is there and so is the stream: what ended the pull has passed.
		if err := pause(ctx); err != nil {
			return nil, err
		}
	}
	l, err := q.lease(ctx, msg)
	if err != nil {
		return nil, origin.Errorf("queue", "pull from run %s: %w", q.run, err)
	}
	return l, nil
}

// alive returns nil when the run's stream and consumers answer.
func (q *Queue) alive(ctx context.Context) error {
	if len(q.pools) == 0 { // before openConsumers
		_, err := q.conn.js.Stream(ctx, streamName(q.run))
		return err
	}
	for _, pool := range q.pools {
		if _, err := q.conn.js.Consumer(ctx, streamName(q.run), q.consumer(pool)); err != nil {
			return err
		}
	}
	return nil
}

// pullRequest is the body of a request for messages (durations in nanoseconds).
type pullRequest struct {
	Batch     int           `json:"batch"`
	Expires   time.Duration `json:"expires"`
	Heartbeat time.Duration `json:"idle_heartbeat"`
}

// errSilent says that the server stopped giving signs of life on a pull.
var errSilent = errors.New("the server went silent")

// openPull asks for one task and returns the subscription that it comes on.
func (q *Queue) openPull(pool schemas.Pool) (*nats.Subscription, error) {
	body, err := json.Marshal(pullRequest{Batch: 1, Expires: pullTime, Heartbeat: pullPulse})
	if err != nil {
		return nil, err
	}
	inbox := q.conn.nc.NewInbox()
	sub, err := q.conn.nc.SubscribeSync(inbox)
	if err != nil {
		return nil, err
	}
	api := "$JS.API.CONSUMER.MSG.NEXT." + streamName(q.run) + "." + q.consumer(pool)
	if err := q.conn.nc.PublishRequest(api, inbox, body); err != nil {
		return nil, errors.Join(err, sub.Unsubscribe())
	}
	return sub, nil
}

// pullOnce makes one pull from a pool. It returns a task, nothing when the pull's time is
// over, or what ended it.
func (q *Queue) pullOnce(ctx context.Context, pool schemas.Pool) (*nats.Msg, error) {
	sub, err := q.openPull(pool)
	if err != nil {
		return nil, err
	}
	for {
		msg, err := q.next(ctx, sub)
		if err != nil {
			q.giveBack(sub)
			return nil, err
		}
		again, err := status(msg)
		if again {
			continue
		}
		// The pull is over on the server: nothing else can come. A connection that
		// breaks here has no subscription left to end.
		_ = sub.Unsubscribe()
		if err != nil {
			return nil, err
		}
		if msg.Reply == "" {
			return nil, nil
		}
		return msg, nil
	}
}

// next returns the subscription's next message, of whatever sort.
func (q *Queue) next(ctx context.Context, sub *nats.Subscription) (*nats.Msg, error) {
	wait, cancel := context.WithTimeoutCause(ctx, 2*pullPulse, errSilent)
	defer cancel()
	return sub.NextMsgWithContext(wait)
}

// status reads what the server says on a pull: again means it said nothing to act
// on, an error that the pull ended early. A task, and the plain end of a pull's
// time, are neither (the latter has no reply subject).
func status(msg *nats.Msg) (again bool, err error) {
	code, text := msg.Header.Get("Status"), msg.Header.Get("Description")
	switch {
	case len(msg.Data) > 0 || code == "":
		return false, nil
	case code == "100":
		return true, nil
	case code == "408" || code == "404":
		msg.Reply = ""
		return false, nil
	case code == "503":
		return false, nats.ErrNoResponders
	default:
		return false, fmt.Errorf("the server ended the pull: %s %s", code, text)
	}
}

// giveBack ends a pull that is still open. A task that was on its way is given
// back with a word: nobody has worked on it.
func (q *Queue) giveBack(sub *nats.Subscription) {
	if !q.conn.nc.IsConnected() {
		_ = sub.Unsubscribe() // the pull ended with the connection
		return
	}
	if sub.Drain() != nil {
		return // the connection has just been closed
	}
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	for {
		msg, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return
		}
		if msg.Header.Get("Status") != "" || msg.Reply == "" {
			continue
		}
		q.returnTask(msg)
	}
}

// delivery is one delivery of a task.
type delivery struct {
	task      schemas.Task
	ack       string // subject that acknowledgements go to
	sequence  uint64 // of the task in the stream
	delivered uint64 // how many times by now, from 1
}

func parseDelivery(msg *nats.Msg) (delivery, error) {
	meta, err := msg.Metadata()
	if err != nil {
		return delivery{}, err
	}
	d := delivery{ack: msg.Reply, sequence: meta.Sequence.Stream, delivered: meta.NumDelivered}
	d.task, err = parseTask(msg.Data)
	return d, err
}

func parseTask(data []byte) (schemas.Task, error) {
	var t schemas.Task
	if err := json.Unmarshal(data, &t); err != nil {
		return t, fmt.Errorf("a task that this version can't read: %w", err)
	}
	return t, nil
}

// words counts the deliveries of a task that were given back with a word, and says
// whether the last one before d was.
func (q *Queue) words(ctx context.Context, d delivery) (n int, last bool, err error) {
	filter := wordSubject(q.run, d.sequence, "*")
	before := wordSubject(q.run, d.sequence, strconv.FormatUint(d.delivered-1, 10))
	err = q.retry(ctx, func(ctx context.Context) error {
		s, err := q.conn.js.Stream(ctx, streamName(q.run))
		if err != nil {
			return err
		}
		info, err := s.Info(ctx, jetstream.WithSubjectFilter(filter))
		if err == nil {
			n, last = len(info.State.Subjects), info.State.Subjects[before] > 0
		}
		return err
	})
	return n, last, err
}
