package queue_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/schemas"
)

// beginning counts how often a run was begun.
func beginning(n *atomic.Int64) queue.CreateOptions {
	return queue.CreateOptions{Begin: func(context.Context, *queue.Queue) error { n.Add(1); return nil }}
}

// Who comes while another coordinator begins the run waits until that one has begun, and so
// do workers.
func TestBeginIsWaitedFor(t *testing.T) {
	ctx, s := testContext(t), startServer(t)
	nc, err := nats.Connect(s.url())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	asked := make(chan *nats.Msg, 64)
	if _, err := nc.ChanSubscribe("facesieve."+string(run)+".coordinator.*", asked); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	var begun atomic.Bool
	var second atomic.Int64
	beside := make(chan error, 1)
	first := queue.CreateOptions{Begin: func(context.Context, *queue.Queue) error {
		go func() {
			o, told := beginning(&second), 0
			o.Waits = func() { told++ }
			q, err := s.dial(ctx).Create(ctx, run, "mem:", o)
			if err == nil && (q.Fresh() || !begun.Load() || told != 1) {
				err = errors.New("the second did not wait for the first")
			}
			beside <- err
		}()
		<-asked
		if _, err := s.dial(ctx).Join(ctx, run); !errors.Is(err, queue.ErrNoRun) {
			t.Errorf("a worker joins a run that has not begun: %v", err)
		}
		begun.Store(true)
		return nil
	}}
	q, err := s.dial(ctx).Create(ctx, run, "mem:", first)
	if err != nil || !q.Fresh() {
		t.Fatalf("the first: %v", err)
	}
	if err := <-beside; err != nil || second.Load() != 0 {
		t.Errorf("the second began %d times: %v", second.Load(), err)
	}
}

// A run is begun again over the queue of coordinators that are at work no more, whether they
// have begun or not, and whichever of them made it.
func TestBeginAgain(t *testing.T) {
	ctx, s := testContext(t), startServer(t)
	broken := errors.New("broken")
	create := func(want bool, o queue.CreateOptions) (*queue.Conn, *queue.Queue) {
		t.Helper()
		var n atomic.Int64
		o.Begin = beginning(&n).Begin
		c := s.dial(ctx)
		q, err := c.Create(ctx, run, "mem:", o)
		if err != nil || q.Fresh() != want || (n.Load() == 1) != want {
			t.Fatalf("begun %d times: %v", n.Load(), err)
		}
		return c, q
	}
	_, err := s.dial(ctx).Create(ctx, run, "mem:", queue.CreateOptions{Job: "a",
		Begin: func(context.Context, *queue.Queue) error { return broken }})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	first, q := create(true, queue.CreateOptions{Job: "a"}) // of a job that has not begun
	if q.Used() {
		t.Error("a queue of nobody is called used")
	}
	_, beside := create(false, queue.CreateOptions{})
	first.Close()
	_, third := create(false, queue.CreateOptions{}) // the second is at work
	beside.Leave()
	third.Leave()
	_, q = create(false, queue.CreateOptions{Job: "a"}) // goes on where its job was
	q.Leave()
	if _, q = create(true, queue.CreateOptions{Job: "b"}); !q.Used() {
		t.Error("the queue of another coordinator is not called used")
	}
	q.Leave()
	create(true, queue.CreateOptions{})
}

// A queue that was used stays so where a coordinator in between has not begun: the tasks of
// the one before it are in there. Jobs make no difference.
func TestUsedPastOneThatHasNotBegun(t *testing.T) {
	broken := errors.New("broken")
	for _, jobs := range [][3]string{{}, {"a", "b", "a"}, {"a", "b", "b"}} {
		ctx, s := testContext(t), startServer(t)
		var used []bool
		for i, job := range jobs {
			begin := func(_ context.Context, q *queue.Queue) error {
				used = append(used, q.Used())
				if i == 1 {
					return broken
				}
				return nil
			}
			q, err := s.dial(ctx).Create(ctx, run, "mem:", queue.CreateOptions{Job: job, Begin: begin})
			switch {
			case i == 1 && !errors.Is(err, broken):
				t.Fatal(err)
			case i != 1 && err != nil:
				t.Fatal(err)
			case err == nil:
				q.Leave()
			}
		}
		if want := []bool{false, true, true}; !slices.Equal(used, want) {
			t.Errorf("jobs %q: used %v; want %v", jobs, used, want)
		}
	}
}

// What nobody holds is discarded, of one pool; what a worker holds is waited for, and is
// discarded too where the worker gives it back.
func TestDiscard(t *testing.T) {
	ctx, s, q := open(t, queue.CreateOptions{})
	push(ctx, t, q, task(1), true)
	for i := range 300 {
		push(ctx, t, q, judgeTask(i), true)
	}
	vectors := join(ctx, t, s, schemas.PoolVectors)
	first, second := pull(ctx, t, vectors), pull(ctx, t, vectors)
	discard := func(want int) {
		t.Helper()
		if n, err := q.Discard(ctx, schemas.PoolVectors); err != nil || n != want {
			t.Errorf("%d are at work, %v; want %d", n, err, want)
		}
	}
	discard(2)
	done(ctx, t, first)
	discard(1)
	if err := second.Release(ctx); err != nil {
		t.Fatal(err)
	}
	discard(0)
	if c, err := q.Counts(ctx); err != nil || c[schemas.PoolImages].Pending != 1 || c[schemas.PoolVectors].Pending != 0 {
		t.Errorf("the queue holds %+v, %v", c, err)
	}
}
