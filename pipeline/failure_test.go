package pipeline_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/pipeline/stage/embed"
	"github.com/facesieve/facesieve/pipeline/work"
	"github.com/facesieve/facesieve/schemas"
)

var errEngine = errors.New("the engine broke")

// failsAt fails every call that holds a path.
func failsAt(path string) func([]schemas.Image) error {
	return func(images []schemas.Image) error {
		for _, im := range images {
			if im.Path == path {
				return errEngine
			}
		}
		return nil
	}
}

func TestFailedShardIsNamedAndTriedAgain(t *testing.T) {
	q := small(t)
	whole := newHarness(t)
	want, _ := whole.must(q)

	for _, path := range []string{"p004/002.jpg", "star/002.jpg", "Star/020.jpg"} { // two of the set, one of the reference
		l := newHarness(t)
		l.workers = 2
		l.engine.fail = failsAt(path)
		planned, s, err := l.run(t.Context(), q)
		if !errors.Is(err, run.ErrFailed) || s == nil || len(s.Failures) != 1 || s.Failures[0].Images == 0 {
			t.Fatalf("%v, %+v", err, s)
		}
		task := s.Failures[0].Task
		if n := len(l.names(schemas.RunFolder(planned.ID) + "attempts/" + task + "/")); n != 5 {
			t.Errorf("%d attempts at %s; want 5", n, task)
		}
		record := string(l.bytes(schemas.FailuresFolder(planned.ID) + task + ".json"))
		if !strings.Contains(record, errEngine.Error()) {
			t.Errorf("the failure's record: %s", record)
		}
		lost := s.Failures[0].Images
		if strings.Contains(task, "ref-") {
			lost = 0
		}
		all := l.verdicts(planned.ID)
		if total := planned.Plan.Sources[0].Images; len(all) != total-lost || s.Images != len(all) {
			t.Errorf("%d rows; want %d of %d", len(all), total-lost, total)
		}
		if _, ok := all[path]; ok {
			t.Errorf("%s was not embedded and has a verdict", path)
		}
		l.engine.fail = nil
		healed, s := l.must(q)
		if healed.ID != want.ID || len(s.Failures) != 0 {
			t.Errorf("after the engine was mended: %+v", s)
		}
		same(t, "healed", l.report(healed.ID), whole.report(want.ID))
	}
}

func TestEngineThatAlwaysFailsNamesItsError(t *testing.T) {
	l := newHarness(t)
	l.engine.fail = func([]schemas.Image) error { return errEngine }
	q := ask(crowd(8, 6).write(t, t.TempDir()))
	_, _, err := l.run(t.Context(), q)
	if !errors.Is(err, run.ErrFailed) || !strings.Contains(err.Error(), errEngine.Error()) {
		t.Fatalf("the run ended with %v", err)
	}
	l.engine.fail = nil
	l.must(q)
}

func TestFailureThatPassesCostsAnAttempt(t *testing.T) {
	l := newHarness(t)
	var calls atomic.Int64
	l.engine.fail = func([]schemas.Image) error {
		if calls.Add(1) <= 4 {
			return errEngine
		}
		return nil
	}
	planned, s := l.must(ask(crowd(3, 4).write(t, t.TempDir())))
	if n := len(l.names(schemas.RunFolder(planned.ID) + "attempts/")); n != 4 || s.Images != 12 {
		t.Errorf("%d attempts, %d images", n, s.Images)
	}
}

