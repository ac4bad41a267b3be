package pipeline_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// flawed is a set with one of each fault, among 30 people of 8 images.
func flawed() tree {
	set := crowd(30, 8)
	set["p000/bad.jpg"] = "garbage"
	set["p001/empty.png"] = ""
	set["p002/nobody.jpg"] = "nobody"
	set["p003/zz-copy.jpg"] = portrait("somebody-003", 1)
	set["p004/zz-copy.jpg"] = portrait("somebody-005", 2)
	set["p006/flip.jpg"] = portrait("somebody-007", 77)
	set["p008/outlier.jpg"] = stranger(1)
	set["few/1.jpg"] = portrait("few", 1)
	set["few/2.jpg"] = portrait("few", 2)
	set.person("twin-a", "twin", 10)
	for i := 11; i <= 20; i++ {
		set[fmt.Sprintf("twin-b/%03d.jpg", i)] = portrait("twin", i)
	}
	return set
}

func TestVerdictsOnASetWithOneOfEachFault(t *testing.T) {
	l := newHarness(t)
	l.workers = 2
	set := flawed()
	planned, summary := l.must(ask(set.write(t, t.TempDir())))
	all := l.verdicts(planned.ID)
	if len(all) != len(set) || summary.Images != len(set) {
		t.Fatalf("%d rows, %d in the summary; want %d", len(all), summary.Images, len(set))
	}
	type want struct {
		kind     schemas.Type
		decision schemas.Decision
	}
	for path, w := range map[string]want{
		"p000/bad.jpg":     {schemas.TypeUnreadable, schemas.Drop},
		"p001/empty.png":   {schemas.TypeUnreadable, schemas.Drop},
		"p002/nobody.jpg":  {schemas.TypeNoFace, schemas.Review},
		"p003/zz-copy.jpg": {schemas.TypeDuplicate, schemas.Drop},
		"p005/002.jpg":     {schemas.TypeDuplicate, schemas.Review}, // its first copy stands under p004
		"p006/flip.jpg":    {schemas.TypeFlip, schemas.Relabel},
		"p008/outlier.jpg": {schemas.TypeOutlier, schemas.Drop},
		"few/1.jpg":        {schemas.TypeClean, schemas.Keep}, // a label of two
		"p009/001.jpg":     {schemas.TypeClean, schemas.Keep},
	} {
		if v := all[path]; v.Type != w.kind || v.Decision != w.decision {
			t.Errorf("%s is %s, %s (%s); want %s, %s", path, v.Type, v.Decision, v.Reason, w.kind, w.decision)
		}
	}
	if v := all["p004/zz-copy.jpg"]; v.Decision != schemas.Review || v.DuplicateOf != nil || v.Type == schemas.TypeDuplicate {
		t.Errorf("the first of copies under two labels: %+v", v)
	}
	if v := all["p006/flip.jpg"]; v.SuggestedIdentity == nil || *v.SuggestedIdentity != "p007" || v.PSuggested == nil ||
		len(v.EvidenceAgainst) != 3 || !strings.HasPrefix(v.EvidenceAgainst[0], "p007/") || *v.PSuggested > *v.PNoise {
		t.Errorf("the flip: %+v", v)
	}
	if v := all["p003/zz-copy.jpg"]; v.DuplicateOf == nil || *v.DuplicateOf != "p003/001.jpg" {
		t.Errorf("the copy: %+v", v)
	}
	if v := all["p001/empty.png"]; v.Embedding.Error != schemas.FaultEmpty || v.Embedding.Hashed {
		t.Errorf("the empty file: %+v", v)
	}
	checkNulls(t, all)
	checkTwins(t, l, planned.ID, all)
	l.checkVectors(set, all)
	counts := map[schemas.Type]int{}
	for _, v := range all {
		counts[v.Type]++
	}
	for kind, n := range counts {
		if summary.Types[kind] != n {
			t.Errorf("the summary counts %d %s; the table %d", summary.Types[kind], kind, n)
		}
	}
}

