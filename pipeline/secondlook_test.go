package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/pipeline/stage/secondlook"
	"github.com/facesieve/facesieve/schemas"
)

// lyingCrowd is a crowd in which some faces lie, and a stranger stands under the first
// label.
func lyingCrowd() tree {
	tr := crowd(24, 8)
	for i := range 6 {
		tr[fmt.Sprintf("p%03d/lying.jpg", i)] = lying(fmt.Sprintf("somebody-%03d", i), 1)
	}
	tr["p000/stranger.jpg"] = stranger(1)
	return tr
}

// askTwice is ask with a second look.
func askTwice(root string, references ...string) plan.Request {
	q := ask(root, references...)
	q.Judge.SecondLook = secondlook.Method
	return q
}

func TestSecondLookFindsLyingFaces(t *testing.T) {
	root := lyingCrowd().write(t, t.TempDir())
	l := newHarness(t)
	once, _ := l.must(ask(root))
	if n := l.engine.looks.Load(); n != 0 {
		t.Fatalf("%d images were looked at again, unasked", n)
	}
	embedded := l.engine.count.Load()
	twice, summary := l.must(askTwice(root))
	if l.engine.count.Load() != embedded {
		t.Error("vectors that stood were made again")
	}
	n := l.engine.looks.Load()
	if n < 7 || n > int64(summary.Images)/3 {
		t.Errorf("%d of %d images were looked at again", n, summary.Images)
	}
	before, after := l.verdicts(once.ID), l.verdicts(twice.ID)
	for i := range 6 {
		path := fmt.Sprintf("p%03d/lying.jpg", i)
		if v := before[path]; *v.Score > .3 {
			t.Errorf("%s has the score %v at the first look already", path, *v.Score)
		}
		if v := after[path]; *v.Score < .6 || *v.PNoise >= *before[path].PNoise || v.Decision != schemas.Keep || v.Embedding.DetScore != .95 {
			t.Errorf("%s: %s, %s (%s)", path, v.Type, v.Decision, v.Reason)
		}
	}
	if v := after["p000/stranger.jpg"]; v.Type != schemas.TypeOutlier {
		t.Errorf("the stranger is %s: %s", v.Type, v.Reason)
	}
}

// The looks of one run serve others of the same set, whatever these decide.
func TestSecondLooksAreShared(t *testing.T) {
	root := lyingCrowd().write(t, t.TempDir())
	l := newHarness(t)
	first, _ := l.must(askTwice(root))
	looks := l.engine.looks.Load()
	strict := askTwice(root)
	strict.Judge.Drop = "0.6"
	l.must(strict)
	from := askTwice(root)
	from.From, from.Judge.Review = first.ID, "0.3"
	l.must(from)
	if n := l.engine.looks.Load(); n != looks {
		t.Errorf("%d images were looked at again by other runs of the set", n-looks)
	}
	off := ask(root)
	off.From = first.ID
	planned, _ := l.must(off)
	if planned.Spec.Judge.SecondLook != "" || planned.ID == first.ID {
		t.Errorf("a run without a second look has %q, id %s", planned.Spec.Judge.SecondLook, planned.ID)
	}
}

// A run that is stopped at any second look goes on to the same bytes.
func TestSecondLookSurvivesKills(t *testing.T) {
	root := lyingCrowd().write(t, t.TempDir())
	ref := crowd(3, 4).with(tree{"p000/lying.jpg": lying("somebody-000", 2)}).write(t, t.TempDir())
	l := newHarness(t)
	want, _ := l.must(askTwice(root, ref))
	for _, workers := range []int{1, 3} {
		k := newHarness(t)
		k.workers = workers
		ctx, kill := context.WithCancelCause(t.Context())
		looked := 0
		k.engine.fail = func(images []schemas.Image) error {
			if strings.HasSuffix(images[0].Path, "lying.jpg") || looked > 0 {
				if looked++; looked > 2 {
					kill(errKilled)
					return errKilled
				}
			}
			return nil
		}
		k.workers = 1 // it counts
		if _, _, err := k.run(ctx, askTwice(root, ref)); !errors.Is(err, errKilled) {
			t.Fatalf("not killed: %v", err)
		}
		k.engine.fail, k.workers = nil, workers
		got, _ := k.must(askTwice(root, ref))
		same(t, fmt.Sprintf("killed, %d workers", workers), k.report(got.ID), l.report(want.ID))
	}
}

