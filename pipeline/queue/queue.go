package queue

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// Keys of a stream's metadata.
const (
	metaRun      = "facesieve-run"
	metaStore    = "facesieve-store"
	metaConsumer = "facesieve-consumer"
)

// RunInfo is a run as the server's streams tell it.
type RunInfo struct {
	Run     schemas.RunID
	Store   string // URL of the run's store
	Created time.Time
}

// Queue is one run's queue. Its methods may be called concurrently. It needs no
// closing of its own: Conn.Close ends it, Delete ends the run.
type Queue struct {
	conn     *Conn
	run      schemas.RunID
	consumer string
	ackWait  time.Duration
}

// Join opens the run's queue for a worker. It never makes a stream: without one
// the error is ErrNoRun.
func (c *Conn) Join(ctx context.Context, run schemas.RunID) (*Queue, error) {
	var q *Queue
	err := c.retry(ctx, func(ctx context.Context) (err error) {
		q, err = c.join(ctx, run)
		return err
	})
	if err != nil {
		return nil, origin.Errorf("queue", "join run %s: %w", run, err)
	}
	return q, nil
}

func (c *Conn) join(ctx context.Context, run schemas.RunID) (*Queue, error) {
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
	meta := s.CachedInfo().Config.Metadata
	consumer, err := s.Consumer(ctx, meta[metaConsumer])
	// Between the making of a stream and of its consumer, or just after its end.
	if errors.Is(err, jetstream.ErrConsumerNotFound) || errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, ErrNoRun
	}
	if err != nil {
		return nil, err
	}
	cfg := consumer.CachedInfo().Config
	return &Queue{conn: c, run: run, consumer: cfg.Durable, ackWait: cfg.AckWait}, nil
}

// Runs lists the runs that have a stream, by id.
func (c *Conn) Runs(ctx context.Context) (runs []RunInfo, err error) {
	err = c.retry(ctx, func(ctx context.Context) error {
		runs = nil
		list := c.js.ListStreams(ctx, jetstream.WithStreamListSubject(root+".>"))
		for s := range list.Info() {
			if run := s.Config.Metadata[metaRun]; run != "" {
				runs = append(runs, RunInfo{Run: schemas.RunID(run), Store: s.Config.Metadata[metaStore],
					Created: s.Created})
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

// Counts is what the server counts of a run's queue at one moment.
type Counts struct {
	Pending     int    // tasks that nobody holds
	Leased      int    // tasks that workers hold
	Redelivered int    // of Leased: delivered before
	Waiting     int    // pulls of workers that wait for a task
	Deliveries  uint64 // since the stream was made
}

// Counts asks the server for them.
func (q *Queue) Counts(ctx context.Context) (Counts, error) {
	info, err := q.info(ctx)
	if err != nil {
		return Counts{}, origin.Errorf("queue", "counts of run %s: %w", q.run, err)
	}
	return Counts{Pending: int(info.NumPending), Leased: info.NumAckPending, Redelivered: info.NumRedelivered,
		Waiting: info.NumWaiting, Deliveries: info.Delivered.Consumer}, nil
}

// Workers returns the number of pulls that wait for a task plus that of leases held:
// above 0 a worker has joined. A worker may hold several; one that died counts
// until its pull (30 s) or its leases (AckWait) run out.
func (q *Queue) Workers(ctx context.Context) (int, error) {
	c, err := q.Counts(ctx)
	return c.Waiting + c.Leased, err
}

func (q *Queue) info(ctx context.Context) (info *jetstream.ConsumerInfo, err error) {
	err = q.retry(ctx, func(ctx context.Context) error {
		consumer, err := q.conn.js.Consumer(ctx, streamName(q.run), q.consumer)
		if err == nil {
			info = consumer.CachedInfo()
		}
		return err
	})
	return info, err
}

// Delete ends the run: its stream goes, and who waits in Pull gets ErrClosed at
// once. A stream that is gone already is no error.
func (q *Queue) Delete(ctx context.Context) error {
	err := q.retry(ctx, func(ctx context.Context) error {
		return q.conn.js.DeleteStream(ctx, streamName(q.run))
	})
	if err != nil && !errors.Is(err, ErrClosed) {
		return origin.Errorf("queue", "delete run %s: %w", q.run, err)
	}
	return nil
}
