package queue_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/facesieve/facesieve/pipeline/queue"
)

// blockedPull starts a Pull on a connection of its own and returns when the server
// has it.
func blockedPull(ctx context.Context, t *testing.T, s *natsServer) (q *queue.Queue, c *queue.Conn, result chan error) {
	t.Helper()
	c = s.dial(ctx)
	q, err := c.Join(ctx, run)
	if err != nil {
		t.Fatal(err)
	}
	result = make(chan error, 1)
	go func() {
		l, err := q.Pull(ctx)
		if err == nil {
			err = l.Done(ctx)
		}
		result <- err
	}()
	until(ctx, t, "the pull is open", func() bool {
		n, err := q.Workers(ctx)
		return err == nil && n > 0
	})
	return q, c, result
}

func TestDeleteEndsTheRun(t *testing.T) {
	ctx, s, q := open(t, queue.CreateOptions{AckWait: soon})
	push(ctx, t, q, task(1), true)
	l := pull(ctx, t, q)
	worker, c, result := blockedPull(ctx, t, s)
	if err := q.Delete(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-result; !errors.Is(err, queue.ErrClosed) {
		t.Errorf("the blocked Pull = %v, want ErrClosed", err)
	}
	if _, err := worker.Pull(ctx); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("the next Pull = %v, want ErrClosed", err)
	}
	if _, err := q.Push(ctx, task(2)); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("Push = %v, want ErrClosed", err)
	}
	if _, err := q.Pending(ctx); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("Pending = %v, want ErrClosed", err)
	}
	<-l.Context().Done()
	if err := context.Cause(l.Context()); !errors.Is(err, queue.ErrLost) {
		t.Errorf("the lease ended with %v, want ErrLost", err)
	}
	if err := l.Done(ctx); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("Done = %v, want ErrClosed", err)
	}
	if _, err := c.Join(ctx, run); !errors.Is(err, queue.ErrNoRun) {
		t.Errorf("Join = %v, want ErrNoRun", err)
	}
	if err := q.Delete(ctx); err != nil {
		t.Errorf("deleted again: %v", err)
	}
}

func TestCloseEndsABlockedPull(t *testing.T) {
	ctx, s, _ := open(t, queue.CreateOptions{})
	_, c, result := blockedPull(ctx, t, s)
	c.Close()
	if err := <-result; !errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, queue.ErrClosed) {
		t.Errorf("Pull = %v, want ErrConnectionClosed", err)
	}
}

// A server that comes back with its files has the tasks and the leases.
func TestServerRestarts(t *testing.T) {
	ctx, s, q := open(t, queue.CreateOptions{})
	push(ctx, t, q, task(1), true)
	l := pull(ctx, t, q)
	_, _, result := blockedPull(ctx, t, s)
	dir := s.ns.JetStreamConfig().StoreDir
	s.stop()
	pushed := make(chan error, 1)
	go func() {
		_, err := q.Push(ctx, task(2)) // no server: it waits
		pushed <- err
	}()
	s.start(parent(dir))
	if err := <-pushed; err != nil {
		t.Errorf("Push over a restart = %v", err)
	}
	if err := <-result; err != nil {
		t.Errorf("Pull over a restart = %v", err)
	}
	done(ctx, t, l)
	wantPending(ctx, t, q, 0)
}

// A server that comes back with nothing makes everyone say so; the run's stream
// made again works, and what is left of the old one cannot touch its tasks.
func TestServerLosesItsFolder(t *testing.T) {
	ctx, s, q := open(t, queue.CreateOptions{AckWait: soon})
	push(ctx, t, q, task(1), true)
	old := pull(ctx, t, q)
	_, workers, result := blockedPull(ctx, t, s)
	s.stop()
	s.start(t.TempDir())
	if err := <-result; !errors.Is(err, queue.ErrClosed) {
		t.Errorf("the blocked Pull = %v, want ErrClosed", err)
	}
	if _, err := q.Push(ctx, task(2)); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("Push = %v, want ErrClosed", err)
	}
	if _, err := workers.Join(ctx, run); !errors.Is(err, queue.ErrNoRun) {
		t.Errorf("Join = %v, want ErrNoRun", err)
	}
	again, err := s.dial(ctx).Create(ctx, run, "mem:", queue.CreateOptions{AckWait: soon})
	if err != nil {
		t.Fatal(err)
	}
	// This task has the sequence that the old lease's task had.
	push(ctx, t, again, task(7), true)
	l := pull(ctx, t, again)
	if err := old.Done(ctx); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("the old lease's Done = %v, want ErrClosed", err)
	}
	<-old.Context().Done()
	if err := context.Cause(old.Context()); !errors.Is(err, queue.ErrLost) {
		t.Errorf("the old lease ended with %v, want ErrLost", err)
	}
	wantPending(ctx, t, again, 1)
	done(ctx, t, l)
}

// A worker that is cut off for AckWait has lost its lease and knows it.
func TestALeaseIsLostWithoutAServer(t *testing.T) {
	ctx, s, q := open(t, queue.CreateOptions{AckWait: soon})
	push(ctx, t, q, task(1), true)
	l := pull(ctx, t, q)
	dir := s.ns.JetStreamConfig().StoreDir
	s.stop()
	<-l.Context().Done()
	if err := context.Cause(l.Context()); !errors.Is(err, queue.ErrLost) {
		t.Errorf("the lease ended with %v, want ErrLost", err)
	}
	s.start(parent(dir))
	next := pull(ctx, t, q)
	if next.Deaths() != 1 {
		t.Errorf("%d deaths after a lease ran out, want 1", next.Deaths())
	}
	// What was done is done, whoever says so.
	done(ctx, t, l)
	wantPending(ctx, t, q, 0)
	if err := next.Release(ctx); err != nil {
		t.Errorf("releasing a task that another settled: %v", err)
	}
}

// A caller that gives up on an unreachable server gets its context's error.
func TestWaitingEndsWithTheContext(t *testing.T) {
	ctx, s, q := open(t, queue.CreateOptions{})
	s.stop()
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := q.Pull(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Pull = %v", err)
	}
	if _, err := q.Push(short, task(1)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Push = %v", err)
	}
}

// A server that has no JetStream for a while, as one that starts, is waited for by
// those who open a queue, too.
func TestOpeningWaitsForTheServer(t *testing.T) {
	ctx, s, _ := open(t, queue.CreateOptions{})
	nc, err := nats.Connect(s.url(), nats.MaxReconnects(-1), nats.ReconnectWait(10*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	c, dir := queue.Wrap(nc), parent(s.ns.JetStreamConfig().StoreDir)
	t.Cleanup(c.Close)
	restart := func(jetStream bool) {
		s.stop()
		s.options.JetStream = jetStream
		s.start(dir)
		until(ctx, t, "the connection is mended", nc.IsConnected)
	}
	restart(false)
	short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	if _, err := c.Join(short, run); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Join = %v", err)
	}
	joined := make(chan error, 3)
	go func() { _, err := c.Join(ctx, run); joined <- err }()
	go func() { _, err := c.Create(ctx, run, "", queue.CreateOptions{}); joined <- err }()
	go func() { _, err := c.Runs(ctx); joined <- err }()
	restart(true)
	for range cap(joined) {
		if err := <-joined; err != nil {
			t.Errorf("over a restart: %v", err)
		}
	}
}
