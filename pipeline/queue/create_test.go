package queue_test

import (
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/facesieve/facesieve/pipeline/queue"
)

// complaints is a NATS server's log: it counts the streams whose files the server
// could not make, and calls then after each.
type complaints struct {
	count atomic.Int32
	then  func()
}

func (c *complaints) Warnf(format string, _ ...any) {
	if strings.HasPrefix(format, "Stream create failed") {
		c.count.Add(1)
		c.then()
	}
}
func (c *complaints) Noticef(string, ...any) {}
func (c *complaints) Fatalf(string, ...any)  {}
func (c *complaints) Errorf(string, ...any)  {}
func (c *complaints) Debugf(string, ...any)  {}
func (c *complaints) Tracef(string, ...any)  {}

// obstruct puts a file where the server's folder stands, so that no stream's
// files can be made.
func obstruct(t *testing.T, s *natsServer) string {
	t.Helper()
	folder := s.ns.StoreDir()
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(folder, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return folder
}

// A server that fails for a moment, as after its last stream's end, is asked again.
func TestCreateAsksAgain(t *testing.T) {
	ctx, s := testContext(t), startServer(t)
	file := obstruct(t, s)
	log := &complaints{then: func() {
		if err := os.Remove(file); err != nil {
			t.Error(err)
		}
	}}
	s.ns.SetLogger(log, false, false)
	q, err := s.dial(ctx).Create(ctx, run, "mem:", queue.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	push(ctx, t, q, task(0), true)
	if n := log.count.Load(); n != 1 {
		t.Errorf("the server failed %d times", n)
	}
}

// A server that can't make a stream at all is not asked for ever.
func TestCreateGivesUp(t *testing.T) {
	ctx, s := testContext(t), startServer(t)
	obstruct(t, s)
	log := &complaints{then: func() {}}
	s.ns.SetLogger(log, false, false)
	_, err := s.dial(ctx).Create(ctx, run, "mem:", queue.CreateOptions{})
	if err == nil || ctx.Err() != nil {
		t.Fatalf("Create = %v", err)
	}
	if n := log.count.Load(); n < 2 {
		t.Errorf("the server was asked %d times", n)
	}
	t.Log(err)
}
