package queue_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/facesieve/facesieve/pipeline/queue"
)

// die pulls a task on a connection of its own and breaks it, as a killed worker
// does.
func die(ctx context.Context, t *testing.T, s *natsServer) {
	t.Helper()
	c := s.dial(ctx)
	q, err := c.Join(ctx, run)
	if err != nil {
		t.Fatal(err)
	}
	pull(ctx, t, q)
	c.Close()
}

func TestDeathsCountSilenceOnly(t *testing.T) {
	ctx, s, q := open(t, queue.CreateOptions{AckWait: soon})
	push(ctx, t, q, task(1), true)
	for _, step := range []struct {
		name string
		end  func(*queue.Lease) error
		want int // deaths seen by the lease that this step ends
	}{
		{"a release", func(l *queue.Lease) error { return l.Release(ctx) }, 0},
		{"a failure", func(l *queue.Lease) error { return l.Retry(ctx, 0) }, 0},
		{"a later retry", func(l *queue.Lease) error { return l.Retry(ctx, time.Millisecond) }, 0},
		{"a release, then a death", func(l *queue.Lease) error {
			if err := l.Release(ctx); err != nil {
				return err
			}
			die(ctx, t, s)
			return nil
		}, 0},
		{"a release after a death", func(l *queue.Lease) error { return l.Release(ctx) }, 1},
		{"a second death", func(l *queue.Lease) error {
			err := l.Release(ctx)
			die(ctx, t, s)
			return err
		}, 1},
		{"the end", func(l *queue.Lease) error { return l.Done(ctx) }, 2},
	} {
		l := pull(ctx, t, q)
		if l.Deaths() != step.want {
			t.Errorf("before %s: %d deaths, want %d", step.name, l.Deaths(), step.want)
		}
		if err := step.end(l); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
	}
	// A task that is pushed again begins anew.
	push(ctx, t, q, task(1), true)
	if l := pull(ctx, t, q); l.Deaths() != 0 {
		t.Errorf("%d deaths of a task pushed again, want 0", l.Deaths())
	}
}

// Without a limit on deliveries a task that kills its workers is still delivered,
// for the worker to give it up by a record in the store.
func TestDeliveriesHaveNoLimit(t *testing.T) {
	ctx, _, q := open(t, queue.CreateOptions{})
	push(ctx, t, q, task(1), true)
	for range 100 {
		if err := pull(ctx, t, q).Release(ctx); err != nil {
			t.Fatal(err)
		}
	}
	done(ctx, t, pull(ctx, t, q))
	push(ctx, t, q, task(1), true)
}

func TestALeaseRenewsItself(t *testing.T) {
	ctx, _, q := open(t, queue.CreateOptions{AckWait: soon})
	push(ctx, t, q, task(1), true)
	l := pull(ctx, t, q)
	wait, cancel := context.WithTimeout(ctx, 3*soon)
	defer cancel()
	if _, err := q.Pull(wait); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Pull = %v while the task is leased", err)
	}
	if l.Context().Err() != nil {
		t.Error("the lease ended although it was renewed")
	}
	done(ctx, t, l)
	if err := context.Cause(l.Context()); !errors.Is(err, context.Canceled) {
		t.Errorf("the settled lease's context ended with %v", err)
	}
}

func TestALeaseIsSettledOnce(t *testing.T) {
	ctx, _, q := open(t, queue.CreateOptions{})
	push(ctx, t, q, task(1), true)
	l := pull(ctx, t, q)
	done(ctx, t, l)
	for _, err := range []error{l.Done(ctx), l.Release(ctx), l.Retry(ctx, 0)} {
		if !errors.Is(err, queue.ErrSettled) {
			t.Errorf("settled again: %v", err)
		}
	}
	wantPending(ctx, t, q, 0)
}

// A pull asks for one task: the others are there for other workers.
func TestPullTakesOneTask(t *testing.T) {
	ctx, s, q := open(t, queue.CreateOptions{})
	for shard := range 3 {
		push(ctx, t, q, task(shard), true)
	}
	first := pull(ctx, t, q)
	other, err := s.dial(ctx).Join(ctx, run)
	if err != nil {
		t.Fatal(err)
	}
	got := map[int]bool{first.Task().Shard: true}
	got[pull(ctx, t, other).Task().Shard] = true
	got[pull(ctx, t, other).Task().Shard] = true
	if len(got) != 3 {
		t.Errorf("two workers got the shards %v, want three", got)
	}
}

// A task that comes as its pull is given up goes back, and counts nothing: with
// this AckWait only a task that was given back comes again.
func TestAnAbandonedPullLosesNoTask(t *testing.T) {
	ctx, _, q := open(t, queue.CreateOptions{AckWait: time.Hour})
	push(ctx, t, q, task(1), true)
	if err := q.AbandonPull(ctx); err != nil {
		t.Fatal(err)
	}
	l := pull(ctx, t, q)
	if l.Deaths() != 0 {
		t.Errorf("%d deaths, want 0", l.Deaths())
	}
	done(ctx, t, l)
}

func TestACancelledPullIsClosed(t *testing.T) {
	ctx, _, q := open(t, queue.CreateOptions{AckWait: time.Hour})
	stopped, stop := context.WithCancel(ctx)
	result := make(chan error, 1)
	go func() {
		_, err := q.Pull(stopped)
		result <- err
	}()
	until(ctx, t, "the pull is open", func() bool {
		n, err := q.Workers(ctx)
		return err == nil && n > 0
	})
	stop()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("Pull = %v", err)
	}
	// The task goes to the pull that is open, not to the one that was.
	push(ctx, t, q, task(1), true)
	done(ctx, t, pull(ctx, t, q))
}
