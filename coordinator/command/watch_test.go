package command

import (
	"strings"
	"testing"
	"time"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/connect"
)

// What workers have told stands in a look, as long as it says something of now.
func TestWorkersOfALook(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	w := &watching{states: map[string]told{
		"b": {queue.WorkerState{Worker: "b", Device: "cuda:0", Rate: 300, Done: 7, Tasks: []queue.TaskState{{Task: "embed.set.00001.0000", Attempt: 2, Seconds: 4}}}, now.Add(-time.Second)},
		"a": {queue.WorkerState{Worker: "a", Rate: 500}, now.Add(-20 * time.Second)},
		"c": {queue.WorkerState{Worker: "c", Rate: 1, Left: true}, now},
		"d": {queue.WorkerState{Worker: "d", Rate: 1}, now.Add(-2 * time.Minute)},
	}}
	l := &admin.Look{At: now, Stage: schemas.StageEmbed, Rate: 9, Stages: []admin.StageLook{{Stage: schemas.StageEmbed, Images: 1000, ImagesDone: 400}}}
	w.addWorkers(l)
	if len(l.Workers) != 2 || l.Workers[0].Worker != "a" || l.Workers[0].Rate != 0 || l.Workers[1].Rate != 300 ||
		l.Workers[1].Tasks[0] != (admin.TaskLook{Task: "embed.set.00001.0000", Attempt: 2, Seconds: 4}) {
		t.Errorf("%+v", l.Workers)
	}
	if l.Rate != 300 || l.Left != 2 {
		t.Errorf("rate %v, %v s left", l.Rate, l.Left)
	}
	if len(w.states) != 2 {
		t.Errorf("workers that left are kept: %v", w.states)
	}
	judge := &admin.Look{At: now, Stage: schemas.StageJudge, Rate: 9}
	if w.addWorkers(judge); judge.Rate != 9 {
		t.Errorf("the rate of whole tasks is %v", judge.Rate)
	}
}

// A person learns what to do, where something is to be done.
func TestAdviceOfALook(t *testing.T) {
	st, err := store.Open(t.Context(), "mem:advice", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for _, c := range []struct {
		name string
		w    *watching
		l    admin.Look
		want string
	}{
		{"all is well", &watching{}, admin.Look{State: admin.StateEmbedded, At: now, Written: now}, ""},
		{"no coordinator", &watching{conn: &queue.Conn{}, unqueued: 2, since: now}, admin.Look{State: admin.StateEmbedded}, "coordinator is gone"},
		{"no coordinator yet", &watching{conn: &queue.Conn{}, unqueued: 2, since: now}, admin.Look{State: admin.StateBroken}, ""},
		{"a moment without", &watching{conn: &queue.Conn{}, unqueued: 1, since: now}, admin.Look{State: admin.StateEmbedded}, ""},
		{"no worker", &watching{conn: &queue.Conn{}, nats: &connect.Flags{URL: "nats://queue:4222"}}, admin.Look{State: admin.StatePlanned}, "worker --store mem:advice --nats nats://queue:4222"},
		{"a password", &watching{conn: &queue.Conn{}, nats: &connect.Flags{URL: "nats://me:secret@queue:4222"}}, admin.Look{State: admin.StatePlanned}, "--nats nats://xxxxx@queue:4222"},
		{"silence", &watching{}, admin.Look{State: admin.StateEmbedded, At: now, Written: now.Add(-time.Hour)}, "nothing was written"},
		{"the end", &watching{unqueued: 9}, admin.Look{State: admin.StateDone, At: now, Written: now.Add(-time.Hour)}, ""},
	} {
		c.w.store = st
		c.w.advise(&c.l)
		if (c.want == "") != (c.l.Next == "") || !strings.Contains(c.l.Next, c.want) || strings.Contains(c.l.Next, "secret") {
			t.Errorf("%s: %q; want %q", c.name, c.l.Next, c.want)
		}
	}
}
