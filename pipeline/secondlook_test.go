package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
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
		ctx, kill := context.WithCancelCause(t.Context())
		var looked atomic.Int64 // a worker does several tasks at a time
		k.engine.fail = func(images []schemas.Image) error {
			if strings.HasSuffix(images[0].Path, "lying.jpg") || looked.Load() > 0 {
				if looked.Add(1) > 2 {
					kill(errKilled)
					return errKilled
				}
			}
			return nil
		}
		if _, _, err := k.run(ctx, askTwice(root, ref)); !errors.Is(err, errKilled) {
			t.Fatalf("not killed: %v", err)
		}
		k.engine.fail, k.workers = nil, workers
		got, _ := k.must(askTwice(root, ref))
		same(t, fmt.Sprintf("killed, %d workers", workers), k.report(got.ID), l.report(want.ID))
	}
}

// What a second look that is given up was to look at keeps what the first look gave, and
// the same command tries it again.
func TestSecondLookThatIsGivenUp(t *testing.T) {
	root := lyingCrowd().write(t, t.TempDir())
	l := newHarness(t)
	l.must(ask(root))
	q := askTwice(root)
	l.engine.fail = failsAt("p000/lying.jpg")
	planned, summary, err := l.run(t.Context(), q)
	if summary == nil {
		t.Fatalf("with a task given up: %v", err)
	}
	all := l.verdicts(planned.ID)
	lost, found := all["p000/lying.jpg"], all["p005/lying.jpg"]
	if lost.SecondLook != schemas.LookGivenUp || lost.Embedding.DetScore != .7 || lost.FirstPNoise == nil || lost.PNoise == nil {
		t.Errorf("given up: %q, detector %v (%s)", lost.SecondLook, lost.Embedding.DetScore, lost.Reason)
	}
	if found.SecondLook != schemas.LookTwice || len(all) != summary.Images || summary.Images != len(lyingCrowd()) {
		t.Errorf("of another shard: %q; %d of %d images in the tables", found.SecondLook, len(all), summary.Images)
	}
	looks := summary.Sources[0].SecondLooks
	if n := len(summary.Failures); n != 1 || summary.Failures[0].Images != 0 || looks.GivenUp < 2 || len(summary.Warnings) == 0 {
		t.Errorf("failures %+v, second looks %+v, warnings %+v", summary.Failures, looks, summary.Warnings)
	}
	if _, again, _ := l.run(t.Context(), q); again == nil || len(again.Failures) != 1 {
		t.Errorf("given up again: %+v", again)
	}
	from := askTwice(root)
	from.From, from.Judge.Review = planned.ID, "0.3"
	judged, again, _ := l.run(t.Context(), from)
	if again == nil || l.verdicts(judged.ID)["p000/lying.jpg"].SecondLook != schemas.LookGivenUp {
		t.Errorf("judged again: %+v", again)
	}
	l.engine.fail = nil
	l.must(q)
	if v := l.verdicts(planned.ID)["p000/lying.jpg"]; v.SecondLook != schemas.LookTwice {
		t.Errorf("tried again: %q (%s)", v.SecondLook, v.Reason)
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

// What is hardly a face at two looks is nothing else, whichever photograph it is; a second
// look that could not be taken says nothing of it.
func TestPoorFaces(t *testing.T) {
	tr := crowd(12, 8)
	tr["p000/poor.jpg"] = poor("somebody-000", 1)
	tr["p000/poor-again.jpg"] = poor("somebody-000", 1) + again + "60"
	tr["p001/changed.jpg"] = poor("somebody-001", 1)
	root := tr.write(t, t.TempDir())
	l := newHarness(t)
	l.must(ask(root))
	change(t, filepath.Join(root, "p001/changed.jpg"))
	q := askTwice(root)
	q.Judge.DropNearDuplicates = true
	planned, _ := l.must(q)
	all := l.verdicts(planned.ID)
	for _, path := range []string{"p000/poor.jpg", "p000/poor-again.jpg"} {
		if v := all[path]; v.Type != schemas.TypePoorFace || v.Decision != schemas.Review || v.DuplicateOf != nil {
			t.Errorf("%s: %s, %s (%s)", path, v.Type, v.Decision, v.Reason)
		}
	}
	if v := all["p001/changed.jpg"]; v.Type == schemas.TypePoorFace || v.SecondLook != string(schemas.FaultChanged) {
		t.Errorf("changed: %s, second look %q (%s)", v.Type, v.SecondLook, v.Reason)
	}
}

// A second look says something of an image where it found the image's own face, and tells
// this one from others of the picture.
func TestFacesBesideOthers(t *testing.T) {
	tr := crowd(12, 8)
	tr["p000/beside.jpg"] = beside("somebody-000", 1)
	tr["p001/wrong.jpg"] = crowded("stranger-1", "somebody-001")
	tr["p002/nobody.jpg"] = crowded("stranger-2", "stranger-3")
	l := newHarness(t)
	planned, _ := l.must(askTwice(tr.write(t, t.TempDir())))
	for path, want := range map[string]schemas.Type{
		"p000/beside.jpg": schemas.TypeClean, "p001/wrong.jpg": schemas.TypeWrongFace, "p002/nobody.jpg": schemas.TypeOutlier,
	} {
		if v := l.verdicts(planned.ID)[path]; v.Type != want || v.SecondLook != schemas.LookTwice {
			t.Errorf("%s is %s, second look %q (%s)", path, v.Type, v.SecondLook, v.Reason)
		}
	}
}

// change gives an image other bytes of equal size and age.
func change(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1]++
	if err := errors.Join(os.WriteFile(path, data, 0o600), os.Chtimes(path, epoch, epoch)); err != nil {
		t.Fatal(err)
	}
}

// The summary counts second looks, and each image once: as what all looks gave.
func TestSummaryCountsSecondLooks(t *testing.T) {
	tr, ref := crowd(12, 8), crowd(3, 4)
	for i := range 3 {
		tr[fmt.Sprintf("p%03d/hidden.jpg", i)] = hidden(fmt.Sprintf("somebody-%03d", i), 1)
		ref[fmt.Sprintf("p%03d/hidden.jpg", i)] = hidden(fmt.Sprintf("somebody-%03d", i), 2)
	}
	tr["p000/nobody.jpg"], ref["p000/nobody.jpg"] = "nobody", "nobody"
	tr["p001/wrong.jpg"] = crowded("stranger-1", "somebody-001")
	root := tr.write(t, t.TempDir())
	l := newHarness(t)
	planned, summary := l.must(askTwice(root, ref.write(t, t.TempDir())))
	for _, src := range summary.Sources {
		looks := src.SecondLooks
		if src.Faults[schemas.FaultNoFace] != 1 || src.Usable != src.Images-1 {
			t.Errorf("source %q: %d of %d images usable, faults %v", src.Name, src.Usable, src.Images, src.Faults)
		}
		if looks == nil || looks.Looked < 4 || looks.Found != looks.Looked-1 || looks.Faults[schemas.FaultNoFace] != 1 {
			t.Errorf("source %q: second looks %+v", src.Name, looks)
		}
	}
	var flagged float64
	for path, v := range l.verdicts(planned.ID) {
		found := !strings.HasSuffix(path, "hidden.jpg") && v.Embedding.Error == schemas.FaultNone
		if (v.VectorObject != "") != found {
			t.Errorf("%s has its first vector in %q", path, v.VectorObject)
		}
		switch v.Type {
		case schemas.TypeFlip, schemas.TypeOutlier, schemas.TypeWrongFace:
			flagged += 1 - float64(*v.PNoise)
		}
	}
	for _, x := range summary.Thresholds {
		if x.Name == "review" && math.Abs(x.ExpectedFalse-flagged) > 1e-6 {
			t.Errorf("review expects %v false flags; want %v", x.ExpectedFalse, flagged)
		}
	}
	if len(summary.Warnings) > 0 && summary.Warnings[0].Code == schemas.WarnMachine {
		t.Errorf("warnings %+v", summary.Warnings)
	}
}

// Images that are gone when they are looked at again are a warning.
func TestImagesGoneBeforeTheSecondLook(t *testing.T) {
	root := lyingCrowd().write(t, t.TempDir())
	l := newHarness(t)
	l.must(ask(root))
	l.engine.fail = func(images []schemas.Image) error {
		for i := range 6 {
			_ = os.Remove(filepath.Join(root, fmt.Sprintf("p%03d/lying.jpg", i)))
		}
		return nil
	}
	_, summary := l.must(askTwice(root))
	looks := summary.Sources[0].SecondLooks
	if looks.Faults[schemas.FaultMissing] != 6 || !slices.ContainsFunc(summary.Warnings, func(w schemas.Warning) bool {
		return w.Code == schemas.WarnMachine && w.Count == 6
	}) {
		t.Errorf("second looks %+v, warnings %+v", looks, summary.Warnings)
	}
}
