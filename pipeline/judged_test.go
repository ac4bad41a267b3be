package pipeline_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/judge"
	"github.com/facesieve/facesieve/pipeline/stage/match"
	"github.com/facesieve/facesieve/schemas"
)

// given is a request for the ready vectors of a set.
func given(t *testing.T, set tree, shardImages int) plan.Request {
	t.Helper()
	return plan.Request{Set: plan.SourceRequest{Vectors: vectorsFile(t, set, 1)}, ShardImages: shardImages, Judge: ask("").Judge}
}

// A report on ready vectors has equal bytes for any number of workers and order of tasks.
func TestReportOnVectorsDoesNotDependOnWorkersOrOrder(t *testing.T) {
	q := given(t, mixedUp(), 24)
	first := newHarness(t)
	planned, _ := first.must(q)
	want := first.report(planned.ID)
	for i, workers := range []int{1, 3} {
		l := newHarness(t)
		l.workers, l.shuffle = workers, uint64(i+5)
		again, _ := l.must(q)
		same(t, fmt.Sprintf("%d workers", workers), l.report(again.ID), want)
	}
}

// A verdict does not depend on which images share its shard.
func TestVerdictsDoNotDependOnShards(t *testing.T) {
	set := mixedUp()
	var want map[string]schemas.Verdict
	for _, shardImages := range []int{1000, 40, 24} {
		l := newHarness(t)
		planned, _ := l.must(given(t, set, shardImages))
		got := l.verdicts(planned.ID)
		for path, v := range got {
			v.VectorObject, v.VectorRow = "", 0 // where the vector stands is another place
			got[path] = v
		}
		if want == nil {
			want = got
		}
		for path, v := range want {
			if a, b := fmt.Sprintf("%+v", told(got[path])), fmt.Sprintf("%+v", told(v)); a != b {
				t.Fatalf("shards of %d images: %s is\n%s; want\n%s", shardImages, path, a, b)
			}
		}
	}
}

// told is what a report says of an image, without pointers.
func told(v schemas.Verdict) map[string]any {
	out := map[string]any{"type": v.Type, "decision": v.Decision, "reason": v.Reason, "for": v.EvidenceFor, "against": v.EvidenceAgainst}
	for name, x := range map[string]*float32{"score": v.Score, "other": v.OtherScore, "p": v.PNoise, "suggested": v.PSuggested} {
		if x != nil {
			out[name] = *x
		}
	}
	for name, s := range map[string]*string{"other": v.OtherIdentity, "label": v.SuggestedIdentity, "copy": v.DuplicateOf} {
		if s != nil {
			out[name+" identity"] = *s
		}
	}
	return out
}

// Judge tasks write equal bytes whatever is in memory and in whatever order they are done.
func TestJudgeTasksDoNotDependOnTheirOrder(t *testing.T) {
	l := newHarness(t)
	planned, _ := l.must(given(t, mixedUp(), 24))
	folder := schemas.ReportFolder(planned.ID) + schemas.ImagesFolder
	want := l.objects(folder)
	run, err := runstore.Load(t.Context(), l.store, planned.ID)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := match.LoadTables(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	verdicts, err := judge.LoadTables(t.Context(), run, tables.Identities[schemas.Set])
	if err != nil {
		t.Fatal(err)
	}
	for _, cached := range []int{1, 60, runstore.CachedImages} {
		for name := range want {
			if err := l.store.Delete(t.Context(), name); err != nil {
				t.Fatal(err)
			}
		}
		shards := runstore.NewShards(run)
		shards.CachedImages = cached
		for k := len(run.Set().Shards) - 1; k >= 0; k-- {
			if err := judge.Shard(t.Context(), shards, verdicts, k); err != nil {
				t.Fatal(err)
			}
		}
		same(t, fmt.Sprintf("%d images in memory", cached), l.objects(folder), want)
	}
}

// One identity more changes the verdicts on the others little.
func TestGrownSetChangesLittleElsewhere(t *testing.T) {
	set := crowd(80, 10)
	for i := range 40 {
		set[fmt.Sprintf("p%03d/flip.jpg", i)] = portrait(fmt.Sprintf("somebody-%03d", (i*7+3)%80), 50)
		set[fmt.Sprintf("p%03d/outlier.jpg", i)] = stranger(i)
	}
	l := newHarness(t)
	planned, _ := l.must(given(t, set, 200))
	before := l.verdicts(planned.ID)
	grown, _ := l.must(given(t, set.with(tree{}.person("p040x", "somebody-new", 10)), 200))
	after := l.verdicts(grown.ID)
	var most, sum float64
	for path, v := range before {
		d := math.Abs(float64(*v.PNoise) - float64(*after[path].PNoise))
		most, sum = max(most, d), sum+d
		if v.Decision != after[path].Decision && d < .01 {
			continue // at a threshold
		}
		if v.Decision != after[path].Decision {
			t.Errorf("%s: %s with p %.3f, then %s with p %.3f", path, v.Decision, *v.PNoise, after[path].Decision, *after[path].PNoise)
		}
	}
	mean := sum / float64(len(before))
	t.Logf("p_noise of %d images changes by %.5f in the mean, by %.3f at most", len(before), mean, most)
	if most == 0 || most > .1 || mean > .001 {
		t.Errorf("p_noise changes by %.5f in the mean, by %.3f at most", mean, most)
	}
}

// Two images of a label that disagree are both for review; two that agree are kept.
func TestLabelsOfTwo(t *testing.T) {
	set := crowd(30, 8)
	for i := range 10 {
		set[fmt.Sprintf("apart-%d/1.jpg", i)], set[fmt.Sprintf("apart-%d/2.jpg", i)] = stranger(2*i), stranger(2*i+1)
		set.person(fmt.Sprintf("pair-%d", i), fmt.Sprintf("pair-%d", i), 2)
	}
	l := newHarness(t)
	q := given(t, set, 60)
	planned, _ := l.must(q)
	all := l.verdicts(planned.ID)
	reviewed := 0
	for path, v := range all {
		switch {
		case strings.HasPrefix(path, "apart-"):
			if v.Decision == schemas.Review {
				reviewed++
			} else if v.Decision != schemas.Keep || *v.Score < .1 {
				t.Errorf("%s: %s, %s", path, v.Decision, v.Reason)
			}
		case v.Decision == schemas.Drop || v.Decision == schemas.Relabel,
			strings.HasPrefix(path, "pair-") && v.Decision != schemas.Keep:
			t.Errorf("%s: %s, %s", path, v.Decision, v.Reason)
		}
	}
	if reviewed < 10 {
		t.Errorf("%d of 20 images that disagree are for review", reviewed)
	}
	// With a limit between the two, the one that is not wrong by itself is for review too.
	one, other := *all["apart-0/1.jpg"].PNoise, *all["apart-0/2.jpg"].PNoise
	q.Judge.Review = schemas.Decimal(fmt.Sprint((one + other) / 2))
	planned, _ = l.must(q)
	better := "apart-0/1.jpg"
	if one > other {
		better = "apart-0/2.jpg"
	}
	v := l.verdicts(planned.ID)[better]
	if v.Type != schemas.TypeClean || v.Decision != schemas.Review || len(v.EvidenceAgainst) == 0 ||
		!strings.HasSuffix(v.Reason, "the two images of apart-0 disagree, and either may be the wrong one") {
		t.Errorf("%s: %s, %s, %q", better, v.Type, v.Decision, v.Reason)
	}
}
