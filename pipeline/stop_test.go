package pipeline_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/facesieve/facesieve/schemas"
)

// A task that does not look at its context, as one that hangs in a disk, does not keep its
// lease when its worker is stopped: nothing else would bring the tasks back within AckWait.
func TestTaskThatHangsIsGivenBack(t *testing.T) {
	l := newHarness(t)
	l.ackWait = time.Hour
	c := l.coordinator()
	planned, err := c.Plan(t.Context(), ask(crowd(20, 6).write(t, t.TempDir())))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { _, err := c.Run(t.Context(), planned); done <- err }()
	hold, left := make(chan struct{}), make(chan struct{}, 2)
	ctx, stop := context.WithCancelCause(t.Context())
	enter := once(2, func() { stop(errKilled) })
	l.engines = []*faces{{t: t, kind: kindA, fail: func([]schemas.Image) error {
		enter()
		<-hold
		left <- struct{}{}
		return errEngine
	}}}
	if err := l.worker(0).Run(ctx, planned.ID, nil); !errors.Is(err, errKilled) {
		t.Fatalf("the stopped worker ended with %v", err)
	}
	q, err := l.conn().Join(t.Context(), planned.ID)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		lease, err := q.Pull(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if lease.Deaths() != 0 {
			t.Errorf("%s: a release counts as %d deaths", lease.Task().Name(), lease.Deaths())
		}
		if err := lease.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.worker(1).Run(t.Context(), planned.ID, nil); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	close(hold)
	<-left
	<-left
	if n := len(l.names(schemas.RunFolder(planned.ID) + "attempts/")); n != 0 {
		t.Errorf("%d attempts are counted against the tasks", n)
	}
}
