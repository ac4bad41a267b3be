package pipeline_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// photographs is a crowd of whom some photographs stand there in several encodings, under one
// label and under two, and a reference with one of them.
func photographs() (set, reference tree) {
	set = crowd(12, 6)
	set["p000/901.jpg"] = portrait("somebody-000", 1) + again + "60"
	set["p000/902.jpg"] = portrait("somebody-000", 1) + again + "70"
	set["p001/901.jpg"] = portrait("somebody-001", 2) + again + "60"
	set["p002/901.jpg"] = portrait("somebody-003", 4) + again + "60" // another label's
	set["p004/901.jpg"] = portrait("lfw-person", 1) + again + "60"
	return set, tree{}.person("Somebody_Else", "lfw-person", 3).person("Another", "lfw-other", 2)
}

func TestNearDuplicates(t *testing.T) {
	set, reference := photographs()
	l := newHarness(t)
	q := ask(set.write(t, t.TempDir()), reference.write(t, t.TempDir()))
	planned, summary := l.must(q)
	got := l.verdicts(planned.ID)
	for path, of := range map[string]string{"p000/901.jpg": "p000/001.jpg", "p000/902.jpg": "p000/001.jpg", "p001/901.jpg": "p001/002.jpg"} {
		v := got[path]
		if v.Type != schemas.TypeNearDuplicate || v.Decision != schemas.Review || v.DuplicateOf == nil || *v.DuplicateOf != of ||
			!strings.Contains(v.Reason, "same photograph as "+of) || v.PNoise == nil {
			t.Errorf("%s: %+v", path, v)
		}
	}
	if v := got["p002/901.jpg"]; v.Type == schemas.TypeNearDuplicate || v.Decision == schemas.Drop ||
		!strings.Contains(v.Reason, "same photograph stands under p003 as p003/004.jpg") {
		t.Errorf("under another label: %+v", v)
	}
	if v := got["p003/004.jpg"]; v.Type != schemas.TypeClean || !strings.Contains(v.Reason, "under p002 as p002/901.jpg") {
		t.Errorf("whose photograph stands elsewhere too: %+v", v)
	}
	if summary.Types[schemas.TypeNearDuplicate] != 3 || summary.Pairs[schemas.PairNearDuplicate] != 4 {
		t.Errorf("%v, %v", summary.Types, summary.Pairs)
	}
	overlaps := table(l, schemas.ReportObject(planned.ID, schemas.OverlapFile), schemas.ReadOverlaps)
	if len(overlaps) == 0 || overlaps[0].Tier != schemas.TierSameImage || overlaps[0].Identity != "p004" ||
		overlaps[0].EvidencePath != "p004/901.jpg" || overlaps[0].ReferencePath != "Somebody_Else/001.jpg" {
		t.Errorf("overlaps: %+v", overlaps)
	}
	want := l.report(planned.ID)
	for i, workers := range []int{1, 3} {
		l := newHarness(t)
		l.workers, l.shuffle = workers, uint64(i+5)
		again, _ := l.must(q)
		same(t, fmt.Sprintf("%d workers", workers), l.report(again.ID), want)
	}
	q.Judge.DropNearDuplicates = true
	dropped, _ := l.must(q)
	if v := l.verdicts(dropped.ID)["p000/901.jpg"]; dropped.ID == planned.ID || v.Decision != schemas.Drop {
		t.Errorf("dropped: %+v", v)
	}
}

// An image with many near-duplicates under its label is judged by its other images there.
func TestManyNearDuplicatesLeaveOtherEvidence(t *testing.T) {
	set := crowd(12, 20)
	for k := range 11 {
		set[fmt.Sprintf("p000/9%02d.jpg", k)] = portrait("somebody-000", 1) + again + fmt.Sprint(60+k)
	}
	l := newHarness(t)
	planned, _ := l.must(ask(set.write(t, t.TempDir())))
	run, err := runstore.Load(t.Context(), l.store, planned.ID)
	if err != nil {
		t.Fatal(err)
	}
	photos, err := run.Photographs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := around(t, run)
	photos.CountOnce(all, 0)
	if got := l.verdicts(planned.ID)["p000/905.jpg"]; got.Type != schemas.TypeNearDuplicate {
		t.Errorf("%+v", got)
	}
	for i, a := range all[:20+11] {
		if len(a.OwnCosines) < 10 {
			t.Errorf("image %d is compared with %d images of its label", i, len(a.OwnCosines))
		}
	}
}

// A representative that a person drops leaves its place to the next one.
func TestAPersonDropsARepresentative(t *testing.T) {
	set, _ := photographs()
	l := newHarness(t)
	q := ask(set.write(t, t.TempDir()))
	q.Overrides = []schemas.Override{{Path: "p000/001.jpg", Decision: schemas.Drop}}
	planned, _ := l.must(q)
	got := l.verdicts(planned.ID)
	if v := got["p000/901.jpg"]; v.Type == schemas.TypeNearDuplicate {
		t.Errorf("%+v", v)
	}
	if v := got["p000/902.jpg"]; v.Type != schemas.TypeNearDuplicate || *v.DuplicateOf != "p000/901.jpg" {
		t.Errorf("%+v", v)
	}
}

// What the first look took for a face says nothing of the face that the second look found.
func TestNearDuplicatesOfReplacedFaces(t *testing.T) {
	set := crowd(12, 6)
	set["p000/901.jpg"] = mistaken("somebody-000", 1)
	set["p000/902.jpg"] = mistaken("somebody-000", 2)
	l := newHarness(t)
	planned, _ := l.must(askTwice(set.write(t, t.TempDir())))
	for _, path := range []string{"p000/901.jpg", "p000/902.jpg"} {
		if v := l.verdicts(planned.ID)[path]; v.Type != schemas.TypeHardClean {
			t.Errorf("%s is %s (%s)", path, v.Type, v.Reason)
		}
	}
}
