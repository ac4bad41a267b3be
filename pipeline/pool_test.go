package pipeline_test

import (
	"errors"
	"testing"
	"time"

	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/pipeline/work"
	"github.com/facesieve/facesieve/schemas"
)

// A worker that only embeds leaves when the vectors stand, while the run goes on; another
// one does the rest, and the report is the same.
func TestPoolsOfWorkers(t *testing.T) {
	q := small(t)
	whole := newHarness(t)
	want, _ := whole.must(q)

	l := newHarness(t)
	c := l.coordinator()
	planned, err := c.Plan(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { _, err := c.Run(t.Context(), planned); done <- err }()
	images := l.worker(0)
	images.Pools, images.Look = []schemas.Pool{schemas.PoolImages}, 10*time.Millisecond
	if err := images.Run(t.Context(), planned.ID, nil); err != nil {
		t.Fatalf("the worker that embeds ended with %v", err)
	}
	if n := len(l.names(schemas.RunFolder(planned.ID) + "match/")); n != 0 {
		t.Errorf("it left %d match objects", n)
	}
	// One that comes late finds nothing to do.
	if err := images.Run(t.Context(), planned.ID, nil); err != nil {
		t.Errorf("a late worker that embeds ended with %v", err)
	}
	vectors := l.worker(1)
	vectors.Pools = []schemas.Pool{schemas.PoolVectors}
	before := l.engine.calls.Load()
	if err := vectors.Run(t.Context(), planned.ID, nil); err != nil {
		t.Errorf("the other worker ended with %v", err)
	}
	if l.engine.calls.Load() != before {
		t.Error("the other worker embedded")
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	same(t, "by two pools", l.report(planned.ID), whole.report(want.ID))
}

// A run that failed is tried again by the same request: a worker that only embeds must not
// take the vectors of before for all, and leaves once those of now stand.
func TestPoolAfterFailure(t *testing.T) {
	q := small(t)
	whole := newHarness(t)
	want, _ := whole.must(q)

	l := newHarness(t)
	l.engine.fail = failsAt("p004/002.jpg")
	planned, _, err := l.run(t.Context(), q)
	if !errors.Is(err, run.ErrFailed) {
		t.Fatal(err)
	}
	only := []schemas.Pool{schemas.PoolImages}
	if left, err := work.NothingLeft(t.Context(), l.store, planned.ID, only); err != nil || left {
		t.Fatalf("before the failures are tried again: nothing left %t, %v", left, err)
	}
	l.engine.fail = nil
	images := l.worker(0)
	images.Pools, images.Look = only, 10*time.Millisecond
	left := make(chan error, 1)
	go func() { left <- images.Run(t.Context(), planned.ID, nil) }()
	c := l.coordinator()
	done := make(chan error, 1)
	go func() { _, err := c.Run(t.Context(), planned); done <- err }()
	if err := <-left; err != nil {
		t.Errorf("the worker that embeds ended with %v", err)
	}
	if n := len(l.names(schemas.FailuresFolder(planned.ID))); n != 0 {
		t.Errorf("it left %d failures", n)
	}
	vectors := l.worker(1)
	vectors.Pools = []schemas.Pool{schemas.PoolVectors}
	if err := vectors.Run(t.Context(), planned.ID, nil); err != nil {
		t.Errorf("the other worker ended with %v", err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	same(t, "tried again by two pools", l.report(planned.ID), whole.report(want.ID))
}