// checkNulls holds every row against FORMAT.md's nulls.
func checkNulls(t *testing.T, all map[string]schemas.Verdict) {
	t.Helper()
	for path, v := range all {
		usable := v.Embedding.Error == schemas.FaultNone && v.Type != schemas.TypeDuplicate
		switch {
		case v.Reason == "":
			t.Errorf("%s has no reason", path)
		case !usable && (v.Score != nil || v.OtherScore != nil || v.PNoise != nil || v.EvidenceFor != nil || v.EvidenceAgainst != nil):
			t.Errorf("%s is not usable and has scores: %+v", path, v)
		case usable && (v.Score == nil || v.OtherScore == nil || v.OtherIdentity == nil || len(v.EvidenceFor) == 0):
			t.Errorf("%s is usable and has no scores: %+v", path, v)
		case (v.Type == schemas.TypeUnjudged || !usable) != (v.PNoise == nil):
			t.Errorf("%s is %s and p_noise %v", path, v.Type, v.PNoise)
		case v.Decision == schemas.Keep && v.EvidenceAgainst != nil:
			t.Errorf("%s is kept with evidence against it", path)
		case (v.VectorObject == "") != (v.Embedding.Error != schemas.FaultNone):
			t.Errorf("%s refers to the vectors object %q with the fault %q", path, v.VectorObject, v.Embedding.Error)
		}
		if slices.Contains(v.EvidenceFor, path) {
			t.Errorf("%s is evidence for itself", path)
		}
	}
}

// checkTwins wants one split, and no flip between its halves.
func checkTwins(t *testing.T, l *harness, id schemas.RunID, all map[string]schemas.Verdict) {
	t.Helper()
	var splits, copies int
	for _, p := range table(l, schemas.ReportObject(id, schemas.PairsFile), schemas.ReadPairs) {
		switch p.Kind {
		case "split":
			splits++
			if p.AIdentity != "twin-a" || p.BIdentity != "twin-b" || !strings.HasPrefix(p.APath, "twin-a/") || !strings.HasPrefix(p.BPath, "twin-b/") || p.P < .5 {
				t.Errorf("split %+v", p)
			}
		case "duplicate":
			copies++
		}
	}
	if splits != 1 || copies != 2 {
		t.Errorf("%d splits and %d duplicates; want 1 and 2", splits, copies)
	}
	for path, v := range all {
		if strings.HasPrefix(path, "twin-") && (v.Type != schemas.TypeClean || strings.HasPrefix(*v.OtherIdentity, "twin-")) {
			t.Errorf("%s of a split: %s, other %s", path, v.Type, *v.OtherIdentity)
		}
	}
	flags := map[string]string{}
	for _, v := range table(l, schemas.ReportObject(id, schemas.IdentitiesFile), schemas.ReadIdentities) {
		flags[v.Identity] = string(v.Flag)
	}
	if flags["twin-a"] != "split" || flags["twin-b"] != "split" || flags["few"] != "" || flags["p009"] != "" {
		t.Errorf("flags %v", flags)
	}
}

// checkVectors follows every row to its vector.
func (l *harness) checkVectors(set tree, all map[string]schemas.Verdict) {
	l.t.Helper()
	for path, v := range all {
		if v.VectorObject == "" {
			continue // it has no vector
		}
		e := table(l, v.VectorObject, schemas.ReadVectors)[v.VectorRow]
		if e.Path != path || e.SHA256 != v.Embedding.SHA256 || e.Error != v.Embedding.Error || e.Length != v.Embedding.Length {
			l.t.Errorf("%s points to the row of %s", path, e.Path)
		}
		if v.Embedding.Error == schemas.FaultNone && !slices.Equal(e.Vector, vectorOf(l.t, set[path])) {
			l.t.Errorf("%s points to another vector", path)
		}
	}
}

func TestScoresAreThoseOfAPlainScript(t *testing.T) {
	l := newHarness(t)
	set := crowd(6, 5)
	planned, _ := l.must(ask(set.write(t, t.TempDir())))
	// With clean people nothing is trimmed that a mean would keep by much: the
	// score is near the cosine to the mean of the other four.
	for path, v := range l.verdicts(planned.ID) {
		mean := make([]float64, dim)
		for p, s := range set {
			if p != path && strings.HasPrefix(p, v.Identity+"/") {
				for i, x := range vectorOf(t, s) {
					mean[i] += float64(x)
				}
			}
		}
		var dot, norm float64
		for i, x := range vectorOf(t, set[path]) {
			dot += float64(x) * mean[i]
			norm += mean[i] * mean[i]
		}
		if want := dot / math.Sqrt(norm); math.Abs(want-float64(*v.Score)) > .15 {
			t.Errorf("%s has score %.3f; the mean of the others gives %.3f", path, *v.Score, want)
		}
	}
}
