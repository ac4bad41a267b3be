package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/queue/queuetest"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// failed is a harness whose run has ended with a task that was given up, and whose engine
// is mended.
func failed(t *testing.T, q plan.Request) *harness {
	t.Helper()
	l := newHarness(t)
	l.engine.fail = failsAt("p004/002.jpg")
	if _, _, err := l.run(t.Context(), q); !errors.Is(err, run.ErrFailed) {
		t.Fatalf("the run ended with %v", err)
	}
	l.engine.fail = nil
	return l
}

// forgetful is a store that calls a function before a failure is deleted.
type forgetful struct {
	store.Store
	before func()
}

func (f forgetful) Delete(ctx context.Context, name string) error {
	if strings.Contains(name, "/failures/") {
		f.before()
	}
	return f.Store.Delete(ctx, name)
}

// curious is a store that calls a function after it was asked for a failure.
type curious struct {
	store.Store
	after func()
}

func (c curious) Stat(ctx context.Context, name string) (store.Info, error) {
	info, err := c.Store.Stat(ctx, name)
	if strings.Contains(name, "/failures/") {
		c.after()
	}
	return info, err
}

// Of two coordinators over what an earlier command gave up, the second does not look at
// failures that the first is about to forget.
func TestTwoCoordinatorsOverFailures(t *testing.T) {
	q := small(t)
	whole := newHarness(t)
	want, _ := whole.must(q)
	l := failed(t, q)
	first, second := l.coordinator(), l.coordinator()
	planned, err := first.Plan(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	again, err := second.Plan(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	forgetting, waiting := make(chan struct{}), make(chan struct{})
	begins, waits := once(1, func() { close(forgetting) }), once(1, func() { close(waiting) })
	first.Store = forgetful{l.store, func() { begins(); <-waiting }}
	second.Store = curious{l.store, waits}
	nc, err := l.server.Conn()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	// Asked whether it is at work, the first one is waited for.
	if _, err := nc.Subscribe("facesieve."+string(planned.ID)+".coordinator.*", func(*nats.Msg) { waits() }); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	err = l.work(t.Context(), planned.ID, func(ctx context.Context) error {
		g, gctx := errgroup.WithContext(ctx)
		g.Go(func() error { _, err := first.Run(gctx, planned); return err })
		g.Go(func() error {
			<-forgetting
			if _, err := second.Run(gctx, again); err != nil {
				return fmt.Errorf("the second: %w", err)
			}
			return nil
		})
		return g.Wait()
	})
	if err != nil {
		t.Error(err)
	}
	same(t, "by two over failures", l.report(planned.ID), whole.report(want.ID))
}

// errKilledHere ends a coordinator in the middle.
var errKilledHere = errors.New("killed")

// killed is a harness whose coordinator was killed in a stage that has tasks in the queue,
// after an embed task was given up, and whose engine is mended.
func killed(t *testing.T, q plan.Request, at schemas.Stage, job string) (*harness, *plan.Run) {
	t.Helper()
	l := newHarness(t)
	l.engine.fail = failsAt("p004/002.jpg")
	ctx, kill := context.WithCancelCause(t.Context())
	c := l.coordinator()
	c.Queue.Job = job
	var stage atomic.Value
	c.Progress = func(p run.Progress) {
		stage.Store(p.Stage)
		if at == schemas.StageEmbed && p.Stage == at && p.TasksFailed > 0 && !p.End {
			kill(errKilledHere)
		}
	}
	c.QueueCounts = func(n map[schemas.Pool]queue.Counts) {
		if stage.Load() == at && at != schemas.StageEmbed && n[at.Pool()].Pending > 0 {
			kill(errKilledHere)
		}
	}
	planned, err := c.Plan(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	var g errgroup.Group
	g.Go(func() error {
		defer close(over)
		_, err := c.Run(ctx, planned)
		return err
	})
	w := l.worker(0)
	w.Pools = []schemas.Pool{schemas.PoolImages}
	g.Go(func() error { _ = w.Run(t.Context(), planned.ID, over); return nil }) // it is asked to stop, or has done all
	if err := g.Wait(); !errors.Is(err, errKilledHere) {
		t.Fatalf("the killed coordinator ended with %v", err)
	}
	if runs, err := l.conn().Runs(t.Context()); err != nil || len(runs) != 1 {
		t.Fatalf("the killed coordinator's queue: %v, %v", runs, err)
	}
	l.engine.fail = nil
	return l, planned
}

// A command over the queue of a coordinator that was killed tries again what that one gave
// up, in its stage of embedding and in a later one, whose tasks lack the shard.
func TestCommandOverAQueueThatStands(t *testing.T) {
	q := small(t)
	whole := newHarness(t)
	want, _ := whole.must(q)
	for _, stage := range []schemas.Stage{schemas.StageEmbed, schemas.StageMatch} {
		t.Run(string(stage), func(t *testing.T) {
			l, planned := killed(t, q, stage, "")
			if _, s, err := l.runPlanned(t.Context(), l.coordinator(), planned); err != nil || len(s.Failures) != 0 {
				t.Fatalf("%v, %+v", err, s)
			}
			same(t, "tried again", l.report(planned.ID), whole.report(want.ID))
		})
	}
}

// A process that replaces one of the same job goes on with what that one gave up; the next
// job tries it again.
func TestJobGoesOn(t *testing.T) {
	q := small(t)
	whole := newHarness(t)
	want, _ := whole.must(q)
	l, planned := killed(t, q, schemas.StageMatch, "job-1")
	for i, job := range []string{"job-1", "job-2"} {
		c := l.coordinator()
		c.Queue.Job = job
		if _, s, err := l.runPlanned(t.Context(), c, planned); s == nil || len(s.Failures) != 1-i {
			t.Errorf("%s: %v, %+v", job, err, s)
		}
	}
	same(t, "by the next job", l.report(planned.ID), whole.report(want.ID))
}

// A process that replaces one of a job whose run was cancelled leaves the run alone; the
// next job takes it up.
func TestCancelledJob(t *testing.T) {
	q := small(t)
	l, planned := killed(t, q, schemas.StageEmbed, "job-1")
	by := schemas.Cancellation{By: "me@here", At: "2026-01-02T03:04:05Z"}
	if _, err := admin.Cancel(t.Context(), l.store, planned.ID, by); err != nil {
		t.Fatal(err)
	}
	c := l.coordinator()
	c.Queue.Job = "job-1"
	var cancelled *run.CancelledError
	if _, err := c.Run(t.Context(), planned); !errors.As(err, &cancelled) || cancelled.Cancellation != by {
		t.Errorf("the same job ended with %v", err)
	}
	if runs, err := c.Conn.Runs(t.Context()); err != nil || len(runs) != 0 {
		t.Errorf("the same job left queues: %v, %v", runs, err)
	}
	c = l.coordinator()
	c.Queue.Job = "job-2"
	if _, s, err := l.runPlanned(t.Context(), c, planned); err != nil || len(s.Failures) != 0 {
		t.Errorf("the next job: %v, %+v", err, s)
	}
}

// cutter is a connection that is cut instead of bringing a certain answer.
type cutter struct {
	net.Conn
	cut *sync.Once
}

func (c cutter) Read(b []byte) (n int, err error) {
	n, err = c.Conn.Read(b)
	if bytes.Contains(b[:n], []byte("stream_create_response")) {
		c.cut.Do(func() { n, err = 0, errors.Join(net.ErrClosed, c.Close()) })
	}
	return n, err
}

// Dial is nats.CustomDialer's.
func (c cutter) Dial(network, address string) (net.Conn, error) {
	conn, err := net.Dial(network, address)
	return cutter{conn, c.cut}, err
}

// A coordinator that made the queue, and lost the answer, begins the run all the same.
func TestAnswerToTheQueuesMakingIsLost(t *testing.T) {
	q := small(t)
	whole := newHarness(t)
	want, _ := whole.must(q)
	l := failed(t, q)
	l.nats = queuetest.Start(t, 3).URL()
	lost := &sync.Once{}
	nc, err := nats.Connect(l.nats, nats.SetCustomDialer(cutter{cut: lost}), nats.MaxReconnects(-1))
	if err != nil {
		t.Fatal(err)
	}
	c := l.coordinator()
	c.Conn = queue.Wrap(nc)
	t.Cleanup(c.Conn.Close)
	planned, err := c.Plan(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if _, s, err := l.runPlanned(t.Context(), c, planned); err != nil || len(s.Failures) != 0 {
		t.Fatalf("%v, %+v", err, s)
	}
	lost.Do(func() { t.Error("no answer was lost") })
	same(t, "after a lost answer", l.report(planned.ID), whole.report(want.ID))
}
