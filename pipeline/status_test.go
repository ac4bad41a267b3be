package pipeline_test

import (
	"slices"
	"testing"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/schemas"
)

func TestStatus(t *testing.T) {
	s := newShelf(t)
	begun, _ := s.run("0.95", "ab")
	done, _ := s.run("0.9", "bc")
	s.report(done)
	s.put(schemas.NearestObject(done, 0), "n")
	s.put(schemas.EntriesObject(done, 2, 0), "e")
	s.put(schemas.NeighboursObject(done, 0, 0), "i")
	s.put(schemas.GroupObject(done, 0), "{}")
	s.put(schemas.GroupObject(done, 1), "{}")
	failed, _ := s.run("0.8", "cd")
	s.report(failed)
	s.put(schemas.FailureObject(failed, schemas.Task{Run: failed, Stage: schemas.StageJudge}), "{}")
	broken := schemas.RunID("00000000000000000000000000000bad")
	s.put(schemas.SpecObject(broken), "{")

	all, err := admin.Status(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	want := map[schemas.RunID]admin.State{begun: admin.StateEmbedded, done: admin.StateDone, failed: admin.StateFailed, broken: admin.StateBroken}
	if len(all) != len(want) {
		t.Fatalf("%d runs; want %d", len(all), len(want))
	}
	for _, r := range all {
		if r.State != want[r.ID] {
			t.Errorf("run %s is %s; want %s", r.ID, r.State, want[r.ID])
		}
		if (r.Report != "") != (r.ID == done || r.ID == failed) {
			t.Errorf("run %s: report %q", r.ID, r.Report)
		}
		if r.ID == begun && (r.Images != 4 || r.Stages[0] != admin.StageStatus{Stage: schemas.StageEmbed, Tasks: 2, Done: 2} || r.Stages[4].Done != 0) {
			t.Errorf("run %+v", r)
		}
		if r.ID == done && (r.Stages[2] != admin.StageStatus{Stage: schemas.StageNearest, Tasks: 1, Done: 1} ||
			r.Stages[3] != admin.StageStatus{Stage: schemas.StageNeighbours, Tasks: 3, Done: 2}) {
			t.Errorf("stages %+v", r.Stages)
		}
		if r.ID == failed && r.Stages[4] != (admin.StageStatus{Stage: schemas.StageJudge, Tasks: 1, Done: 1, Failed: 1}) {
			t.Errorf("stages %+v", r.Stages)
		}
	}
	reported, err := admin.Reported(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(reported)
	ids := []schemas.RunID{done, failed}
	slices.Sort(ids)
	if !slices.Equal(reported, ids) {
		t.Errorf("reported %v; want %v", reported, ids)
	}
}

func TestStatusOfAnEmptyStore(t *testing.T) {
	s := newShelf(t)
	all, err := admin.Status(t.Context(), s)
	if err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}
