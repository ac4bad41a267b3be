package score

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/coordinator/strata"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/pipeline/report/reporttest"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

const qualityRun = schemas.RunID("00112233445566778899aabbccddeeff")

// qualityReport is a report of which every measure is known: label a has 10 images and
// b has 4.
func qualityReport(t *testing.T) (*report.Report, []truth.Row) {
	t.Helper()
	var images []schemas.Verdict
	var rows []truth.Row
	add := func(path string, p float32, typ schemas.Type, d schemas.Decision, suggested string, row truth.Row) {
		v := reporttest.Verdict(path, typ, d, &p, "because")
		if p < 0 {
			v.PNoise = nil
		}
		if suggested != "" {
			v.SuggestedIdentity, v.PSuggested = &suggested, new(float32(.9))
		}
		v.Embedding.DetScore, v.Embedding.HasDetScore = p*p, p >= 0
		images = append(images, v)
		if row.Issue != "" {
			row.Path, row.Identity = path, path[:1]
			rows = append(rows, row)
		}
	}
	flip := truth.Row{Issue: truth.Flip, Other: "b"}
	none := truth.Row{}
	add("a/1", .99, schemas.TypeFlip, schemas.Relabel, "b", flip)
	add("a/2", .97, schemas.TypeFlip, schemas.Relabel, "c", flip) // to the wrong one
	add("a/3", .98, schemas.TypeOutlier, schemas.Drop, "", none)  // a clean image is lost
	add("a/4", .60, schemas.TypeOutlier, schemas.Review, "", truth.Row{Issue: truth.Outlier})
	add("a/5", .55, schemas.TypeOutlier, schemas.Review, "", none)
	add("a/6", .10, schemas.TypeClean, schemas.Keep, "", truth.Row{Issue: truth.HardFlip, Other: "b"})
	for i := range 4 {
		add(fmt.Sprintf("a/%d", 10+i), .05, schemas.TypeClean, schemas.Keep, "", none)
	}
	add("b/1", .99, schemas.TypeFlip, schemas.Drop, "a", truth.Row{Issue: truth.Merge})
	add("b/2", -1, schemas.TypeUnjudged, schemas.Keep, "", truth.Row{Issue: truth.Outlier})
	add("b/3", .99, schemas.TypeFlip, schemas.Drop, "a", none) // named to leave out
	add("b/4", .02, schemas.TypeClean, schemas.Keep, "", none)
	rows = append(rows, truth.Row{Issue: truth.Outlier, Path: "gone/1", Identity: "gone"})

	st, err := store.Open(t.Context(), "mem:", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tables := reporttest.Example()
	tables.Images = [][]schemas.Verdict{images}
	tables.Identities = []schemas.IdentityVerdict{{Identity: "a", Images: 10, Usable: 10}, {Identity: "b", Images: 4, Usable: 4}}
	tables.Summary.Thresholds = []schemas.Threshold{{Name: "drop", ExpectedFalse: .2, ExpectedHigh: 2}, {Name: "review", ExpectedFalse: .9, ExpectedHigh: 1},
		{Name: "overlap lfw certain", ExpectedFalse: .01}}
	tables.Summary.NoiseRate = &schemas.Estimate{Value: .3, Low: .2, High: .4}
	reporttest.Write(t, st, qualityRun, tables)
	r, err := report.Open(t.Context(), st, qualityRun, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r, rows
}

func near(x *float64, want float64) bool { return x != nil && math.Abs(*x-want) < 1e-6 }

func TestQuality(t *testing.T) {
	r, rows := qualityReport(t)
	q, err := Measure(t.Context(), r, rows, Options{LeaveOut: map[string]bool{"b/3": true}})
	if err != nil {
		t.Fatal(err)
	}
	m := q.Measures
	if m.Images != 11 || m.Wrong != 4 || m.Flagged != 5 || m.Decided != 3 || m.CleanLost != 1 || m.Relabelled != 2 || m.Flips != 3 {
		t.Errorf("%+v", m)
	}
	for what, x := range map[string]struct {
		got  *float64
		want float64
	}{
		"precision": {m.Precision, 3. / 5}, "recall": {m.Recall, 3. / 4},
		"decided precision": {m.DecidedPrecision, 2. / 3}, "decided recall": {m.DecidedRecall, 2. / 4},
		// Of p: right, lost, right, right, clean, right, and five that are clean.
		"AUPRC": {m.AUPRC, (1 + 2./3 + 3./4 + 4./6) / 4}, "recall at P95": {m.RecallAt95, 1. / 4},
		"clean": {m.CleanShare, 1. / 7}, "rate": {m.TrueRate, 4. / 11}, "relabel": {m.RelabelRight, 1. / 2},
		"suggested": {m.Suggested, 2. / 3}, "suggested right": {m.SuggestedRight, 1. / 2},
		"mean p": {m.MeanP, (.99 + .97 + .98 + .6 + .55 + .1 + 4*.05 + .02) / 11},
		// The bins from 0, .05, .1, .55, .6 and .95 on; the first has .02.
		"calibration": {m.Calibration, (.02 + 4*.05 + .9 + .55 + .4 + (2.94 - 2)) / 11},
	} {
		if !near(x.got, x.want) {
			got := "nothing"
			if x.got != nil {
				got = fmt.Sprint(*x.got)
			}
			t.Errorf("%s: %s, want %v", what, got, x.want)
		}
	}
	if q.Absent != 1 || q.Unjudged[truth.Outlier] != 1 || q.LeftOut[leftOutByHand] != 1 || q.LeftOut[leftOutByTruth] != 1 || q.LeftOut[leftOutNoP] != 1 {
		t.Errorf("absent %d, unjudged %v, left out %v", q.Absent, q.Unjudged, q.LeftOut)
	}
	if fmt.Sprint(q.Expected) != "[{drop 0.2 0 2 1} {review 0.9 0 1 2}]" || q.Rate.Within == nil || !*q.Rate.Within {
		t.Errorf("%v, %+v", q.Expected, q.Rate)
	}
	if len(q.Strata) != 2 || q.Strata[0].Name != "2 to below 5" || q.Strata[0].Measures.Images != 1 || q.Strata[1].Measures.Images != 10 {
		t.Errorf("%+v", q.Strata)
	}
	text := QualityText(q)
	for _, want := range []string{"11 images measured, 4 under a wrong label", "expected; really 1; 0 to 2 has it", "expected; really 2; 0 to 1 does not have it", "flips to a look-alike", "has it"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if len(line) > 81 {
			t.Errorf("too wide: %s", line)
		}
	}
	if _, err := json.Marshal(q); err != nil {
		t.Error(err)
	}
}

func TestStrata(t *testing.T) {
	r, rows := qualityReport(t)
	for _, c := range strata.Columns() {
		q, err := Measure(t.Context(), r, rows, Options{Strata: c.Name})
		if err != nil {
			t.Fatal(err)
		}
		images, wrong := 0, 0
		for _, s := range q.Strata {
			images, wrong = images+s.Measures.Images, wrong+s.Measures.Wrong
		}
		if images != q.Measures.Images || wrong != q.Measures.Wrong || len(q.Strata) == 0 {
			t.Errorf("%s: %d images, %d wrong in %d strata", c.Name, images, wrong, len(q.Strata))
		}
	}
	var column *strata.ColumnError
	if _, err := Measure(t.Context(), r, rows, Options{Strata: "odd"}); !errors.As(err, &column) {
		t.Error(err)
	}
	other := []truth.Row{{Issue: truth.Outlier, Path: "z/1", Identity: "z"}}
	if _, err := Measure(t.Context(), r, other, Options{}); !errors.Is(err, ErrOtherSet) {
		t.Error(err)
	}
}

// Nothing measured gives no measure, and text.
func TestQualityOfNothing(t *testing.T) {
	m := measure(nil)
	if m.AUPRC != nil || m.Precision != nil || m.Calibration != nil {
		t.Errorf("%+v", m)
	}
	if text := QualityText(&Quality{Measures: m}); !strings.Contains(text, "0 images measured") {
		t.Error(text)
	}
}
