package queue_test

import (
	"context"
	"errors"
	"testing"

	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/queue/queuetest"
)

func replicas(ctx context.Context, t *testing.T, c *queue.Conn) int {
	t.Helper()
	runs, err := c.Runs(ctx)
	if err != nil || len(runs) != 1 {
		t.Fatalf("Runs = %+v, %v", runs, err)
	}
	return runs[0].Replicas
}

func TestReplicasOfOneServer(t *testing.T) {
	ctx := testContext(t)
	c := startServer(t).dial(ctx)
	if _, err := c.Create(ctx, run, "mem:", queue.CreateOptions{Replicas: 2}); !errors.Is(err, queue.ErrReplicas) {
		t.Errorf("two replicas of one server: %v", err)
	} else {
		t.Log(err)
	}
	q, err := c.Create(ctx, run, "mem:", queue.CreateOptions{})
	if err != nil || !q.Fresh() {
		t.Fatalf("made: %v", err)
	}
	if n := replicas(ctx, t, c); n != 1 {
		t.Errorf("%d replicas of one server", n)
	}
	q, err = c.Create(ctx, run, "mem:", queue.CreateOptions{})
	if err != nil || q.Fresh() {
		t.Errorf("a stream that was there is called made: %v", err)
	}
}

// A cluster of three keeps the queue three times, and loses nothing with the server that
// leads it.
func TestClusterLosesAServer(t *testing.T) {
	ctx := testContext(t)
	cluster := queuetest.Start(t, 3)
	c, err := queue.Dial(ctx, cluster.URL(), queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if _, err := c.Create(ctx, run, "mem:", queue.CreateOptions{Replicas: 5}); !errors.Is(err, queue.ErrReplicas) {
		t.Errorf("five replicas of three servers: %v", err)
	} else {
		t.Log(err)
	}
	q, err := c.Create(ctx, run, "mem:", queue.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if n := replicas(ctx, t, c); n != 3 {
		t.Errorf("%d replicas in a cluster of three", n)
	}
	const tasks = 6
	for i := range tasks {
		push(ctx, t, q, task(i), true)
	}
	first := pull(ctx, t, q)
	cluster.StopLeader("facesieve-" + string(run))
	done(ctx, t, first)
	for range tasks - 1 {
		l := pull(ctx, t, q)
		if l.Deaths() != 0 {
			t.Errorf("%s: %d deaths", l.Task().Name(), l.Deaths())
		}
		done(ctx, t, l)
	}
	wantPending(ctx, t, q, 0)
	push(ctx, t, q, task(0), true)
	if err := q.Delete(ctx); err != nil {
		t.Error(err)
	}
}
