package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/stage/embed"
	"github.com/facesieve/facesieve/pipeline/store/storefault"
	"github.com/facesieve/facesieve/schemas"
)

// small is a set and a reference with something in every table, in a few shards.
func small(t *testing.T) plan.Request {
	set := crowd(10, 6).person("twin-a", "twin", 6).person("star", "star", 6)
	for i := 7; i <= 12; i++ {
		set[fmt.Sprintf("twin-b/%03d.jpg", i)] = portrait("twin", i)
	}
	set["p001/flip.jpg"] = portrait("somebody-002", 50)
	set["p003/copy.jpg"] = portrait("somebody-004", 1)
	set["p005/bad.jpg"] = "garbage"
	ref := tree{}.person("Star", "star", 0).person("other", "other", 4).person("p002", "nobody-you-know", 3)
	for i := 20; i < 25; i++ {
		ref[fmt.Sprintf("Star/%03d.jpg", i)] = portrait("star", i)
	}
	ref["shared/1.jpg"] = portrait("somebody-006", 1)
	return ask(set.write(t, t.TempDir()), ref.write(t, t.TempDir()))
}

func TestReportBytesDoNotDependOnWorkersOrderOrStore(t *testing.T) {
	q := small(t)
	first := newHarness(t)
	planned, _ := first.must(q)
	want := first.report(planned.ID)
	if len(want) < 7 {
		t.Fatalf("the report has only %d files", len(want))
	}
	for i, workers := range []int{1, 2, 3} {
		l := newHarness(t)
		l.workers, l.shuffle = workers, uint64(i+1)
		if i == 1 {
			l.store = openStore(t, filepath.Join(t.TempDir(), "store"))
		}
		again, _ := l.must(q)
		if again.ID != planned.ID {
			t.Fatalf("run %s; want %s", again.ID, planned.ID)
		}
		same(t, fmt.Sprintf("%d workers", workers), l.report(planned.ID), want)
	}
}

func TestFinishedRunReportsAtOnce(t *testing.T) {
	l := newHarness(t)
	q := small(t)
	planned, _ := l.must(q)
	want, calls := l.report(planned.ID), l.engine.calls.Load()
	l.workers = 0
	l.must(q)
	same(t, "again", l.report(planned.ID), want)
	if l.engine.calls.Load() != calls {
		t.Error("the second command embedded again")
	}
}

// TestRestartAfterEveryObject kills coordinator and workers at the n-th object
// that the run stores, for every n, and gives the same command again.
func TestRestartAfterEveryObject(t *testing.T) {
	q := small(t)
	q.ShardImages = 60
	whole := newHarness(t)
	planned, _ := whole.must(q)
	want := whole.report(planned.ID)
	objects := len(whole.names("")) - 2 // source.json and timing.json are replaced, not put
	for n := 1; n <= objects; n++ {
		l := newHarness(t)
		l.store = memory(t)
		inner := l.store
		ctx, kill := context.WithCancelCause(t.Context())
		l.store = storefault.New(inner, t, storefault.Fault{Op: storefault.Put, Nth: n, Done: n%2 == 0, Before: func() { kill(errKilled) }})
		if _, _, err := l.run(ctx, q); err == nil && n < objects-2 {
			t.Errorf("object %d: the run ended well though it was killed", n)
		}
		kill(nil)
		l.store = inner
		again, _ := l.must(q)
		same(t, fmt.Sprintf("killed at object %d of %d", n, objects), l.report(again.ID), want)
	}
}

var errKilled = errors.New("killed")

