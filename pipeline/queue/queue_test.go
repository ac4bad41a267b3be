package queue_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/schemas"
)

// What goes wrong at the start is one line, with the next step and no password.
func TestDialSaysWhatToDo(t *testing.T) {
	ctx := testContext(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	closed.Close()
	plain := &natsServer{t: t, options: server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true}}
	plain.start(t.TempDir())
	t.Cleanup(plain.stop)
	guarded := &natsServer{t: t, options: plain.options}
	guarded.options.Port, guarded.options.Username, guarded.options.Password = server.RANDOM_PORT, "someone", "other"
	guarded.start(t.TempDir())
	t.Cleanup(guarded.stop)
	for _, c := range []struct{ name, addr, want string }{
		{"no server", nobody, "start a server: nats-server -js"},
		{"no JetStream", strings.TrimPrefix(plain.url(), "nats://"), "start it with JetStream: nats-server -js"},
		{"wrong password", strings.TrimPrefix(guarded.url(), "nats://"), "give the user and password in the URL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := queue.Dial(ctx, "nats://someone:secret@"+c.addr, queue.Options{})
			if err == nil {
				t.Fatal("connected")
			}
			text := err.Error()
			if !strings.Contains(text, c.addr) || !strings.Contains(text, c.want) || strings.Contains(text, "secret") || strings.Contains(text, "\n") {
				t.Error(text)
			}
			t.Log(text)
		})
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := queue.Dial(ctx, "nats://127.0.0.1:1", queue.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Dial = %v", err)
	}
}

// The stream has exactly the settings that make it a queue of idempotent tasks.
func TestStreamSettings(t *testing.T) {
	ctx, s, _ := open(t, queue.CreateOptions{})
	stream := s.stream(ctx)
	cfg := stream.CachedInfo().Config
	if cfg.Retention != jetstream.WorkQueuePolicy || cfg.Storage != jetstream.FileStorage || cfg.MaxMsgsPerSubject != 1 ||
		cfg.Discard != jetstream.DiscardNew || !cfg.DiscardNewPerSubject || cfg.MaxMsgs != -1 || cfg.MaxAge != 0 {
		t.Errorf("stream: %+v", cfg)
	}
	for c := range stream.ListConsumers(ctx).Info() {
		if k := c.Config; k.AckPolicy != jetstream.AckExplicitPolicy || k.MaxDeliver != -1 || k.MaxAckPending != -1 || k.AckWait != queue.DefaultAckWait {
			t.Errorf("consumer: %+v", k)
		}
	}
}

func TestPushIsANoOpWhilePending(t *testing.T) {
	ctx, _, q := open(t, queue.CreateOptions{})
	push(ctx, t, q, task(1), true)
	push(ctx, t, q, task(1), false)
	l := pull(ctx, t, q)
	push(ctx, t, q, task(1), false) // leased is pending
	done(ctx, t, l)
	push(ctx, t, q, task(1), true)
	wantPending(ctx, t, q, 1)
}

// Every field of a task makes another task.
func TestTasksDoNotShareSubjects(t *testing.T) {
	ctx, s, q := open(t, queue.CreateOptions{})
	tasks := []schemas.Task{
		task(0), task(1),
		{Run: run, Stage: schemas.StageEmbed, Part: 1},
	}
	for _, source := range []schemas.Source{"lfw", "%", "l.f.w", "l f w", "*", ">", "l%2Ef%2Ew", "Ä\n\xff"} {
		tasks = append(tasks, schemas.Task{Run: run, Stage: schemas.StageEmbed, Source: source})
	}
	for _, k := range tasks {
		push(ctx, t, q, k, true)
	}
	push(ctx, t, q, schemas.Task{Run: run, Stage: schemas.StageJudge}, true)
	done(ctx, t, pull(ctx, t, join(ctx, t, s, schemas.PoolVectors)))
	for _, want := range tasks {
		l := pull(ctx, t, q)
		// JSON replaces bytes that are no UTF-8; the subject keeps them apart.
		if want.Source = schemas.Source(strings.ToValidUTF8(string(want.Source), "�")); l.Task() != want {
			t.Errorf("pulled %+v, want %+v", l.Task(), want)
		}
		done(ctx, t, l)
	}
}

