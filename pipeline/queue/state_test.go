package queue_test

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/schemas"
)

// Who listens is told what workers of the run say, and the stream keeps nothing of it.
func TestStatesAreToldAndNotKept(t *testing.T) {
	ctx, s, q := open(t, queue.CreateOptions{AckWait: soon})
	listener, worker := s.dial(ctx), s.dial(ctx)
	listen, stop := context.WithCancel(ctx)
	defer stop()
	states, ended := make(chan queue.WorkerState, 100), make(chan error, 1)
	go func() { ended <- listener.States(listen, run, func(s queue.WorkerState) { states <- s }) }()
	want := queue.WorkerState{Worker: "host.with dots-1", Host: "host", Device: "cuda:0", NumericKind: "aa",
		Tasks: []queue.TaskState{{Task: task(3).Name(), Attempt: 2, Seconds: 1.5}}, Rate: 12, Done: 4}
	var got queue.WorkerState
	until(ctx, t, "a state was heard", func() bool { // the subscription may come after the first ones
		worker.TellState("00000000000000000000000000000000", queue.WorkerState{Worker: "of another run"})
		worker.TellState(run, want)
		select {
		case got = <-states:
			return true
		case <-time.After(10 * time.Millisecond):
			return false
		}
	})
	if got.Worker != want.Worker || len(got.Tasks) != 1 || got.Tasks[0] != want.Tasks[0] || got.Rate != 12 || got.Done != 4 {
		t.Errorf("heard %+v; want %+v", got, want)
	}
	nc, err := nats.Connect(s.url())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	for _, bad := range []string{"", "{", `{"tasks":[]}`} {
		if err := nc.Publish("facesieve."+string(run)+".worker.x", []byte(bad)); err != nil {
			t.Fatal(err)
		}
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	worker.TellState(run, queue.WorkerState{Worker: "last", Left: true})
	for got.Worker != "last" {
		if got = <-states; got.Worker == "" {
			t.Errorf("what cannot be read was told: %+v", got)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("the end of listening: %v", err)
	}
	info, err := s.stream(ctx).Info(ctx, jetstream.WithSubjectFilter("facesieve."+string(run)+".worker.>"))
	if err != nil || len(info.State.Subjects) != 0 {
		t.Errorf("the stream holds %v, %v", info.State.Subjects, err)
	}
	push(ctx, t, q, task(1), true)
	if n, err := q.Counts(ctx); err != nil || n[schemas.PoolImages] != (queue.Counts{Pending: 1}) {
		t.Errorf("%+v, %v", n, err)
	}
	l := pull(ctx, t, q)
	q.EndPulls()
	if l.Delivery() != 1 || l.AfterDeath() {
		t.Errorf("delivery %d, after a death: %v", l.Delivery(), l.AfterDeath())
	}
	if n, err := q.Counts(ctx); err != nil || n[schemas.PoolImages] != (queue.Counts{Leased: 1, Deliveries: 1}) {
		t.Errorf("%+v, %v", n, err)
	}
	if err := l.Release(ctx); err != nil {
		t.Fatal(err)
	}
	die(ctx, t, s)
	l = pull(ctx, t, q)
	q.EndPulls()
	if l.Delivery() != 3 || !l.AfterDeath() || l.Deaths() != 1 {
		t.Errorf("delivery %d, after a death: %v, deaths %d", l.Delivery(), l.AfterDeath(), l.Deaths())
	}
	if n, err := q.Counts(ctx); err != nil || n[schemas.PoolImages] != (queue.Counts{Leased: 1, Redelivered: 1, Deliveries: 3}) {
		t.Errorf("%+v, %v", n, err)
	}
	done(ctx, t, l)
}

// A run that is no run's id is no subject.
func TestStatesOfNoRun(t *testing.T) {
	ctx, s, _ := open(t, queue.CreateOptions{})
	if err := s.dial(ctx).States(ctx, schemas.RunID("*"), nil); err == nil {
		t.Error("listened to everybody")
	}
}
