package pipeline_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/schemas"
)

func TestSmallAndPoorSets(t *testing.T) {
	nobody := tree{"a/1.jpg": "nobody", "a/2.jpg": "garbage", "b/1.jpg": "nobody"}
	for name, c := range map[string]struct{ set, ref tree }{
		"one image":               {tree{"a/1.jpg": portrait("a", 1)}, crowd(2, 3)},
		"one identity":            {tree{}.person("a", "a", 6), nil},
		"one identity, reference": {tree{}.person("a", "a", 6), crowd(3, 3)},
		"two identities of one":   {tree{"a/1.jpg": portrait("a", 1), "b/1.jpg": portrait("b", 1)}, nil},
		"nobody in the set":       {nobody, crowd(3, 3)},
		"nobody in the reference": {crowd(4, 5), nobody},
		"nobody anywhere":         {nobody, nobody},
		"one picture everywhere":  {tree{"a/1.jpg": portrait("a", 1), "a/2.jpg": portrait("a", 1), "b/1.jpg": portrait("a", 1), "b/2.jpg": portrait("a", 1)}, tree{"z/1.jpg": portrait("a", 1)}},
		"all labels one person":   {tree{}.person("a", "x", 5).with(tree{"b/1.jpg": portrait("x", 8), "b/2.jpg": portrait("x", 9), "b/3.jpg": portrait("x", 10)}), nil},
	} {
		t.Run(name, func(t *testing.T) {
			l := newHarness(t)
			var refs []string
			if c.ref != nil {
				refs = append(refs, c.ref.write(t, t.TempDir()))
			}
			planned, s := l.must(ask(c.set.write(t, t.TempDir()), refs...))
			if s.Images != len(c.set) || len(l.verdicts(planned.ID)) != len(c.set) {
				t.Errorf("%d rows; want %d", s.Images, len(c.set))
			}
			if strings.HasPrefix(name, "nobody in the ref") && s.Sources[1].Faults[schemas.FaultNoFace] != 2 {
				t.Errorf("the reference's faults: %v", s.Sources[1].Faults)
			}
			if name == "one picture everywhere" && s.Overlaps["ref0"][schemas.TierSameImage] != 1 {
				t.Errorf("overlaps %v", s.Overlaps)
			}
		})
	}
}

