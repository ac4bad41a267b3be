package pipeline_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// Images with right labels and poor faces are told and kept; a run that asks for quality
// drops them, and nothing else becomes of the others. It judges vectors that stand.
func TestMinQuality(t *testing.T) {
	set := crowd(24, 8)
	poorOnes := []string{"p000/poor.jpg", "p001/poor.jpg", "p002/poor.jpg"}
	for i, path := range poorOnes {
		set[path] = poor([]string{"somebody-000", "somebody-001", "somebody-002"}[i], 1)
	}
	set["p003/nobody.jpg"], set["p004/stranger.jpg"] = "nobody", stranger(1)
	root := set.write(t, t.TempDir())
	l := newHarness(t)
	first, _ := l.must(ask(root))
	q := ask(root)
	q.From, q.Judge.MinQuality = first.ID, "0.5"
	embedded := l.engine.count.Load()
	second, summary := l.must(q)
	if first.ID == second.ID || second.Spec.Judge.MinQuality != "0.5" || l.engine.count.Load() != embedded {
		t.Errorf("run %s asks for %q, then %s for %q", first.ID, first.Spec.Judge.MinQuality, second.ID, second.Spec.Judge.MinQuality)
	}
	kept, dropped := l.verdicts(first.ID), l.verdicts(second.ID)
	low := 0
	for path, v := range kept {
		w := dropped[path]
		isPoor := strings.HasSuffix(path, "poor.jpg")
		if (v.Type == schemas.TypeLowQuality) != isPoor || (w.Type == schemas.TypeLowQuality) != isPoor {
			t.Errorf("%s: %s, then %s", path, v.Type, w.Type)
		}
		if (v.PNoise == nil) != (w.PNoise == nil) || v.PNoise != nil && *v.PNoise != *w.PNoise {
			t.Errorf("%s: p_noise %v, then %v", path, v.PNoise, w.PNoise)
		}
		switch {
		case path == "p003/nobody.jpg":
			if v.Quality != nil {
				t.Errorf("%s has the quality %v", path, *v.Quality)
			}
		case v.Quality == nil || w.Quality == nil || *v.Quality != *w.Quality:
			t.Errorf("%s: quality %v, then %v", path, v.Quality, w.Quality)
		case isPoor:
			low++
			if *v.Quality >= .4 || v.Decision != schemas.Keep || w.Decision != schemas.Drop ||
				!strings.Contains(w.Reason, "of low quality") || !strings.Contains(w.Reason, "0.43 times the usual length") {
				t.Errorf("%s: quality %v: %s, then %s: %s", path, *v.Quality, v.Decision, w.Decision, w.Reason)
			}
		case *v.Quality < .5 || v.Decision != w.Decision || v.Reason != w.Reason:
			t.Errorf("%s: quality %v: %s (%s), then %s (%s)", path, *v.Quality, v.Decision, v.Reason, w.Decision, w.Reason)
		}
	}
	if low != len(poorOnes) || summary.Types[schemas.TypeLowQuality] != low {
		t.Errorf("%d images of low quality, the summary counts %d", low, summary.Types[schemas.TypeLowQuality])
	}
}

// What drops a stranger of good quality leaves one of low quality for review, and the
// reason says from which p on it would be dropped; p_noise is that of the evidence alone.
func TestLowQualityIsNotDroppedLightly(t *testing.T) {
	set := crowd(24, 8)
	for i := range 12 {
		set[fmt.Sprintf("p%03d/good.jpg", i)] = stranger(i)
		set[fmt.Sprintf("p%03d/poor.jpg", i+12)] = poor(fmt.Sprintf("stranger-%d", i+12), 0)
	}
	q := ask(set.write(t, t.TempDir()))
	q.Judge.Review, q.Judge.Drop = "0.05", "0.06" // the judge is not sure of poor faces: a low limit tells more
	l := newHarness(t)
	planned, _ := l.must(q)
	counts := map[string]int{}
	for path, v := range l.verdicts(planned.ID) {
		kind := strings.TrimSuffix(path[len("p000/"):], ".jpg")
		if kind != "good" && kind != "poor" || v.Type != schemas.TypeOutlier || v.SuggestedIdentity != nil || *v.PNoise < .06 {
			continue
		}
		odds := .06 / .94 * math.Exp(6*max(0, .65-float64(*v.Quality)))
		want := schemas.Review
		if limit := odds / (1 + odds); float64(*v.PNoise) >= limit {
			want = schemas.Drop
		}
		said := strings.Contains(v.Reason, "of low quality (") && strings.Contains(v.Reason, "so that a person should look up to p 0.")
		if v.Decision != want || said != (want == schemas.Review) {
			t.Errorf("%s: quality %.3f, p %.4f, limit odds %.2f: %s, want %s: %s", path, *v.Quality, *v.PNoise, odds, v.Decision, want, v.Reason)
		}
		counts[kind+" "+string(want)]++
	}
	if counts["good drop"] < 6 || counts["good review"] > 0 || counts["poor review"] < 2 {
		t.Errorf("too little to tell: %v", counts)
	}
}