func TestMachineOfAnotherKindIsRefused(t *testing.T) {
	q := ask(crowd(8, 6).write(t, t.TempDir()))
	l := newHarness(t)
	other := &faces{t: t, kind: kindB}
	c := l.coordinator()
	planned, err := c.Plan(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	// The first worker states its kind and is stopped in its first task; then one
	// of another kind comes.
	ctx, kill := context.WithCancelCause(t.Context())
	l.engine.fail = func([]schemas.Image) error { kill(errKilled); return errKilled }
	over := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		defer close(over)
		_, err := c.Run(t.Context(), planned)
		done <- err
	}()
	if err := l.worker(0).Run(ctx, planned.ID, over); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	w := l.worker(1)
	w.Open = func(context.Context, schemas.EmbedSpec) (embed.Embedder, error) { return other, nil }
	err = w.Run(t.Context(), planned.ID, over)
	if !errors.Is(err, work.ErrNumericKind) || !strings.Contains(err.Error(), string(kindA)) || !strings.Contains(err.Error(), string(kindB)) {
		t.Errorf("the other machine ended with %v", err)
	}
	if other.calls.Load() != 0 {
		t.Error("the other machine embedded")
	}
	l.engine.fail = nil
	if err := l.worker(0).Run(t.Context(), planned.ID, nil); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := len(l.names(schemas.RunFolder(planned.ID) + "attempts/")); n != 0 {
		t.Errorf("%d attempts are counted against the tasks", n)
	}
}

func TestMixedKinds(t *testing.T) {
	l := newHarness(t)
	l.workers = 2
	l.engines = []*faces{{t: t, kind: kindA}, {t: t, kind: kindB}}
	q := ask(crowd(20, 6).write(t, t.TempDir()))
	q.Judge.Mixed = true
	planned, s := l.must(q)
	if !s.Mixed || s.NumericKind != "" || s.Images != 120 || len(l.verdicts(planned.ID)) != 120 {
		t.Errorf("%+v", s)
	}
}

func TestBrokenEngineEndsTheWorker(t *testing.T) {
	l := newHarness(t)
	planned, err := l.coordinator().Plan(t.Context(), ask(crowd(4, 4).write(t, t.TempDir())))
	if err != nil {
		t.Fatal(err)
	}
	c := l.coordinator()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { _, err := c.Run(ctx, planned); done <- err }()
	w := l.worker(0)
	w.Open = func(context.Context, schemas.EmbedSpec) (embed.Embedder, error) { return nil, errEngine }
	if err := w.Run(t.Context(), planned.ID, nil); !errors.Is(err, errEngine) {
		t.Errorf("the worker ended with %v", err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("the coordinator ended with %v", err)
	}
	if n := len(l.names(schemas.RunFolder(planned.ID) + "attempts/")); n != 0 {
		t.Errorf("%d attempts are counted against the task", n)
	}
}

func TestSoftStopFinishesTheTaskAtWork(t *testing.T) {
	l := newHarness(t)
	q := ask(crowd(20, 6).write(t, t.TempDir()))
	planned, err := l.coordinator().Plan(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	c := l.coordinator()
	done := make(chan error, 1)
	go func() { _, err := c.Run(t.Context(), planned); done <- err }()
	stop := make(chan struct{})
	halt := once(1, func() { close(stop) })
	l.engine.fail = func([]schemas.Image) error { halt(); return nil }
	if err := l.worker(0).Run(t.Context(), planned.ID, stop); !errors.Is(err, work.ErrStopped) {
		t.Errorf("the worker ended with %v", err)
	}
	if n := len(l.names(schemas.EmbedFolder)); n < 1 || n == len(planned.Plan.Sources[0].Shards) {
		t.Errorf("%d shards were finished", n)
	}
	l.engine.fail = nil
	if err := l.worker(1).Run(t.Context(), planned.ID, nil); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestPinnedKind(t *testing.T) {
	l := newHarness(t)
	q := ask(crowd(8, 6).write(t, t.TempDir()))
	first, _ := l.must(q)
	q.Judge.NumericKind = kindB
	if _, _, err := l.run(t.Context(), q); !errors.Is(err, work.ErrNumericKind) {
		t.Errorf("a machine of another kind than the pinned one: %v", err)
	}
	l.engine.kind = kindB
	planned, s := l.must(q)
	if planned.ID == first.ID || s.NumericKind != kindB {
		t.Errorf("run %s of kind %s", planned.ID, s.NumericKind)
	}
	from := ask("")
	from.From = planned.ID
	if again, _ := l.must(from); again.ID != planned.ID {
		t.Errorf("run %s from %s", again.ID, planned.ID)
	}
}
