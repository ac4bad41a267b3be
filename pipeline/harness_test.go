package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/queue/local"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/pipeline/stage/embed"
	"github.com/facesieve/facesieve/pipeline/stage/judge"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/work"
	"github.com/facesieve/facesieve/schemas"
)

type ctx = context.Context

// harness is a store, a NATS server and workers in this process.
type harness struct {
	t       *testing.T
	store   store.Store
	server  *local.Server
	engine  *faces
	engines []*faces // of each worker, where they differ
	workers int
	shuffle uint64
	ackWait time.Duration
	nats    string // URL of the servers; "": the one in this process
	// observer is told what the workers do; may be nil.
	observer work.Observer
}

const kindA, kindB = schemas.NumericKind("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), schemas.NumericKind("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")

func newHarness(t *testing.T) *harness {
	t.Helper()
	server, err := local.Start(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	return &harness{t: t, store: memory(t), server: server, engine: &faces{t: t, kind: kindA}, workers: 1}
}

func memory(t *testing.T) store.Store { return openStore(t, "mem:"+t.Name()) }

func openStore(t *testing.T, url string) store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func (l *harness) conn() *queue.Conn {
	l.t.Helper()
	if l.nats != "" {
		c, err := queue.Dial(l.t.Context(), l.nats, queue.Options{})
		if err != nil {
			l.t.Fatal(err)
		}
		l.t.Cleanup(c.Close)
		return c
	}
	nc, err := l.server.Conn()
	if err != nil {
		l.t.Fatal(err)
	}
	c := queue.Wrap(nc)
	l.t.Cleanup(c.Close)
	return c
}

func (l *harness) coordinator() *run.Coordinator {
	return &run.Coordinator{Store: l.store, Conn: l.conn(), Log: zap.NewNop(), Shuffle: l.shuffle, Queue: queue.CreateOptions{AckWait: l.ackWait}}
}

func (l *harness) worker(i int) *work.Worker {
	engine := l.engine
	if i < len(l.engines) {
		engine = l.engines[i]
	}
	return &work.Worker{Store: l.store, Conn: l.conn(), Log: zap.NewNop(), Name: fmt.Sprintf("w%d", i), Host: "here", Retry: time.Millisecond, Observer: l.observer,
		Open: func(context.Context, schemas.EmbedSpec) (embed.Embedder, error) { return engine, nil }}
}

// run plans a request and brings it to its report with this harness's workers.
func (l *harness) run(ctx context.Context, q plan.Request) (*plan.Run, *schemas.Summary, error) {
	c := l.coordinator()
	planned, err := c.Plan(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	return l.runPlanned(ctx, c, planned)
}

// runPlanned brings a planned run to its report.
func (l *harness) runPlanned(ctx context.Context, c *run.Coordinator, planned *plan.Run) (*plan.Run, *schemas.Summary, error) {
	var summary *schemas.Summary
	err := l.work(ctx, planned.ID, func(ctx context.Context) error {
		var err error
		summary, err = c.Run(ctx, planned)
		return err
	})
	return planned, summary, err
}

// work does a run's tasks while do goes on.
func (l *harness) work(ctx context.Context, id schemas.RunID, do func(context.Context) error) error {
	over := make(chan struct{})
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(over)
		return do(gctx)
	})
	for i := range l.workers {
		w := l.worker(i)
		g.Go(func() error {
			if err := w.Run(gctx, id, over); !errors.Is(err, work.ErrStopped) {
				return err
			}
			return nil
		})
	}
	return g.Wait()
}

// must is run that has to end well.
func (l *harness) must(q plan.Request) (*plan.Run, *schemas.Summary) {
	l.t.Helper()
	planned, summary, err := l.run(l.t.Context(), q)
	if err != nil {
		l.t.Fatal(err)
	}
	return planned, summary
}

// ask is a request for a folder, small shards, and references by name.
func ask(root string, references ...string) plan.Request {
	q := plan.Request{Set: plan.SourceRequest{Dataset: dataset.Options{URL: root, Layout: layout.Folder}}, ShardImages: 24,
		Embed: schemas.EmbedSpec{Model: schemas.Digest(strings.Repeat("e", 64)), Detector: schemas.Digest(strings.Repeat("d", 64)),
			Detection: schemas.Detection{Decoding: "yunet-1", Size: 640, Score: "0.6", NMS: "0.3"}, Alignment: "a", Flip: "f", Decode: "1",
			Contract: schemas.ModelContract{Width: 112, Height: 112, Channels: "rgb", Scale: "1", Mean: [3]schemas.Decimal{"0", "0", "0"},
				Std: [3]schemas.Decimal{"1", "1", "1"}, Dim: dim, Points: "arcface-112"}},
		Judge: schemas.JudgeSpec{Method: judge.Method, Drop: "0.95", Review: "0.5", Certain: "0.01", Probable: "0.5"}}
	for i, r := range references {
		q.References = append(q.References, plan.SourceRequest{Name: schemas.Source(fmt.Sprintf("ref%d", i)), Dataset: dataset.Options{URL: r, Layout: layout.Folder}})
	}
	return q
}

// report is a run's report: file to bytes.
func (l *harness) report(id schemas.RunID) map[string]string {
	l.t.Helper()
	out := map[string]string{}
	folder := schemas.ReportFolder(id)
	for _, name := range l.names(folder) {
		out[strings.TrimPrefix(name, folder)] = string(l.bytes(name))
	}
	return out
}

func (l *harness) names(prefix string) []string {
	l.t.Helper()
	var all []string
	for info, err := range l.store.List(l.t.Context(), prefix) {
		if err != nil {
			l.t.Fatal(err)
		}
		all = append(all, info.Name)
	}
	return all
}

func (l *harness) bytes(name string) []byte {
	l.t.Helper()
	r, err := l.store.Get(l.t.Context(), name)
	if err != nil {
		l.t.Fatal(err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		l.t.Fatal(err)
	}
	return data
}

// table reads an object.
func table[T any](l *harness, name string, read func(io.Reader) (T, error)) T {
	l.t.Helper()
	v, err := read(strings.NewReader(string(l.bytes(name))))
	if err != nil {
		l.t.Fatalf("%s: %v", name, err)
	}
	return v
}

// verdicts are the report's images, by path.
func (l *harness) verdicts(id schemas.RunID) map[string]schemas.Verdict {
	l.t.Helper()
	out := map[string]schemas.Verdict{}
	for _, name := range l.names(schemas.ReportFolder(id) + schemas.ImagesFolder) {
		for _, v := range table(l, name, schemas.ReadVerdicts) {
			if _, twice := out[v.Embedding.Path]; twice {
				l.t.Errorf("%s has two rows", v.Embedding.Path)
			}
			out[v.Embedding.Path] = v
		}
	}
	return out
}

// same fails where two reports differ in a byte.
func same(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	if a, b := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(a, b) {
		t.Errorf("%s: the report has the files %q; want %q", what, a, b)
	}
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s: %s has other bytes (%d and %d)", what, name, len(got[name]), len(want[name]))
		}
	}
}

// once calls f at the n-th call of the function that it gives.
func once(n int64, f func()) func() {
	var calls atomic.Int64
	var first sync.Once
	return func() {
		if calls.Add(1) >= n {
			first.Do(f)
		}
	}
}