// An image that changed since the first look keeps what that gave.
func TestSecondLookAtAChangedImage(t *testing.T) {
	root := lyingCrowd().write(t, t.TempDir())
	l := newHarness(t)
	once, _ := l.must(ask(root))
	path := filepath.Join(root, "p003/lying.jpg")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1]++ // of equal size and age
	if err := errors.Join(os.WriteFile(path, data, 0o600), os.Chtimes(path, epoch, epoch)); err != nil {
		t.Fatal(err)
	}
	twice, _ := l.must(askTwice(root))
	a, b := l.verdicts(once.ID)["p003/lying.jpg"], l.verdicts(twice.ID)["p003/lying.jpg"]
	if a.Embedding.DetScore != b.Embedding.DetScore || b.Embedding.Error != schemas.FaultNone {
		t.Errorf("first look %v, then %v", a.Embedding, b.Embedding)
	}
}

// A machine that can't read the source is not taken for images that went.
func TestSecondLookWithoutTheSource(t *testing.T) {
	tr := crowd(24, 8)
	for i := range 20 {
		tr[fmt.Sprintf("p%03d/lying.jpg", i)] = lying(fmt.Sprintf("somebody-%03d", i), 1)
	}
	root := tr.write(t, t.TempDir())
	l := newHarness(t)
	q, off := askTwice(root), ask(root)
	q.ShardImages, off.ShardImages = 1000, 1000
	l.must(off)
	// The listing stands, and what it lists is gone on the workers.
	c := l.coordinator()
	planned, err := c.Plan(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	hidden := root + "-hidden"
	if err := os.Rename(root, hidden); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.runPlanned(t.Context(), c, planned); !errors.Is(err, run.ErrFailed) {
		t.Fatalf("without the source: %v", err)
	}
	if err := os.Rename(hidden, root); err != nil {
		t.Fatal(err)
	}
	again, _ := l.must(q)
	for i := range 20 {
		if v := l.verdicts(again.ID)[fmt.Sprintf("p%03d/lying.jpg", i)]; v.SecondLook != schemas.LookTwice {
			t.Fatalf("%s: %q", v.Embedding.Path, v.SecondLook)
		}
	}
}

// An image that could not be read again keeps its first look, and a second one is taken
// once it can be read, by a run that judges otherwise.
func TestSecondLookAtAMissingImage(t *testing.T) {
	root := lyingCrowd().write(t, t.TempDir())
	l := newHarness(t)
	l.must(ask(root))
	q := askTwice(root)
	c := l.coordinator()
	planned, err := c.Plan(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, "p003/lying.jpg")
	if err := os.Rename(path, path+".gone"); err != nil {
		t.Fatal(err)
	}
	once, _, err := l.runPlanned(t.Context(), c, planned)
	if err != nil {
		t.Fatal(err)
	}
	if v := l.verdicts(once.ID)["p003/lying.jpg"]; v.SecondLook != string(schemas.FaultMissing) || v.Embedding.DetScore != .7 {
		t.Errorf("%q, detector %v", v.SecondLook, v.Embedding.DetScore)
	}
	from := askTwice(root)
	from.From, from.Judge.Review = once.ID, "0.3"
	looks, calls := l.engine.looks.Load(), l.engine.calls.Load()
	judged, _ := l.must(from)
	if l.engine.looks.Load() != looks || l.engine.calls.Load() != calls {
		t.Error("a new judgement needed an engine")
	}
	if v := l.verdicts(judged.ID)["p003/lying.jpg"]; v.SecondLook != string(schemas.FaultMissing) {
		t.Errorf("judged again: %q", v.SecondLook)
	}
	if err := os.Rename(path+".gone", path); err != nil {
		t.Fatal(err)
	}
	strict := askTwice(root)
	strict.Judge.Drop = "0.6"
	twice, _ := l.must(strict)
	if v := l.verdicts(twice.ID)["p003/lying.jpg"]; v.SecondLook != schemas.LookTwice || v.Embedding.DetScore != .95 {
		t.Errorf("once it is there: %q, detector %v", v.SecondLook, v.Embedding.DetScore)
	}
}
