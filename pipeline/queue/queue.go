package queue

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// Keys of a stream's metadata.
const (
	metaRun       = "facesieve-run"
	metaStore     = "facesieve-store"
	metaConsumers = "facesieve-consumers" // what their names begin with
)

// RunInfo is a run as the server's streams tell it.
type RunInfo struct {
	Run     schemas.RunID
	Store   string // URL of the run's store
	Created time.Time

	Replicas int // servers that keep the queue
}

// Queue is one run's queue. Its methods may be called concurrently. It needs no
// closing of its own: Conn.Close ends it, Delete ends the run. A coordinator that is done
// before its connection is closed calls Leave.
type Queue struct {
	conn      *Conn
	run       schemas.RunID
	consumers string         // what the consumers' names begin with
	pools     []schemas.Pool // that Pull takes tasks of
	ackWait   time.Duration
	pulls     pulls

	token    string               // of the coordinator that has called Create
	presence []*nats.Subscription // by which others know that it is at work
	fresh    bool                 // what Fresh says
	used     bool                 // what Used says
}

// consumer names the consumer of a pool.
func (q *Queue) consumer(pool schemas.Pool) string { return q.consumers + "-" + string(pool) }

// Fresh says whether Create has found no other coordinator at work on the run, and none of
// its own job before it: what an earlier command gave up is tried again.
func (q *Queue) Fresh() bool { return q.fresh }

// Join opens the run's queue for a worker that takes the tasks of some pools, of all
// where none is named. It never makes a stream: without one the error is ErrNoRun.
func (c *Conn) Join(ctx context.Context, run schemas.RunID, pools ...schemas.Pool) (*Queue, error) {
	if len(pools) == 0 {
		pools = schemas.Pools()
	}
	var q *Queue
	err := c.retry(ctx, func(ctx context.Context) (err error) {
		q, err = c.join(ctx, run, pools)
		return err
	})
	if err != nil {
		return nil, origin.Errorf("queue", "join run %s: %w", run, err)
	}
	return q, nil
}

func (c *Conn) join(ctx context.Context, run schemas.RunID, pools []schemas.Pool) (*Queue, error) {
	if err := checkRun(run); err != nil {
		return nil, err
	}
	s, err := c.js.Stream(ctx, streamName(run))
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, ErrNoRun
	}
	if err != nil {
		return nil, err
	}
	q := &Queue{conn: c, run: run, consumers: s.CachedInfo().Config.Metadata[metaConsumers], pools: pools}
	for _, pool := range pools {
		consumer, err := s.Consumer(ctx, q.consumer(pool))
		// Between the making of a stream and of its consumers, or just after its end.
		if errors.Is(err, jetstream.ErrConsumerNotFound) || errors.Is(err, jetstream.ErrStreamNotFound) {
			return nil, ErrNoRun
		}
		if err != nil {
			return nil, err
		}
		q.ackWait = consumer.CachedInfo().Config.AckWait
	}
	return q, nil
}

// Runs lists the runs that have a stream, by id.
func (c *Conn) Runs(ctx context.Context) (runs []RunInfo, err error) {
	err = c.retry(ctx, func(ctx context.Context) error {
		runs = nil
		list := c.js.ListStreams(ctx, jetstream.WithStreamListSubject(root+".>"))
		for s := range list.Info() {
			if run := s.Config.Metadata[metaRun]; run != "" {
				runs = append(runs, RunInfo{Run: schemas.RunID(run), Store: s.Config.Metadata[metaStore],
					Created: s.Created, Replicas: s.Config.Replicas})
			}
		}
		return list.Err()
	})
	if err != nil {
		return nil, origin.Errorf("queue", "list runs: %w", err)
	}
	slices.SortFunc(runs, func(a, b RunInfo) int { return strings.Compare(string(a.Run), string(b.Run)) })
	return runs, nil
}

// Counts is what the server counts of one pool of a run's queue at one moment.
type Counts struct {
	Pending     int    // tasks that nobody holds
	Leased      int    // tasks that workers hold
	Redelivered int    // of Leased: delivered before
	Waiting     int    // pulls of workers that wait for a task
	Deliveries  uint64 // since the stream was made
}

// Counts asks the server for them, of all pools where none is named. A worker that takes the
// tasks of several pools waits in each of them; one that died counts as waiting until its
// pull runs out (30 s), as holding a task until its lease does (AckWait).
func (q *Queue) Counts(ctx context.Context, pools ...schemas.Pool) (map[schemas.Pool]Counts, error) {
	if len(pools) == 0 {
		pools = schemas.Pools()
	}
	counts := make(map[schemas.Pool]Counts, len(pools))
	for _, pool := range pools {
		info, err := q.info(ctx, pool)
		if err != nil {
			return nil, origin.Errorf("queue", "counts of run %s: %w", q.run, err)
		}
		counts[pool] = Counts{Pending: int(info.NumPending), Leased: info.NumAckPending,
			Redelivered: info.NumRedelivered, Waiting: info.NumWaiting, Deliveries: info.Delivered.Consumer}
	}
	return counts, nil
}

func (q *Queue) info(ctx context.Context, pool schemas.Pool) (info *jetstream.ConsumerInfo, err error) {
	err = q.retry(ctx, func(ctx context.Context) error {
		consumer, err := q.conn.js.Consumer(ctx, streamName(q.run), q.consumer(pool))
		if err == nil {
			info = consumer.CachedInfo()
		}
		return err
	})
	return info, err
}

// Delete ends the run: its stream goes, and who waits in Pull gets ErrClosed at
// once. A stream that is gone already is no error.
func (q *Queue) Delete(ctx context.Context) error { return q.conn.Delete(ctx, q.run) }

// Delete ends a run as Queue.Delete does.
func (c *Conn) Delete(ctx context.Context, run schemas.RunID) error {
	q := &Queue{conn: c, run: run, pools: schemas.Pools()}
	err := q.retry(ctx, func(ctx context.Context) error {
		return q.conn.js.DeleteStream(ctx, streamName(q.run))
	})
	if err != nil && !errors.Is(err, ErrClosed) {
		return origin.Errorf("queue", "delete run %s: %w", q.run, err)
	}
	return nil
}
