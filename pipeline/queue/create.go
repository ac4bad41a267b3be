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
// and codeCreateFailed is the server's code for that; codeConsumerFailed is that for a
// consumer, whose stream may be on its way out, its folder gone already.
const (
	createTries                            = 5
	codeCreateFailed   jetstream.ErrorCode = 10049
	codeConsumerFailed jetstream.ErrorCode = 10012
)

// mostReplicas is how many servers keep a stream where nobody says how many: one of three
// may be lost, and more cost time at every message.
const mostReplicas = 3

// The server's codes for more replicas than it has servers: in a cluster, in a cluster
// whose servers have no room, without a cluster.
const (
	codeNoPeers      jetstream.ErrorCode = 10005
	codeNoResources  jetstream.ErrorCode = 10023
	codeNotClustered jetstream.ErrorCode = 10074
)

// ErrReplicas says that the NATS server has fewer servers than replicas were asked for.
var ErrReplicas = errors.New("the NATS server can't keep so many replicas")

// CreateOptions are a new stream's, and a coordinator's.
type CreateOptions struct {
	AckWait  time.Duration // 0: DefaultAckWait
	Replicas int           // servers that keep the stream; 0: three, or all of fewer
	// Job is the job that starts this process, and starts it again where it ends early: a
	// process that replaces one of the same job goes on where that one was. "": none.
	Job string
	// Begin is called where no coordinator is at work on the run, before workers can join a
	// queue that was not there, and while other coordinators wait. Where the queue is lost
	// meanwhile, or Begin deletes it and returns ErrClosed, it is called again with another.
	// May be nil.
	Begin func(context.Context, *Queue) error
	// Waits is told that another coordinator begins the run and is waited for; may be nil.
	Waits func()
}

// Create makes the run's stream, or opens the one that is there, and writes the
// store's URL into its metadata. It is the coordinator's call: a worker that is
// late must not bring a finished run's stream back.
func (c *Conn) Create(ctx context.Context, run schemas.RunID, store string, o CreateOptions) (*Queue, error) {
	if o.AckWait <= 0 {
		o.AckWait = DefaultAckWait
	}
	q, err := c.create(ctx, run, store, o)
	if err != nil {
		return nil, origin.Errorf("queue", "create run %s: %w", run, err)
	}
	return q, nil
}

// create opens or makes the queue, anew where another coordinator of the same run ends
// it meanwhile.
func (c *Conn) create(ctx context.Context, run schemas.RunID, store string, o CreateOptions) (*Queue, error) {
	if err := checkRun(run); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		q, err := c.createOnce(ctx, run, store, o)
		again := errors.Is(err, ErrClosed) || failed(err, codeConsumerFailed)
		if !again || try == createTries {
			return q, err
		}
	}
}

// createOnce opens or makes the stream, begins the run or waits until another coordinator
// has begun it, and lets workers in.
func (c *Conn) createOnce(ctx context.Context, run schemas.RunID, store string, o CreateOptions) (*Queue, error) {
	q := &Queue{conn: c, run: run, ackWait: o.AckWait, token: rand.Text()}
	err := q.answer(coordinatorSubject(run, q.token))
	if err == nil {
		err = c.retry(ctx, func(ctx context.Context) error { return q.openStream(ctx, store, o.Replicas) })
	}
	if gone(err) {
		err = ErrClosed
	}
	if err == nil {
		err = q.begin(ctx, o)
	}
	if err == nil {
		err = q.retry(ctx, q.openConsumers)
	}
	if err == nil {
		err = q.answer(coordinatorSubject(run, anyCoordinator))
	}
	if err != nil {
		q.Leave()
		return nil, err
	}
	return q, nil
}

