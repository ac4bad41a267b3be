package pipeline_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/pipeline"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/queue/local"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// dim is the length of the made-up faces' vectors.
const dim = 64

// blurry is how far a made-up photograph is from its person: two of one person
// have a cosine of about .5.
const blurry = 1.0

// portrait is an image of a person, in a format of its own: its vector follows
// from its bytes.
func portrait(person string, shot int) string { return fmt.Sprintf("face %s %d", person, shot) }

// stranger is an image of somebody who is on no other.
func stranger(n int) string { return portrait(fmt.Sprintf("stranger-%d", n), 0) }

// direction is a unit vector that follows from a text.
func direction(text string) []float32 {
	sum := sha256.Sum256([]byte(text))
	r := rand.New(rand.NewChaCha8(sum))
	v := make([]float32, dim)
	var norm float64
	for i := range v {
		x := r.NormFloat64()
		v[i] = float32(x)
		norm += x * x
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(norm))
	}
	return v
}

// vectorOf is an image's vector.
func vectorOf(t testing.TB, data string) []float32 {
	var person string
	var shot int
	if _, err := fmt.Sscanf(data, "face %s %d", &person, &shot); err != nil {
		t.Fatalf("%q shows no face", data)
	}
	v, noise := direction(person), direction(data)
	for i := range v {
		v[i] += blurry * noise[i]
	}
	if err := schemas.RoundVector(v); err != nil {
		t.Fatal(err)
	}
	return v
}

// faces is an Embedder of made-up images.
type faces struct {
	t     testing.TB
	kind  schemas.Kind
	fail  func(images []schemas.Image) error // before a call's images are read; may be nil
	calls atomic.Int64                       // of Embed
	count atomic.Int64                       // images embedded
}

func (f *faces) Kind(context.Context) (schemas.Kind, error) { return f.kind, nil }

func (f *faces) Embed(ctx context.Context, images []schemas.Image, aligned bool,
	read func(context.Context, int) ([]byte, error), done func()) ([]schemas.Embedding, error) {
	f.calls.Add(1)
	if f.fail != nil {
		if err := f.fail(images); err != nil {
			return nil, err
		}
	}
	out := make([]schemas.Embedding, len(images))
	for i, im := range images {
		out[i] = schemas.Embedding{Path: im.Path, Faces: -1}
		e := &out[i]
		data, err := read(ctx, i)
		if errors.As(err, &e.Error) {
			done()
			continue
		}
		if err != nil {
			return nil, err
		}
		e.SHA256, e.Hashed = sha256.Sum256(data), true
		switch text := string(data); {
		case text == "nobody":
			e.Error, e.Width, e.Height, e.Faces = schemas.FaultNoFace, 80, 60, 0
		case !strings.HasPrefix(text, "face "):
			e.Error = schemas.FaultCorrupt
		default:
			e.Width, e.Height, e.Faces, e.DetScore = 80, 60, 1, .9
			e.Box, e.Landmarks = [4]float32{1, 2, 30, 40}, [10]float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
			e.Vector = vectorOf(f.t, text)
		}
		f.count.Add(1)
		done()
	}
	return out, nil
}

// tree is a collection: path below the root to content.
type tree map[string]string

// person adds images 1 to n of a person under a label.
func (tr tree) person(label, who string, n int) tree {
	for i := 1; i <= n; i++ {
		tr[fmt.Sprintf("%s/%03d.jpg", label, i)] = portrait(who, i)
	}
	return tr
}

// crowd is n people of k images each.
func crowd(n, k int) tree {
	tr := tree{}
	for i := range n {
		tr.person(fmt.Sprintf("p%03d", i), fmt.Sprintf("somebody-%03d", i), k)
	}
	return tr
}

// with is a copy with changes; an empty content removes.
func (tr tree) with(more tree) tree {
	out := maps.Clone(tr)
	for p, s := range more {
		if out[p] = s; s == "" {
			delete(out, p)
		}
	}
	return out
}

