package pipeline_test

import (
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/schemas"
)

func TestOverridesWin(t *testing.T) {
	l := newHarness(t)
	q := ask(flawed().write(t, t.TempDir()))
	q.Overrides = []schemas.Override{
		{Path: "p006/flip.jpg", Decision: schemas.Keep},
		{Path: "p009/001.jpg", Decision: schemas.Drop},
		{Path: "p010/001.jpg", Decision: schemas.Review},
		{Path: "p011/001.jpg", Decision: schemas.Relabel, Identity: "few"},
		{Path: "p011/002.jpg", Decision: schemas.Relabel, Identity: "p011"},
		{Path: "p012/%99.jpg", Decision: schemas.Drop},
	}
	schemas.SortOverrides(q.Overrides)
	planned, s := l.must(q)
	all := l.verdicts(planned.ID)
	for _, o := range q.Overrides {
		v, ok := all[o.Path]
		if !ok {
			continue
		}
		if v.Decision != o.Decision || !strings.HasPrefix(v.Reason, "by hand: ") {
			t.Errorf("%s: %s (%s)", o.Path, v.Decision, v.Reason)
		}
		if o.Decision == schemas.Relabel && (v.SuggestedIdentity == nil || *v.SuggestedIdentity != o.Identity || v.PSuggested != nil) {
			t.Errorf("%s suggests %v", o.Path, v.SuggestedIdentity)
		}
	}
	if v := all["p006/flip.jpg"]; v.Type != schemas.TypeFlip || *v.PNoise < .5 {
		t.Errorf("p_noise stays the machine's: %+v", v)
	}
	if v := all["p011/001.jpg"]; v.Identity != "p011" || v.PNoise == nil || *v.PNoise < .5 {
		t.Errorf("a picture moved to strangers is noise there: %+v", v)
	}
	if v := all["p011/002.jpg"]; v.Score == nil || *v.PNoise > .5 {
		t.Errorf("a picture relabelled to its own label: %+v", v)
	}
	if v := all["few/1.jpg"]; v.Type == schemas.TypeUnjudged {
		t.Error("few has three images by hand and is not judged")
	}
	usable := map[string]int32{}
	for _, v := range table(l, schemas.ReportObject(planned.ID, schemas.IdentitiesFile), schemas.ReadIdentities) {
		usable[v.Identity] = v.Usable
	}
	if usable["p009"] != 7 || usable["p010"] != 8 || usable["p011"] != 7 || usable["few"] != 3 {
		t.Errorf("usable images: %v", usable)
	}
	if s.Overridden != 5 || len(s.Warnings) == 0 {
		t.Errorf("%d overridden, warnings %v", s.Overridden, s.Warnings)
	}
	found := false
	for _, w := range s.Warnings {
		if w.Code == schemas.WarnOverrideUnknown {
			found = w.Count == 1 && len(w.Examples) == 1 && w.Examples[0] == "p012/%2599.jpg"
		}
	}
	if !found {
		t.Errorf("warnings %+v", s.Warnings)
	}
	// They hold with --from, whose request names them again, and go without.
	plain, _ := l.must(ask(q.Set.Dataset.URL))
	from := ask("")
	from.From, from.Overrides = plain.ID, q.Overrides
	if again, _ := l.must(from); again.ID != planned.ID {
		t.Errorf("run %s; want %s", again.ID, planned.ID)
	}
}

func planError(l *harness, q plan.Request) error {
	_, err := l.coordinator().Plan(l.t.Context(), q)
	return err
}

func TestRelabelToNobodyIsRefusedWhenPlanning(t *testing.T) {
	l := newHarness(t)
	q := ask(crowd(4, 4).write(t, t.TempDir()))
	planned, _ := l.must(q)
	from := ask("")
	from.From = planned.ID
	q.Overrides = []schemas.Override{{Path: "p001/001.jpg", Decision: schemas.Relabel, Identity: "no%body"}}
	from.Overrides = q.Overrides
	for _, r := range []struct {
		name string
		err  error
	}{{"run", planError(l, q)}, {"--from", planError(l, from)}} {
		if r.err == nil || !strings.Contains(r.err.Error(), "relabels p001/001.jpg to no%25body, an identity that the set does not have") {
			t.Errorf("%s: %v", r.name, r.err)
		}
	}
}
