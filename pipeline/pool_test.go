package pipeline_test

import (
	"testing"
	"time"

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
