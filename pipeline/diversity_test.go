package pipeline_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// The summary says what the set would lose, as the verdicts have it, and names the images
// of a label who are alike, too few to be another person, and would all be dropped.
func TestDiversity(t *testing.T) {
	set := crowd(80, 8)
	for shot := range 3 {
		set[fmt.Sprintf("p002/old-%d.jpg", shot)] = portrait("nobody-of-the-set", shot)
	}
	set["p005/000.jpg"] = portrait("somebody-009", 99)
	l := newHarness(t)
	q := given(t, set, 40)
	q.Judge.Drop, q.Judge.Review = "0.3", "0.2"
	planned, summary := l.must(q)
	removed, review := 0, 0
	for path, v := range l.verdicts(planned.ID) {
		switch v.Decision {
		case schemas.Drop, schemas.Relabel:
			removed++
		case schemas.Review:
			review++
		}
		if v.Decision != schemas.Keep {
			t.Logf("%s is %s, %s, p %.3f", path, v.Type, v.Decision, *v.PNoise)
		}
	}
	d := summary.Diversity
	if d == nil || d.Images != len(set) || d.Removed != removed || d.Review != review || removed < 4 {
		t.Fatalf("%+v; the verdicts have %d removed, %d for review", d, removed, review)
	}
	for i, g := range d.Groupings {
		images, gone := 0, 0
		for _, s := range g.Strata {
			images, gone = images+s.Images, gone+s.Removed
		}
		if g.Name != schemas.GroupingNames()[i] || images != len(set) || gone != removed {
			t.Errorf("%s: %+v", g.Name, g.Strata)
		}
	}
	if d.Modes == nil || d.Modes.Vanishing != 1 || fmt.Sprint(d.Modes.Examples) != "[{p002 3 p002/old-0.jpg}]" {
		t.Errorf("%+v", d.Modes)
	}
	if !slices.ContainsFunc(summary.Warnings, func(w schemas.Warning) bool { return w.Code == schemas.WarnMode && w.Count == 1 }) {
		t.Errorf("no warning: %+v", summary.Warnings)
	}
}
