package pipeline_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/schemas"
)

func TestGrownSetEmbedsOnlyWhatIsNear(t *testing.T) {
	l := newHarness(t)
	root, ref := t.TempDir(), t.TempDir()
	crowd(120, 6).write(t, root)
	crowd(10, 4).write(t, ref)
	planned, _ := l.must(ask(root, ref))
	calls := l.engine.calls.Load()
	if n := len(planned.Plan.Sources[0].Shards); n < 15 {
		t.Fatalf("only %d shards", n)
	}
	tree{}.person("p050x", "somebody-new", 5).write(t, root)
	grown, s := l.must(ask(root, ref))
	if grown.ID == planned.ID || s.Images != 120*6+5 {
		t.Fatalf("run %s of %d images", grown.ID, s.Images)
	}
	if n := l.engine.calls.Load() - calls; n < 1 || n > 3 {
		t.Errorf("one more identity embedded %d shards; want 1 to 3", n)
	}
}

func TestSameBytesElsewhereEmbedNothing(t *testing.T) {
	l := newHarness(t)
	set := crowd(20, 6).with(tree{"p003/bad.jpg": "garbage", "p004/none.jpg": "nobody"})
	first, _ := l.must(ask(set.write(t, t.TempDir())))
	calls := l.engine.calls.Load()
	root := set.write(t, t.TempDir())
	for p := range set {
		if err := os.Chtimes(filepath.Join(root, p), time.Now(), epoch.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	again, _ := l.must(ask(root))
	if again.ID == first.ID {
		t.Error("other times are another listing; want another run")
	}
	if l.engine.calls.Load() != calls {
		t.Errorf("%d tasks were embedded again", l.engine.calls.Load()-calls)
	}
	same(t, "elsewhere", l.report(again.ID), l.report(first.ID))
	// What does change is embedded.
	tree{"p003/bad.jpg": portrait("somebody-003", 99)}.write(t, root)
	changed, s := l.must(ask(root))
	if n := l.engine.calls.Load() - calls; n != 1 || changed.ID == again.ID {
		t.Errorf("a changed image caused %d embed tasks; want 1", n)
	}
	if s.Faults[schemas.FaultCorrupt] != 0 {
		t.Errorf("faults %v", s.Faults)
	}
}

func TestFromAnotherRunNeedsNoImagesAndNoEngine(t *testing.T) {
	l := newHarness(t)
	root := flawed().write(t, t.TempDir())
	gone := filepath.Join(root, "p010/001.jpg")
	q := ask(root)
	c := l.coordinator()
	planned, err := c.Plan(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(gone); err != nil {
		t.Fatal(err)
	}
	var first *schemas.Summary
	err = l.work(t.Context(), planned.ID, func(ctx ctx) error { first, err = c.Run(ctx, planned); return err })
	if err != nil || first.Faults[schemas.FaultMissing] != 1 {
		t.Fatalf("%v, %+v", err, first)
	}
	if err := os.RemoveAll(root); err != nil {
		t.Fatal(err)
	}
	l.engine.fail = func([]schemas.Image) error { return errors.New("no engine here") }
	calls := l.engine.calls.Load()

	q = ask("")
	q.From, q.Judge.Drop = planned.ID, "0.999"
	again, s := l.must(q)
	if again.ID == planned.ID || l.engine.calls.Load() != calls {
		t.Errorf("run %s, %d engine calls", again.ID, l.engine.calls.Load()-calls)
	}
	if s.Images != first.Images || s.Decisions[schemas.Drop] >= first.Decisions[schemas.Drop] {
		t.Errorf("decisions %v; before %v", s.Decisions, first.Decisions)
	}
	// The same thresholds are the same run.
	q.Judge = ask("").Judge
	if same, _ := l.must(q); same.ID != planned.ID {
		t.Errorf("run %s; want %s", same.ID, planned.ID)
	}
	q.From = schemas.RunID(strings.Repeat("0", 32))
	if _, err := c.Plan(t.Context(), q); !errors.Is(err, plan.ErrNoRun) {
		t.Errorf("an unknown run: %v", err)
	}
}

func TestImagesThatCameBackAreReadAgain(t *testing.T) {
	l := newHarness(t)
	set := crowd(30, 6)
	root := set.write(t, t.TempDir())
	hidden := filepath.Join(root, "p007/003.jpg")
	q := ask(root)
	c := l.coordinator()
	planned, err := c.Plan(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(hidden, hidden+"_"); err != nil {
		t.Fatal(err)
	}
	err = l.work(t.Context(), planned.ID, func(ctx ctx) error { return c.Embed(ctx, planned) })
	if err != nil {
		t.Fatal(err)
	}
	calls := l.engine.calls.Load()
	if err := os.Rename(hidden+"_", hidden); err != nil {
		t.Fatal(err)
	}
	again, s := l.must(q)
	if n := l.engine.calls.Load() - calls; n != 1 || len(s.Faults) != 0 || again.ID != planned.ID {
		t.Errorf("%d tasks were embedded again, faults %v; want 1 and none", n, s.Faults)
	}
	whole := newHarness(t)
	whole.must(q)
	same(t, "after an image came back", withoutSummary(l.report(planned.ID)), withoutSummary(whole.report(planned.ID)))
}

// withoutSummary is a report without its counts, for what may differ in them.
func withoutSummary(r map[string]string) map[string]string {
	delete(r, schemas.SummaryFile)
	return r
}

func TestAnotherFaultIsAnotherResult(t *testing.T) {
	l := newHarness(t)
	root := crowd(20, 6).write(t, t.TempDir())
	path := filepath.Join(root, "p007/003.jpg")
	q := ask(root)
	c := l.coordinator()
	planned, err := c.Plan(t.Context(), q)
	if err == nil {
		err = os.Remove(path)
	}
	if err == nil {
		err = l.work(t.Context(), planned.ID, func(ctx ctx) error { return c.Embed(ctx, planned) })
	}
	if err != nil {
		t.Fatal(err)
	}
	// Now there is a file again, but another one.
	tree{"p007/003.jpg": "face of another length 1"}.write(t, root)
	_, s, err := l.runPlanned(t.Context(), c, planned)
	if err != nil || s.Faults[schemas.FaultChanged] != 1 || s.Faults[schemas.FaultMissing] != 0 {
		t.Errorf("%v, faults %v; want one changed image", err, s.Faults)
	}
}

func TestManyUnreadableImagesStopTheRun(t *testing.T) {
	l := newHarness(t)
	root := crowd(40, 6).write(t, t.TempDir())
	c := l.coordinator()
	planned, err := c.Plan(t.Context(), ask(root))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		if err := os.Remove(filepath.Join(root, fmt.Sprintf("p%03d/001.jpg", i))); err != nil {
			t.Fatal(err)
		}
	}
	err = l.work(t.Context(), planned.ID, func(ctx ctx) error { _, err := c.Run(ctx, planned); return err })
	if err == nil || !strings.Contains(err.Error(), "permissions") {
		t.Errorf("the run ended with %v", err)
	}
}
