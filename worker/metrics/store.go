package metrics

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/store"
)

// storeMetrics measure the calls of a store.
type storeMetrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
}

func newStoreMetrics(to prometheus.Registerer) *storeMetrics {
	s := &storeMetrics{
		requests: counters("store_requests_total",
			"Calls of the store, by operation, outcome, and the stage that they were made for.",
			"operation", "outcome", "stage"),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: Namespace,
			Name:    "store_request_seconds",
			Help:    "Time from a call of the store to its answer, repetitions inside and the reading of what it gives included.",
			Buckets: prometheus.ExponentialBuckets(.001, 2.5, 13)}, []string{"operation"}), // 1 ms to 60 s
		bytes: counters("store_bytes_total", "Bytes of objects that were read from the store or written to it.",
			"direction", "stage"),
	}
	to.MustRegister(s.requests, s.seconds, s.bytes)
	return s
}

// The outcomes of a call of the store.
const (
	outcomeOK        = "ok"
	outcomeMissing   = "missing"   // there is no such object
	outcomeExists    = "exists"    // there is one already
	outcomeCancelled = "cancelled" // nobody wants it any more
	outcomeError     = "error"
)

func outcomeOf(err error) string {
	switch {
	case err == nil:
		return outcomeOK
	case errors.Is(err, fs.ErrNotExist):
		return outcomeMissing
	case errors.Is(err, fs.ErrExist):
		return outcomeExists
	case errors.Is(err, context.Canceled):
		return outcomeCancelled
	}
	return outcomeError
}

// Store returns a store that does what st does and measures it; st itself where m is
// nil.
func (m *Metrics) Store(st store.Store) store.Store {
	if m == nil {
		return st
	}
	return &measuredStore{st, m}
}

// measuredStore measures the calls of a store.
type measuredStore struct {
	store   store.Store
	metrics *Metrics
}

// The directions of bytes.
const (
	read    = "read"
	written = "written"
)

// count notes the end of a call.
func (s *measuredStore) count(ctx context.Context, operation string, start time.Time, err error) {
	outcome := outcomeOf(err)
	m := s.metrics.store
	m.requests.WithLabelValues(operation, outcome, string(runstore.StageOf(ctx))).Inc()
	m.seconds.WithLabelValues(operation).Observe(time.Since(start).Seconds())
	switch outcome {
	case outcomeError:
		s.metrics.answered(err)
	case outcomeCancelled: // says nothing of the store
	default:
		s.metrics.answered(nil)
	}
}

func (s *measuredStore) moved(ctx context.Context, direction string, n int64) {
	s.metrics.store.bytes.WithLabelValues(direction, string(runstore.StageOf(ctx))).Add(float64(n))
}

// Get opens an object.
func (s *measuredStore) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	start := time.Now()
	r, err := s.store.Get(ctx, name)
	return s.reader(ctx, r, start, err)
}

// GetRange opens a part of an object.
func (s *measuredStore) GetRange(ctx context.Context, name string, off, n int64) (io.ReadCloser, error) {
	start := time.Now()
	r, err := s.store.GetRange(ctx, name, off, n)
	return s.reader(ctx, r, start, err)
}

func (s *measuredStore) reader(
	ctx context.Context, r io.ReadCloser, start time.Time, err error,
) (io.ReadCloser, error) {
	if err != nil {
		s.count(ctx, "get", start, err)
		return nil, err
	}
	return &measuredReader{r: r, n: 0, end: func(n int64, err error) {
		s.count(ctx, "get", start, err)
		s.moved(ctx, read, n)
	}}, nil
}

// measuredReader counts what is read until it is closed.
type measuredReader struct {
	r   io.ReadCloser
	n   int64
	err error
	end func(n int64, err error) // nil: it was called
}

// Read reads on.
func (r *measuredReader) Read(b []byte) (int, error) {
	n, err := r.r.Read(b)
	r.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// Close ends the call.
func (r *measuredReader) Close() error {
	err := r.r.Close()
	if r.end != nil {
		r.end(r.n, errors.Join(r.err, err))
		r.end = nil
	}
	return err
}

// Stat tells of an object.
func (s *measuredStore) Stat(ctx context.Context, name string) (store.Info, error) {
	start := time.Now()
	info, err := s.store.Stat(ctx, name)
	s.count(ctx, "stat", start, err)
	return info, err
}

// Put creates an object.
func (s *measuredStore) Put(ctx context.Context, name string, r io.ReadSeeker, size int64) error {
	start := time.Now()
	err := s.store.Put(ctx, name, r, size)
	s.count(ctx, "put", start, err)
	if err == nil {
		s.moved(ctx, written, size)
	}
	return err
}

// Replace writes an object.
func (s *measuredStore) Replace(ctx context.Context, name string, data []byte) error {
	start := time.Now()
	err := s.store.Replace(ctx, name, data)
	s.count(ctx, "replace", start, err)
	if err == nil {
		s.moved(ctx, written, int64(len(data)))
	}
	return err
}

// List yields objects. One call is counted, however many answers it takes, and the
// time between them that is the caller's.
func (s *measuredStore) List(ctx context.Context, prefix string) iter.Seq2[store.Info, error] {
	return func(yield func(store.Info, error) bool) {
		start := time.Now()
		var last error
		defer func() { s.count(ctx, "list", start, last) }()
		for info, err := range s.store.List(ctx, prefix) {
			last = err
			if !yield(info, err) {
				return
			}
		}
	}
}

// Delete removes an object.
func (s *measuredStore) Delete(ctx context.Context, name string) error {
	start := time.Now()
	err := s.store.Delete(ctx, name)
	s.count(ctx, "delete", start, err)
	return err
}

// String returns the store's URL.
func (s *measuredStore) String() string { return s.store.String() }