// write puts the collection into a folder. All files have one age, so that the
// same collection written again is the same listing.
func (tr tree) write(t testing.TB, root string) string {
	t.Helper()
	for p, s := range tr {
		name := filepath.Join(root, p)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(s), 0o644), os.Chtimes(name, epoch, epoch)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

var epoch = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

type ctx = context.Context

// lab is a store, a NATS server and workers in this process.
type lab struct {
	t       *testing.T
	store   store.Store
	server  *local.Server
	engine  *faces
	engines []*faces // of each worker, where they differ
	workers int
	shuffle uint64
	ackWait time.Duration
}

const kindA, kindB = schemas.Kind("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), schemas.Kind("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")

func newLab(t *testing.T) *lab {
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
	return &lab{t: t, store: memory(t), server: server, engine: &faces{t: t, kind: kindA}, workers: 1}
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

func (l *lab) conn() *queue.Conn {
	l.t.Helper()
	nc, err := l.server.Conn()
	if err != nil {
		l.t.Fatal(err)
	}
	c := queue.Wrap(nc)
	l.t.Cleanup(c.Close)
	return c
}

func (l *lab) coordinator() *pipeline.Coordinator {
	return &pipeline.Coordinator{Store: l.store, Conn: l.conn(), Log: zap.NewNop(), Shuffle: l.shuffle, Queue: queue.CreateOptions{AckWait: l.ackWait}}
}

func (l *lab) worker(i int) *pipeline.Worker {
	engine := l.engine
	if i < len(l.engines) {
		engine = l.engines[i]
	}
	return &pipeline.Worker{Store: l.store, Conn: l.conn(), Log: zap.NewNop(), Name: fmt.Sprintf("w%d", i), Host: "here", Retry: time.Millisecond,
		Open: func(context.Context, schemas.EmbedSpec) (pipeline.Embedder, error) { return engine, nil }}
}

// run plans a request and brings it to its report with this lab's workers.
func (l *lab) run(ctx context.Context, q pipeline.Request) (*pipeline.Run, *schemas.Summary, error) {
	c := l.coordinator()
	planned, err := c.Plan(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	var summary *schemas.Summary
	err = l.work(ctx, planned.ID, func(ctx context.Context) error {
		var err error
		summary, err = c.Run(ctx, planned)
		return err
	})
	return planned, summary, err
}

// work does a run's tasks while do goes on.
func (l *lab) work(ctx context.Context, run schemas.RunID, do func(context.Context) error) error {
	over := make(chan struct{})
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(over)
		return do(gctx)
	})
	for i := range l.workers {
		w := l.worker(i)
		g.Go(func() error {
			if err := w.Run(gctx, run, over); !errors.Is(err, pipeline.ErrStopped) {
				return err
			}
			return nil
		})
	}
	return g.Wait()
}

// must is run that has to end well.
func (l *lab) must(q pipeline.Request) (*pipeline.Run, *schemas.Summary) {
	l.t.Helper()
	planned, summary, err := l.run(l.t.Context(), q)
	if err != nil {
		l.t.Fatal(err)
	}
	return planned, summary
}

// ask is a request for a folder, small shards, and references by name.
func ask(root string, references ...string) pipeline.Request {
	q := pipeline.Request{Set: pipeline.SourceRequest{Dataset: dataset.Options{URL: root, Layout: dataset.LayoutFolder}}, ShardImages: 24,
		Embed: schemas.EmbedSpec{Model: schemas.Digest(strings.Repeat("e", 64)), Detector: schemas.Digest(strings.Repeat("d", 64)),
			Detection: schemas.Detection{Size: 640, Score: "0.6", NMS: "0.3"}, Alignment: "a", Flip: "f", Decode: "1",
			Contract: schemas.ModelContract{Width: 112, Height: 112, Channels: "rgb", Scale: "1", Mean: [3]schemas.Decimal{"0", "0", "0"},
				Std: [3]schemas.Decimal{"1", "1", "1"}, Dim: dim, Points: "arcface-112"}},
		Judge: schemas.JudgeSpec{Method: "1", Drop: "0.95", Review: "0.5", Certain: "0.01", Probable: "0.5"}}
	for i, r := range references {
		q.References = append(q.References, pipeline.SourceRequest{Name: schemas.Source(fmt.Sprintf("ref%d", i)), Dataset: dataset.Options{URL: r, Layout: dataset.LayoutFolder}})
	}
	return q
}

// report is a run's report: file to bytes.
func (l *lab) report(run schemas.RunID) map[string]string {
	l.t.Helper()
	out := map[string]string{}
	folder := schemas.ReportFolder(run)
	for _, name := range l.names(folder) {
		out[strings.TrimPrefix(name, folder)] = string(l.bytes(name))
	}
	return out
}

func (l *lab) names(prefix string) []string {
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

func (l *lab) bytes(name string) []byte {
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
func table[T any](l *lab, name string, read func(io.Reader) (T, error)) T {
	l.t.Helper()
	v, err := read(strings.NewReader(string(l.bytes(name))))
	if err != nil {
		l.t.Fatalf("%s: %v", name, err)
	}
	return v
}

// verdicts are the report's images, by path.
func (l *lab) verdicts(run schemas.RunID) map[string]schemas.Verdict {
	l.t.Helper()
	out := map[string]schemas.Verdict{}
	for _, name := range l.names(schemas.ReportFolder(run) + schemas.ImagesFolder) {
		for _, v := range table(l, name, schemas.ReadVerdicts) {
			if _, twice := out[v.Path]; twice {
				l.t.Errorf("%s has two rows", v.Path)
			}
			out[v.Path] = v
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