func TestPushRefusesAnotherRunsTask(t *testing.T) {
	ctx, _, q := open(t, queue.CreateOptions{})
	if _, err := q.Push(ctx, schemas.Task{Run: "other", Stage: schemas.StageEmbed}); err == nil {
		t.Error("pushed another run's task")
	}
}

// The error code of a second push stands for every failure to store; only the
// reason tells that the task is there.
func TestPushDoesNotTakeAFullStreamForAPendingTask(t *testing.T) {
	ctx, s, q := open(t, queue.CreateOptions{})
	push(ctx, t, q, task(0), true)
	cfg := s.stream(ctx).CachedInfo().Config
	cfg.MaxMsgs = 1
	if _, err := s.js().UpdateStream(ctx, cfg); err != nil {
		t.Fatal(err)
	}
	if pushed, err := q.Push(ctx, task(1)); err == nil {
		t.Errorf("Push = %v on a full stream, want an error", pushed)
	}
	push(ctx, t, q, task(0), false)
}

func TestJoinNeverCreates(t *testing.T) {
	ctx := testContext(t)
	c := startServer(t).dial(ctx)
	if _, err := c.Join(ctx, run); !errors.Is(err, queue.ErrNoRun) {
		t.Fatalf("Join = %v, want ErrNoRun", err)
	}
	if runs, err := c.Runs(ctx); err != nil || len(runs) != 0 {
		t.Errorf("Runs = %v, %v after a Join", runs, err)
	}
	if _, err := c.Join(ctx, "not.a.run"); err == nil || errors.Is(err, queue.ErrNoRun) {
		t.Errorf("Join = %v for an impossible id", err)
	}
}

func TestRunsAndJoinTellTheStore(t *testing.T) {
	ctx := testContext(t)
	c := startServer(t).dial(ctx)
	for _, r := range []schemas.RunID{"b", "a"} {
		if _, err := c.Create(ctx, r, "s3://bucket/"+string(r), queue.CreateOptions{AckWait: time.Minute}); err != nil {
			t.Fatal(err)
		}
	}
	// Made again, a run is opened: its tasks stay, its store's URL is the new one.
	a, err := c.Join(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	push(ctx, t, a, schemas.Task{Run: "a", Stage: schemas.StageJudge}, true)
	if _, err := c.Create(ctx, "a", "file:///moved", queue.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	wantPending(ctx, t, a, 1)
	runs, err := c.Runs(ctx)
	if err != nil || len(runs) != 2 || runs[0].Run != "a" || runs[0].Store != "file:///moved" || runs[1].Store != "s3://bucket/b" {
		t.Errorf("Runs = %+v, %v", runs, err)
	}
	if a, err = c.Join(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	wantPending(ctx, t, a, 1)
}

func TestPendingAndWorkers(t *testing.T) {
	ctx, _, q := open(t, queue.CreateOptions{})
	workers := func() int {
		n, err := q.Workers(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := workers(); n != 0 {
		t.Errorf("%d workers before any", n)
	}
	pulled := make(chan *queue.Lease, 1)
	go func() {
		l, err := q.Pull(ctx)
		if err != nil {
			t.Error(err)
		}
		pulled <- l
	}()
	until(ctx, t, "the pull is seen", func() bool { return workers() == 1 })
	push(ctx, t, q, task(1), true)
	l := <-pulled
	push(ctx, t, q, task(2), true)
	wantPending(ctx, t, q, 2)
	if err := l.Retry(ctx, time.Hour); err != nil {
		t.Fatal(err)
	}
	wantPending(ctx, t, q, 2)
	done(ctx, t, pull(ctx, t, q))
	wantPending(ctx, t, q, 1)
}
