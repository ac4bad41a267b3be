package score

import (
	"fmt"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/schemas"
)

func TestOverlapQuality(t *testing.T) {
	row := func(i truth.Issue, label, name string) truth.Row {
		return truth.Row{Issue: i, Identity: label, Other: name}
	}
	called := func(label, name string, tier schemas.Tier, same bool) schemas.Overlap {
		return schemas.Overlap{Identity: label, Reference: "lfw", ReferenceIdentity: name, Tier: tier, NameMatch: same}
	}
	rows := newComparer([]truth.Row{row(truth.Overlap, "a", "Ann"), row(truth.Overlap, "b", "Bo"), row(truth.Overlap, "c", "Cy"),
		row(truth.Overlap, "d", "Di"), row(truth.Homonym, "Ed", "Ed")}).rows
	q := overlapQuality(rows, []schemas.Overlap{
		called("a", "Ann", schemas.TierCertain, false),
		called("a", "Zoe", schemas.TierProbable, false), // wrong, beside the right one
		called("b", "Bo", schemas.TierSameImage, false),
		called("c", "Cy", schemas.TierReview, true),     // not sure
		called("Ed", "Ed", schemas.TierCertain, true),   // somebody else of that name
		called("Flo", "Flo", schemas.TierCertain, true), // the set's own
	}, true)
	if q.People != 4 || q.Found != 2 || q.Called != 5 || q.SameName != 1 || !near(q.Precision, 2./4) || !near(q.Recall, 2./4) {
		t.Errorf("%+v", q)
	}
	if got := fmt.Sprint(q.Wrong); got != "[{Ed lfw Ed certain} {a lfw Zoe probable}]" {
		t.Error(got)
	}
	text := overlapText(q)
	for _, want := range []string{"of 4; recall 50.0 %", "precision 50.0 %", "neither right nor wrong", "a is Zoe of lfw (probable)", "add a row"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if len(line) > 81 {
			t.Errorf("too wide: %s", line)
		}
	}
	none := overlapQuality(rows, nil, false)
	if none.Precision != nil || !near(none.Recall, 0) || !strings.Contains(overlapText(none), "looked for no reference") {
		t.Errorf("%+v\n%s", none, overlapText(none))
	}
	if q := overlapQuality(newComparer(nil).rows, nil, true); q != nil || overlapText(q) != "" {
		t.Errorf("%+v of a truth without overlaps", q)
	}
	var many []schemas.Overlap
	for i := range mostNamed + 3 {
		many = append(many, called(fmt.Sprint(i), "Zoe", schemas.TierCertain, false))
	}
	if text := overlapText(overlapQuality(rows, many, true)); !strings.Contains(text, "and 3 more") {
		t.Error(text)
	}
}

// A truth of overlaps alone belongs to a set that has the labels.
func TestOverlapOfOtherSet(t *testing.T) {
	r, _ := qualityReport(t)
	rows := []truth.Row{{Issue: truth.Overlap, Identity: "z", Other: "Zoe"}}
	if _, err := Measure(t.Context(), r, rows, Options{}); err == nil {
		t.Error("another set's truth is taken")
	}
	rows[0].Identity = "a"
	if q, err := Measure(t.Context(), r, rows, Options{}); err != nil || q.Overlaps == nil || q.Overlaps.People != 1 {
		t.Error(q, err)
	}
}
