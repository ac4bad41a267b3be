package pipeline_test

import (
	"sync"
	"testing"

	"github.com/facesieve/facesieve/pipeline/queue/queuetest"
	"github.com/facesieve/facesieve/schemas"
)

// A cluster of three NATS servers loses the one that leads a run's queue in the middle of
// the run, which ends with the same report.
func TestRunOutlivesANATSServer(t *testing.T) {
	q := small(t)
	whole := newHarness(t)
	want, _ := whole.must(q)

	cluster := queuetest.Start(t, 3)
	l := newHarness(t)
	l.nats, l.workers = cluster.URL(), 2
	c := l.coordinator()
	planned, err := c.Plan(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var lost sync.WaitGroup
	lose := once(2, func() { lost.Go(func() { cluster.StopLeader("facesieve-" + string(planned.ID)) }) })
	l.engine.fail = func([]schemas.Image) error { lose(); return nil }
	_, s, err := l.runPlanned(t.Context(), c, planned)
	if err != nil || len(s.Failures) != 0 {
		t.Fatalf("%v, %+v", err, s)
	}
	lost.Wait()
	same(t, "with a server less", l.report(planned.ID), whole.report(want.ID))
	if n := len(l.names(schemas.RunFolder(planned.ID) + "attempts/")); n != 0 {
		t.Errorf("%d attempts are counted against the tasks", n)
	}
}