// TestStoreFaults fails one call at planned places. A run that ends in an error
// is given again.
func TestStoreFaults(t *testing.T) {
	q := small(t)
	whole := newHarness(t)
	planned, _ := whole.must(q)
	want := whole.report(planned.ID)
	folder := schemas.RunFolder(planned.ID)
	for _, f := range []storefault.Fault{
		{Op: storefault.Get, Pattern: "rows/*", Nth: 2},
		{Op: storefault.Get, Pattern: "vectors/*/*", Nth: 3, Partial: 100},
		{Op: storefault.Get, Pattern: "embed/*"},
		{Op: storefault.Get, Pattern: folder + "plan.json", Nth: 2},
		{Op: storefault.Get, Pattern: folder + "aggregate.arrow"},
		{Op: storefault.Get, Pattern: folder + "aggregate.arrow", Nth: 2},
		{Op: storefault.Get, Pattern: folder + "matching.json"},
		{Op: storefault.Get, Pattern: folder + "match/*"},
		{Op: storefault.Get, Pattern: folder + "calibration.json"},
		{Op: storefault.Get, Pattern: folder + "report/images/*", Nth: 2},
		{Op: storefault.Stat, Pattern: "embed/*", Nth: 4},
		{Op: storefault.Stat, Pattern: folder + "match/*", Nth: 2},
		{Op: storefault.List, Pattern: "vectors/*/"},
		{Op: storefault.Put, Pattern: "vectors/*/*", Nth: 2},
		{Op: storefault.Put, Pattern: "embed/*", Nth: 2, Done: true},
		{Op: storefault.Put, Pattern: folder + "numeric-kind"},
		{Op: storefault.Put, Pattern: folder + "relabelled.arrow"},
		{Op: storefault.Put, Pattern: folder + "match/*", Done: true},
		{Op: storefault.Put, Pattern: folder + "report/pairs.arrow"},
		{Op: storefault.Put, Pattern: folder + "report/overlap.arrow", Done: true},
		{Op: storefault.Put, Pattern: folder + "report/images/*", Nth: 3},
		{Op: storefault.Put, Pattern: folder + "report/summary.json"},
		{Op: storefault.Replace, Pattern: folder + "timing.json"},
		{Op: storefault.Put, Pattern: folder + "timings/*", Nth: 4},
	} {
		t.Run(fmt.Sprintf("%s %s %d", f.Op, strings.TrimPrefix(f.Pattern, folder), f.Nth), func(t *testing.T) {
			l := newHarness(t)
			inner := l.store
			l.store = storefault.New(inner, t, f)
			if _, _, err := l.run(t.Context(), q); err != nil && !errors.Is(err, storefault.ErrPlanned) {
				t.Errorf("the run ended with %v", err)
			}
			l.store = inner
			l.must(q)
			same(t, "after the fault", l.report(planned.ID), want)
		})
	}
}

func TestWorkersDieAndOthersFinish(t *testing.T) {
	q := small(t)
	whole := newHarness(t)
	planned, _ := whole.must(q)
	want := whole.report(planned.ID)

	l := newHarness(t)
	l.ackWait = 2 * time.Second
	c := l.coordinator()
	planned, err := c.Plan(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var g errgroup.Group
	over := make(chan struct{})
	g.Go(func() error {
		defer close(over)
		_, err := c.Run(t.Context(), planned)
		return err
	})
	// Three workers in turn are cut off in the middle of a task, the third without
	// giving its tasks back; then a fourth goes on.
	for i := range 3 {
		ctx, kill := context.WithCancelCause(t.Context())
		w := l.worker(i)
		engine := &faces{t: t, kind: kindA, fail: func([]schemas.Image) error { kill(errKilled); return errKilled }}
		w.Open = func(context.Context, schemas.EmbedSpec) (embed.Embedder, error) { return engine, nil }
		if i == 2 {
			engine.fail = func([]schemas.Image) error { w.Conn.Close(); kill(errKilled); return errKilled }
		}
		if err := w.Run(ctx, planned.ID, over); !errors.Is(err, errKilled) {
			t.Errorf("a killed worker ended with %v", err)
		}
	}
	if err := l.worker(4).Run(t.Context(), planned.ID, nil); err != nil {
		t.Error(err)
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	same(t, "after three deaths", l.report(planned.ID), want)
	if n := len(l.names(schemas.RunFolder(planned.ID) + "attempts/")); n != 0 {
		t.Errorf("%d failed attempts are on record; a worker that is stopped has not failed", n)
	}
}

// TestQueueLosesEverything deletes the stream while every stage is at work.
func TestQueueLosesEverything(t *testing.T) {
	q := small(t)
	whole := newHarness(t)
	planned, _ := whole.must(q)
	want := whole.report(planned.ID)
	for _, object := range []string{"embed/*", schemas.RunFolder(planned.ID) + "match/*", schemas.RunFolder(planned.ID) + "report/images/*"} {
		l := newHarness(t)
		l.workers = 2
		thief := l.conn()
		var gone atomic.Bool
		l.store = storefault.New(l.store, t, storefault.Fault{Op: storefault.Stat, Pattern: object, Nth: 6, Err: errKilled, Before: func() {
			q, err := thief.Join(t.Context(), planned.ID)
			if err == nil {
				err = q.Delete(t.Context())
			}
			if err != nil {
				t.Error(err)
			}
			gone.Store(true)
		}})
		_, _, err := l.run(t.Context(), q)
		if err != nil && !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		l.must(q)
		same(t, "queue lost at "+object, l.report(planned.ID), want)
		if !gone.Load() {
			t.Error("the queue was not lost")
		}
	}
}
