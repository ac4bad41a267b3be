package pipeline_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/schemas"
)

// A run that is made step by step is seen so.
func TestWatchAnUnfinishedRun(t *testing.T) {
	s := newShelf(t)
	const unknown = schemas.RunID("00000000000000000000000000000bad")
	w := admin.Watch{Store: s, Run: unknown}
	if l, err := w.Look(t.Context()); err != nil || l.State != admin.StateBroken || l.Ended() {
		t.Errorf("without a plan: %+v, %v", l, err)
	}
	id, needs := s.run("0.95", "abcd") // one shard of four parts
	for _, name := range needs {
		if name[:6] == "embed/" {
			if err := s.Delete(t.Context(), name); err != nil {
				t.Fatal(err)
			}
		}
	}
	now := time.Now()
	w = admin.Watch{Store: s, Run: id, Timings: true, Clock: func() time.Time { return now }}
	look := func() *admin.Look {
		t.Helper()
		l, err := w.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := look()
	if l.State != admin.StatePlanned || l.Stage != schemas.StageEmbed || l.Rate != 0 || l.Left != 0 || len(l.Stages) != 9 ||
		l.Stages[0] != (admin.StageLook{Stage: schemas.StageEmbed, Tasks: 4, Images: 8}) {
		t.Errorf("planned: %+v", l)
	}
	pointers := []string{}
	for _, name := range needs {
		if name[:6] == "embed/" {
			pointers = append(pointers, name)
		}
	}
	s.put(pointers[0], "{}")
	s.put(pointers[1], "{}")
	task := func(part int) schemas.Task { return schemas.Task{Run: id, Stage: schemas.StageEmbed, Part: part} }
	s.putJSON(schemas.TaskTimingObject(id, task(0)), schemas.TaskTiming{Task: task(0).Name(), Worker: "w", Host: "h", Device: "cpu", NumericKind: kind, Seconds: 3})
	s.putJSON(schemas.AttemptObject(id, task(0), 1), schemas.Attempt{Task: task(0).Name(), Worker: "w", Error: "of a task that is done now"})
	s.putJSON(schemas.AttemptObject(id, task(2), 1), schemas.Attempt{Task: task(2).Name(), Worker: "w", Error: "first"})
	s.putJSON(schemas.AttemptObject(id, task(2), 2), schemas.Attempt{Task: task(2).Name(), Worker: "w", Error: "second"})
	s.putJSON(schemas.FailureObject(id, task(3)), schemas.Attempt{Task: task(3).Name(), Worker: "v", Error: "last"})
	now = now.Add(20 * time.Second)
	l = look()
	if l.State != admin.StateEmbedded || l.GivenUp != 1 || l.Stage != schemas.StageEmbed ||
		l.Stages[0] != (admin.StageLook{Stage: schemas.StageEmbed, Tasks: 4, Done: 2, Failed: 1, Images: 8, ImagesDone: 4}) {
		t.Errorf("at work: %+v", l)
	}
	// The first of the two starts the clock; two images in some 20 s.
	if l.Rate < .05 || l.Rate > .15 || l.Left < 20 || l.Left > 80 {
		t.Errorf("rate %v, %v s left", l.Rate, l.Left)
	}
	if len(l.Workers) != 1 || l.Workers[0].Worker != "w" || l.Workers[0].Done != 1 || l.Workers[0].NumericKind != kind ||
		!l.Workers[0].Tasks[0].Over || l.At.Sub(l.Workers[0].Seen) < 19*time.Second {
		t.Errorf("workers %+v", l.Workers)
	}
	said := map[string]admin.TaskTrouble{}
	for _, one := range l.Trouble {
		said[one.Error] = one
	}
	if len(said) != 2 || said["second"].Failures != 2 || said["second"].GivenUp || !said["last"].GivenUp || said["last"].Worker != "v" {
		t.Errorf("trouble %+v", l.Trouble)
	}
	s.put(pointers[2], "{}")
	if l = look(); l.Stage != schemas.StageAggregate || len(l.Trouble) != 1 || l.Stages[2].Tasks != 0 {
		t.Errorf("a shard that was given up has tasks, or embedding goes on: %+v", l)
	}
	s.put(schemas.FailureObject(id, schemas.Task{Run: id, Stage: schemas.StageNeighbours}), "{}")
	if l = look(); l.State != admin.StateFailed || !l.Ended() || l.Report != "" {
		t.Errorf("a group of lists was given up, and the run goes on: %+v", l)
	}
}

// A run at work is seen as it is told and as it is stored, until it has ended.
func TestWatchARun(t *testing.T) {
	l := newHarness(t)
	l.workers = 2
	c := l.coordinator()
	planned, err := c.Plan(t.Context(), small(t))
	if err != nil {
		t.Fatal(err)
	}
	listen, stop := context.WithCancel(t.Context())
	defer stop()
	states := make(chan queue.WorkerState, 1000)
	conn := l.conn()
	go func() { _ = conn.States(listen, planned.ID, func(s queue.WorkerState) { states <- s }) }()
	// The engine waits until a worker has told that it holds a task of embedding.
	l.engine.fail = func([]schemas.Image) error {
		for s := range states {
			for _, task := range s.Tasks {
				if parsed, err := schemas.ParseTaskName(planned.ID, task.Task); err == nil && parsed.Stage == schemas.StageEmbed && s.Host == "here" {
					states <- s
					return nil
				}
			}
		}
		return errors.New("nobody told")
	}
	w := admin.Watch{Store: l.store, Run: planned.ID, Timings: true}
	if planned, _, err = l.runPlanned(t.Context(), c, planned); err != nil {
		t.Fatal(err)
	}
	left := map[string]bool{}
	for len(left) < 2 {
		if s := <-states; s.Left {
			left[s.Worker] = true
		}
	}
	look, err := w.Look(t.Context())
	if err != nil || !look.Ended() || look.State != admin.StateDone || look.Stage != "" || look.Report != admin.ReportURL(l.store, planned.ID) {
		t.Fatalf("%+v, %v", look, err)
	}
	done := 0
	for _, one := range look.Workers {
		done += one.Done
	}
	tasks := 1 // of the numeric kind
	for _, s := range look.Stages {
		if s.Done != s.Tasks || s.Tasks == 0 || s.ImagesDone != s.Images {
			t.Errorf("%+v", s)
		}
		switch s.Stage {
		case schemas.StageAggregate, schemas.StageNearDuplicates, schemas.StageCalibrate, schemas.StageReport:
		default:
			tasks += s.Tasks
		}
	}
	if done != tasks {
		t.Errorf("workers did %d tasks; want %d", done, tasks)
	}
}

// A run with a shard that was given up ends so.
func TestWatchAFailedRun(t *testing.T) {
	l := newHarness(t)
	l.engine.fail = failsAt("p004/002.jpg")
	planned, _, err := l.run(t.Context(), small(t))
	if !errors.Is(err, run.ErrFailed) {
		t.Fatal(err)
	}
	look, err := (&admin.Watch{Store: l.store, Run: planned.ID}).Look(t.Context())
	if err != nil || look.State != admin.StateFailed || look.GivenUp != 1 || look.Report == "" || len(look.Trouble) != 1 || look.Trouble[0].Failures != 5 {
		t.Fatalf("%+v, %v", look, err)
	}
	for _, s := range look.Stages {
		if s.Done+s.Failed != s.Tasks {
			t.Errorf("%+v", s)
		}
	}
}