func TestEmptySetIsAnError(t *testing.T) {
	l := newHarness(t)
	if err := planError(l, ask(t.TempDir())); !errors.Is(err, dataset.ErrNoImages) {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestLabelsOfOddBytes(t *testing.T) {
	l := newHarness(t)
	set, ref := crowd(6, 5), tree{}
	odd := []string{"\xff\xfe", "new\nline", "per%cent", "Zoë ☺", " space ", "a\x01b"}
	for i, label := range odd {
		set.person(label, fmt.Sprintf("odd-%d", i), 4)
		for k := 5; k < 9; k++ {
			ref[fmt.Sprintf("%s/%d.jpg", label, k)] = portrait(fmt.Sprintf("odd-%d", i), k)
		}
	}
	set["new\nline/flip.jpg"] = portrait("odd-2", 44)
	planned, s := l.must(ask(set.write(t, t.TempDir()), ref.write(t, t.TempDir())))
	all := l.verdicts(planned.ID)
	for path := range set {
		if _, ok := all[path]; !ok {
			t.Errorf("%q has no row", path)
		}
	}
	if v := all["new\nline/flip.jpg"]; v.SuggestedIdentity == nil || *v.SuggestedIdentity != "per%cent" || strings.ContainsAny(v.Reason, "\n\x01") {
		t.Errorf("the flip: %+v", v)
	}
	if n := s.Overlaps["ref0"][schemas.TierCertain] + s.Overlaps["ref0"][schemas.TierProbable]; n != len(odd) {
		t.Errorf("overlaps %v; want %d", s.Overlaps, len(odd))
	}
}

// TestFewIdentitiesLeanOnShippedWeights says so where there are fewer than twenty.
func TestFewIdentitiesLeanOnShippedWeights(t *testing.T) {
	for _, c := range []struct {
		identities, each int
		method, said     string
	}{
		{19, 12, "shrunk", "19 identities, fewer than 20"},
		{20, 3, "own", ""},
	} {
		l := newHarness(t)
		_, s := l.must(plan.Request{Set: plan.SourceRequest{Vectors: vectorsFile(t, crowd(c.identities, c.each), 1)}, ShardImages: 1000, Judge: ask("").Judge})
		said := ""
		for _, w := range s.Warnings {
			if w.Code == schemas.WarnFewIdentities {
				said = w.Text
			}
		}
		if s.Calibrated.Method != c.method || !strings.HasPrefix(said, c.said) || (said == "") != (c.said == "") {
			t.Errorf("%d identities of %d images: method %s, warning %q", c.identities, c.each, s.Calibrated.Method, said)
		}
	}
}

// TestReasonOfAKeptStranger keeps an image that fits nowhere, and does not call it
// like the others.
func TestReasonOfAKeptStranger(t *testing.T) {
	l := newHarness(t)
	set := crowd(4, 6).with(tree{"p002/stranger.jpg": portrait("nobody", 1)})
	q := plan.Request{Set: plan.SourceRequest{Vectors: vectorsFile(t, set, 1)}, ShardImages: 1000, Judge: ask("").Judge}
	q.Judge.Review, q.Judge.Drop = "1", "1"
	planned, _ := l.must(q)
	nearer := 0
	for path, v := range l.verdicts(planned.ID) {
		word := "like "
		if *v.OtherScore > *v.Score {
			word = "nearer to "
			nearer++
		}
		if v.Type != schemas.TypeClean || !strings.HasPrefix(v.Reason, word) {
			t.Errorf("%s: %s, %s", path, v.Type, v.Reason)
		}
	}
	if nearer == 0 {
		t.Error("no image is nearer to another identity than to its own")
	}
}

// TestReasonOfARightImageForReview sends everything to review, and does not call right
// images unlike their label.
func TestReasonOfARightImageForReview(t *testing.T) {
	l := newHarness(t)
	q := plan.Request{Set: plan.SourceRequest{Vectors: vectorsFile(t, crowd(24, 6), 1)}, ShardImages: 1000, Judge: ask("").Judge}
	q.Judge.Review = "0"
	planned, _ := l.must(q)
	for path, v := range l.verdicts(planned.ID) {
		if v.Decision != schemas.Review || *v.PNoise < .5 && *v.Score > *v.OtherScore && !strings.HasPrefix(v.Reason, "rather like ") {
			t.Errorf("%s: %s, %s", path, v.Decision, v.Reason)
		}
	}
}

func TestOverlapTiers(t *testing.T) {
	l := newHarness(t)
	set := crowd(40, 6).person("Star_One", "star", 6).person("Same Name", "here", 6)
	ref := tree{}.person("other", "elsewhere", 4)
	for i := 20; i < 25; i++ {
		ref[fmt.Sprintf("x/%03d.jpg", i)] = portrait("star", i)
	}
	ref.person("same_name", "somebody else", 0)
	for i := range 5 {
		ref[fmt.Sprintf("same_name/%03d.jpg", i)] = portrait("there", i)
	}
	ref["shared/1.jpg"] = set["p001/003.jpg"]
	planned, s := l.must(ask(set.write(t, t.TempDir()), ref.write(t, t.TempDir())))
	found := map[string]schemas.Overlap{}
	for _, o := range table(l, schemas.ReportObject(planned.ID, schemas.OverlapFile), schemas.ReadOverlaps) {
		if o.Tier.Sure() || o.NameMatch {
			found[o.Identity] = o
		}
	}
	if o := found["Star_One"]; o.Tier != schemas.TierCertain || o.ReferenceIdentity != "x" || o.NameMatch ||
		!strings.HasPrefix(o.EvidencePath, "Star_One/") || !strings.HasPrefix(o.ReferencePath, "x/") || o.EvidenceScore <= 0 {
		t.Errorf("the star: %+v", o)
	}
	if o := found["Same Name"]; o.Tier != schemas.TierRefused || !o.NameMatch || o.ReferenceIdentity != "same_name" {
		t.Errorf("the namesake: %+v", o)
	}
	if o := found["p001"]; o.Tier != schemas.TierSameImage || o.EvidencePath != "p001/003.jpg" || o.ReferencePath != "shared/1.jpg" || o.EvidenceScore != 1 {
		t.Errorf("the shared picture: %+v", o)
	}
	if len(found) != 3 {
		t.Errorf("overlaps %v", s.Overlaps)
	}
	// A limit that nothing passes empties the tiers that faces decide.
	q := ask("")
	q.From, q.Judge.Certain, q.Judge.Probable = planned.ID, "0", "0"
	_, s = l.must(q)
	if n := s.Overlaps["ref0"]; n[schemas.TierCertain]+n[schemas.TierProbable] != 0 || n[schemas.TierSameImage] != 1 {
		t.Errorf("without any allowed false match: %v", s.Overlaps)
	}
}

func TestTimingTellsWhatWasDone(t *testing.T) {
	l := newHarness(t)
	l.workers = 2
	root := crowd(20, 6).write(t, t.TempDir())
	planned, _ := l.must(ask(root))
	var file schemas.Timing
	if err := schemas.Unmarshal(l.bytes(schemas.TimingObject(planned.ID)), &file); err != nil {
		t.Fatal(err)
	}
	shards := len(planned.Plan.Sources[0].Shards)
	embed := file.Stages[schemas.StageEmbed]
	if embed == nil || embed.Tasks != shards || embed.Run != shards || embed.Reused != 0 || embed.Images != 120 || embed.Read == 0 || embed.Requests["get"] != 120 {
		t.Errorf("embed: %+v", embed)
	}
	for _, stage := range []schemas.Stage{schemas.StagePlan, schemas.StageNumericKind, schemas.StageAggregate, schemas.StageMatch, schemas.StageNearest, schemas.StageNeighbours, schemas.StageNearDuplicates, schemas.StageCalibrate, schemas.StageJudge, schemas.StageReport} {
		if file.Stages[stage] == nil {
			t.Errorf("stage %s is not timed", stage)
		}
	}
	tasks := 0
	for _, w := range file.Workers {
		for _, n := range w.Tasks {
			tasks += n
		}
	}
	if want := 2 + 4*shards; tasks != want || len(file.Tasks) != want || file.Starts != 1 || file.NumericKind != kindA {
		t.Errorf("%d tasks by worker, %d in all; want %d: %+v", tasks, len(file.Tasks), want, file)
	}
}

func TestProgressCountsEveryImageOnce(t *testing.T) {
	l := newHarness(t)
	q := ask(crowd(20, 6).write(t, t.TempDir()))
	last := map[schemas.Stage]run.Progress{}
	c := l.coordinator()
	c.Progress = func(p run.Progress) { last[p.Stage] = p }
	planned, err := c.Plan(t.Context(), q)
	if err == nil {
		err = l.work(t.Context(), planned.ID, func(ctx ctx) error { _, err := c.Run(ctx, planned); return err })
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, stage := range []schemas.Stage{schemas.StageEmbed, schemas.StageAggregate, schemas.StageMatch, schemas.StageNearest, schemas.StageNeighbours, schemas.StageNearDuplicates, schemas.StageCalibrate, schemas.StageJudge, schemas.StageReport} {
		if p := last[stage]; p.ImagesDone != 120 || p.Images != 120 || !p.End {
			t.Errorf("%s ended with %+v", stage, p)
		}
	}
}
