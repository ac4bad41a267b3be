package pipeline_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/cluster/mixture"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// Labels of two people: under one stand images of nobody else of the set, under the other
// images of a person who has a label.
const (
	hostOfNobody = "p002"
	hostOfLabel  = "p005"
	guestsLabel  = "p009"
	guestImages  = 6
)

func twoPeople() tree {
	set := crowd(24, 12)
	for shot := range guestImages {
		set[fmt.Sprintf("%s/guest-%d.jpg", hostOfNobody, shot)] = portrait("nobody-of-the-set", shot)
		set[fmt.Sprintf("%s/guest-%d.jpg", hostOfLabel, shot)] = portrait("somebody-009", 100+shot)
	}
	return set
}

// Images of merged labels are judged by groups: hosts stay, guests who have a label go
// there, and the others are for review.
func TestMergedLabels(t *testing.T) {
	l := newHarness(t)
	planned, summary := l.must(given(t, twoPeople(), 40))
	if summary.Flags[schemas.FlagMerged] != 2 || summary.Guests != 2*guestImages || summary.Identities != 24 {
		t.Errorf("%d merged labels, %d guests, %d identities", summary.Flags[schemas.FlagMerged], summary.Guests, summary.Identities)
	}
	if n := summary.Pairs[schemas.PairSplit]; n != 0 {
		t.Errorf("%d splits: a group is no label", n)
	}
	if r := summary.NoiseRate; r.Value < .035 || r.Value > .06 || r.Low > r.Value || r.High < r.Value { // 12 guests of 300
		t.Errorf("noise rate %+v", *r)
	}
	hosts, guests := map[string]int{}, map[string]int{}
	for path, v := range l.verdicts(planned.ID) {
		switch host := v.Identity == hostOfNobody || v.Identity == hostOfLabel; {
		case !host && v.Group != 0:
			t.Errorf("%s of a label that is not merged is of group %d", path, v.Group)
		case v.Group == 1:
			hosts[v.Identity]++
			fallthrough
		case v.Group == 0:
			if v.Type != schemas.TypeClean {
				t.Errorf("%s is %s: %s", path, v.Type, v.Reason)
			}
		default:
			guests[v.Identity]++
			named := v.SuggestedIdentity != nil && *v.SuggestedIdentity == guestsLabel
			flip := v.Type == schemas.TypeFlip && v.Decision == schemas.Relabel && named
			unknown := v.Type == schemas.TypeOutlier && v.Decision == schemas.Review && v.SuggestedIdentity == nil
			against := flip && *v.OtherIdentity == guestsLabel && strings.HasPrefix(v.EvidenceAgainst[0], guestsLabel+"/")
			if v.Identity == hostOfLabel && !against || v.Identity == hostOfNobody && !unknown || *v.PNoise < .65 {
				t.Errorf("%s is %s, %s, p %.3f: %s", path, v.Type, v.Decision, *v.PNoise, v.Reason)
			}
		}
	}
	for _, label := range []string{hostOfNobody, hostOfLabel} {
		if hosts[label] != 12 || guests[label] != guestImages {
			t.Errorf("%s: groups of %d and %d images", label, hosts[label], guests[label])
		}
	}
	l.checkGroups(t, planned.ID)
	for _, v := range table(l, schemas.ReportObject(planned.ID, schemas.IdentitiesFile), schemas.ReadIdentities) {
		if merged := v.PMerged != nil && *v.PMerged >= mixture.Merged; merged != (v.Flag == schemas.FlagMerged) {
			t.Errorf("%s has p_merged %.3f and the flag %q", v.Identity, *v.PMerged, v.Flag)
		}
	}
}

// checkGroups checks the report's groups table.
func (l *harness) checkGroups(t *testing.T, id schemas.RunID) {
	t.Helper()
	rows, err := runstore.GetTable(t.Context(), l.store, schemas.ReportObject(id, schemas.GroupsFile), schemas.ReadGroups)
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d groups, %v", len(rows), err)
	}
	for _, g := range rows {
		want := int32(12)
		if g.Group == 2 {
			want = guestImages
		}
		named := g.SuggestedIdentity != nil && *g.SuggestedIdentity == guestsLabel && *g.PSuggested >= .95
		if g.Images != want || g.P < .75 || named != (g.Identity == hostOfLabel && g.Group == 2) {
			t.Errorf("%+v", g)
		}
		if g.NearestIdentity == nil || *g.NearestIdentity == g.Identity {
			t.Errorf("group %d of %s has no nearest label of others", g.Group, g.Identity)
		}
	}
}