// openStream makes the stream, or brings the one that is there up to date.
func (q *Queue) openStream(ctx context.Context, store string, wanted int) error {
	c := q.conn
	s, err := c.createReplicated(ctx, streamConfig(q.run, store), wanted)
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		s, err = c.js.Stream(ctx, streamName(q.run))
	}
	if err != nil {
		return err
	}
	cfg := s.CachedInfo().Config
	if q.consumers = cfg.Metadata[metaConsumers]; q.consumers == "" {
		// of an earlier version of this program: the store knows what is to do
		return errors.Join(c.js.DeleteStream(ctx, streamName(q.run)), jetstream.ErrStreamNotFound)
	}
	replicas := cfg.Replicas
	if wanted > 0 {
		replicas = wanted
	}
	if cfg.Metadata[metaStore] != store || cfg.Replicas != replicas {
		cfg.Metadata[metaStore], cfg.Replicas = store, replicas
		_, err = c.js.UpdateStream(ctx, cfg)
	}
	return tooMany(err, replicas)
}

// openConsumers makes the pools' consumers: from now on workers can join.
func (q *Queue) openConsumers(ctx context.Context) error {
	for _, pool := range schemas.Pools() {
		if _, err := q.conn.js.CreateOrUpdateConsumer(ctx, streamName(q.run), q.consumerConfig(pool)); err != nil {
			return err
		}
	}
	q.pools = schemas.Pools()
	return nil
}

// createReplicated makes the stream with so many replicas; 0: with mostReplicas, or with as
// many as there are servers.
func (c *Conn) createReplicated(
	ctx context.Context, config jetstream.StreamConfig, replicas int,
) (s jetstream.Stream, err error) {
	if replicas > 0 {
		config.Replicas = replicas
		s, err = c.createStream(ctx, config)
		return s, tooMany(err, replicas)
	}
	for n := mostReplicas; n > 0; n-- {
		config.Replicas = n
		if s, err = c.createStream(ctx, config); !tooFew(err) {
			break
		}
	}
	return s, err
}

// tooFew says that there are fewer servers than replicas.
func tooFew(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == codeNoPeers || api.ErrorCode == codeNoResources ||
		api.ErrorCode == codeNotClustered)
}

// tooMany returns err, or ErrReplicas with the server's words where it is tooFew.
func tooMany(err error, replicas int) error {
	if !tooFew(err) {
		return err
	}
	return fmt.Errorf("%w: %d asked for (%s)", ErrReplicas, replicas, err.Error())
}

// createStream asks for the stream up to createTries times while the server fails
// to make its files. A server that deletes its last stream removes the emptied
// folders above it a moment later, and so may take away the one in which the next
// stream is just being made; a disk that is full or read-only fails each time.
func (c *Conn) createStream(ctx context.Context, config jetstream.StreamConfig) (jetstream.Stream, error) {
	s, err := backoff.Retry(ctx, func() (jetstream.Stream, error) {
		s, err := c.js.CreateStream(ctx, config)
		if err != nil && !failed(err, codeCreateFailed) {
			err = backoff.Permanent(err)
		}
		return s, err
	}, backoff.WithBackOff(backoff.NewConstantBackOff(firstBackoff)), backoff.WithMaxTries(createTries))
	var permanent *backoff.PermanentError // left around what the last try met
	if errors.As(err, &permanent) {
		err = permanent.Err
	}
	if failed(err, codeCreateFailed) {
		err = fmt.Errorf("%w; has the NATS server space and the right to write in its folder?", err)
	}
	return s, err
}

// failed tells a failure of the server by its code.
func failed(err error, code jetstream.ErrorCode) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == code
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
			metaConsumers: "workers-" + rand.Text(),
		},
	}
}

// consumerConfig returns the settings of a pool's consumer. Consumers of a work queue must
// not overlap: each has the tasks of its own pool.
func (q *Queue) consumerConfig(pool schemas.Pool) jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable:       q.consumer(pool),
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       q.ackWait,
		MaxDeliver:    -1,
		MaxAckPending: -1, // the default would stop at 1,000 leases of all workers together
		MaxWaiting:    maxPulls,
		FilterSubject: runSubject(q.run, "task."+string(pool)+".>"),
	}
}
