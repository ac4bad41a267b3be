package queue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// DefaultAckWait is how long a task stays with a worker that gives no sign.
const DefaultAckWait = 30 * time.Second

// maxPulls bounds the pulls that wait at once; the server's default, 512, would
// refuse the 257th idle worker that holds two leases.
const maxPulls = 1 << 16

// createTries bounds how often a stream is asked for that the server fails to make,
// and codeCreateFailed is the server's code for that.
const (
	createTries                          = 5
	codeCreateFailed jetstream.ErrorCode = 10049
)

// CreateOptions are a new stream's.
type CreateOptions struct {
	AckWait time.Duration // 0: DefaultAckWait
}

// Create makes the run's stream, or opens the one that is there, and writes the
// store's URL into its metadata. It is the coordinator's call: a worker that is
// late must not bring a finished run's stream back.
func (c *Conn) Create(ctx context.Context, run schemas.RunID, store string, o CreateOptions) (*Queue, error) {
	if o.AckWait <= 0 {
		o.AckWait = DefaultAckWait
	}
	var q *Queue
	err := c.retry(ctx, func(ctx context.Context) (err error) {
		q, err = c.create(ctx, run, store, o)
		return err
	})
	if err != nil {
		return nil, origin.Errorf("queue", "create run %s: %w", run, err)
	}
	return q, nil
}

func (c *Conn) create(ctx context.Context, run schemas.RunID, store string, o CreateOptions) (*Queue, error) {
	if err := checkRun(run); err != nil {
		return nil, err
	}
	s, err := c.createStream(ctx, streamConfig(run, store))
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		s, err = c.js.Stream(ctx, streamName(run))
	}
	if err != nil {
		return nil, err
	}
	cfg := s.CachedInfo().Config
	if cfg.Metadata[metaStore] != store {
		cfg.Metadata[metaStore] = store
		if s, err = c.js.UpdateStream(ctx, cfg); err != nil {
			return nil, err
		}
	}
	consumer := cfg.Metadata[metaConsumer]
	if _, err := s.CreateOrUpdateConsumer(ctx, consumerConfig(run, consumer, o.AckWait)); err != nil {
		return nil, err
	}
	return &Queue{conn: c, run: run, consumer: consumer, ackWait: o.AckWait}, nil
}

// createStream asks for the stream up to createTries times while the server fails
// to make its files. A server that deletes its last stream removes the emptied
// folders above it a moment later, and so may take away the one in which the next
// stream is just being made; a disk that is full or read-only fails each time.
func (c *Conn) createStream(ctx context.Context, config jetstream.StreamConfig) (jetstream.Stream, error) {
	s, err := backoff.Retry(ctx, func() (jetstream.Stream, error) {
		s, err := c.js.CreateStream(ctx, config)
		if err != nil && !createFailed(err) {
			err = backoff.Permanent(err)
		}
		return s, err
	}, backoff.WithBackOff(backoff.NewConstantBackOff(firstBackoff)), backoff.WithMaxTries(createTries))
	var permanent *backoff.PermanentError // left around what the last try met
	if errors.As(err, &permanent) {
		err = permanent.Err
	}
	if createFailed(err) {
		err = fmt.Errorf("%w; has the NATS server space and the right to write in its folder?", err)
	}
	return s, err
}

// createFailed tells the server's failure to make a stream's files.
func createFailed(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == codeCreateFailed
}

func streamConfig(run schemas.RunID, store string) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:                 streamName(run),
		Description:          "facesieve run " + string(run),
		Subjects:             []string{runSubject(run, "task.>"), runSubject(run, "word.>")},
		Retention:            jetstream.WorkQueuePolicy,
		Storage:              jetstream.FileStorage,
		MaxMsgsPerSubject:    1,
		Discard:              jetstream.DiscardNew,
		DiscardNewPerSubject: true,
		Metadata: map[string]string{
			metaRun:   string(run),
			metaStore: store,
			// Acknowledgements are addressed to (stream, consumer, sequence), and a
			// stream that is made again counts from 1 again. A name of its own keeps a
			// lease on the old stream from settling another task of the new one.
			metaConsumer: "workers-" + rand.Text(),
		},
	}
}

func consumerConfig(run schemas.RunID, name string, ackWait time.Duration) jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable:       name,
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       ackWait,
		MaxDeliver:    -1,
		MaxAckPending: -1, // the default would stop at 1,000 leases of all workers together
		MaxWaiting:    maxPulls,
		FilterSubject: runSubject(run, "task.>"),
	}
}