// Where a guest stands beside the label's person, the picture is the label's, and another
// face of it was taken; where he stands beside somebody else, it is a guest's picture.
func TestHostBesideAGuest(t *testing.T) {
	set := twoPeople()
	set[hostOfNobody+"/both.jpg"] = crowded("nobody-of-the-set", "somebody-002")
	set[hostOfNobody+"/guest-and-stranger.jpg"] = crowded("nobody-of-the-set", "stranger-1")
	l := newHarness(t)
	planned, _ := l.must(askTwice(set.write(t, t.TempDir())))
	all := l.verdicts(planned.ID)
	both, alone := all[hostOfNobody+"/both.jpg"], all[hostOfNobody+"/guest-and-stranger.jpg"]
	if both.Group != 2 || both.Type != schemas.TypeWrongFace || both.Decision != schemas.Review || both.SuggestedIdentity != nil {
		t.Errorf("beside the label's person: group %d, %s, %s (%s)", both.Group, both.Type, both.Decision, both.Reason)
	}
	if alone.Group != 2 || alone.Type != schemas.TypeOutlier || alone.Decision != schemas.Review {
		t.Errorf("beside a stranger: group %d, %s, %s (%s)", alone.Group, alone.Type, alone.Decision, alone.Reason)
	}
}

// A report on merged labels has equal bytes for any number of workers and order of tasks,
// and its verdicts do not depend on shards.
func TestMergedLabelsDoNotDependOnWorkers(t *testing.T) {
	q := given(t, twoPeople(), 40)
	first := newHarness(t)
	planned, _ := first.must(q)
	want := first.report(planned.ID)
	l := newHarness(t)
	l.workers, l.shuffle = 3, 7
	again, _ := l.must(q)
	same(t, "3 workers", l.report(again.ID), want)

	verdicts := first.verdicts(planned.ID)
	other := newHarness(t)
	whole, _ := other.must(given(t, twoPeople(), 1000))
	for path, v := range other.verdicts(whole.ID) {
		if a, b := fmt.Sprintf("%+v", told(v)), fmt.Sprintf("%+v", told(verdicts[path])); a != b || v.Group != verdicts[path].Group {
			t.Errorf("in one shard %s is\n%s; in several\n%s", path, a, b)
		}
	}
}

// A photograph that stands among guests in several encodings is a near-duplicate there as
// anywhere.
func TestMergedLabelsHaveNearDuplicates(t *testing.T) {
	set := twoPeople()
	copies := fmt.Sprintf("%s/guest-2_%%d.jpg", hostOfNobody)
	for k := range 3 {
		set[fmt.Sprintf(copies, k)] = portrait("nobody-of-the-set", 2) + again + fmt.Sprint(60+10*k)
	}
	l := newHarness(t)
	planned, _ := l.must(ask(set.write(t, t.TempDir())))
	all := l.verdicts(planned.ID)
	for k := range 3 {
		v := all[fmt.Sprintf(copies, k)]
		if v.Type != schemas.TypeNearDuplicate || v.Group != 2 {
			t.Errorf("%s of group %d is %s: %s", v.Embedding.Path, v.Group, v.Type, v.Reason)
		}
	}
	run, err := runstore.Load(t.Context(), l.store, planned.ID)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range around(t, run) {
		if a == nil {
			continue
		}
		for _, at := range a.OwnPositions {
			if at < 0 {
				t.Errorf("image %d: nobody was moved by hand, and the position of an image of its label is not known", i)
			}
		}
	}
}

// The keys of identities have room for all groups that a label is cut into, and for no more.
func TestMergedLabelsHaveKeys(t *testing.T) {
	if schemas.MostGroups != mixture.MostGroups {
		t.Errorf("keys for %d groups; a label has up to %d", schemas.MostGroups, mixture.MostGroups)
	}
}

// What a person says of images of a merged label wins.
func TestMergedLabelsByHand(t *testing.T) {
	l := newHarness(t)
	q := given(t, twoPeople(), 40)
	moved := fmt.Sprintf("%s/guest-0.jpg", hostOfLabel)
	kept := fmt.Sprintf("%s/guest-0.jpg", hostOfNobody)
	q.Overrides = []schemas.Override{{Path: moved, Decision: schemas.Relabel, Identity: guestsLabel},
		{Path: kept, Decision: schemas.Keep}, {Path: "p010/001.jpg", Decision: schemas.Relabel, Identity: hostOfNobody},
		{Path: fmt.Sprintf("%s/guest-1.jpg", hostOfNobody), Decision: schemas.Drop}}
	planned, _ := l.must(q)
	all := l.verdicts(planned.ID)
	if v := all[moved]; v.Decision != schemas.Relabel || *v.SuggestedIdentity != guestsLabel || v.Group != 0 {
		t.Errorf("%+v", v)
	}
	if v := all[kept]; v.Decision != schemas.Keep || v.Group != 2 {
		t.Errorf("%+v", v)
	}
	if v := all[fmt.Sprintf("%s/guest-1.jpg", hostOfNobody)]; v.Decision != schemas.Drop || v.Group != 0 {
		t.Errorf("%+v", v)
	}
	if v := all["p010/001.jpg"]; v.Decision != schemas.Relabel || v.Group != 0 {
		t.Errorf("%+v", v)
	}
}
