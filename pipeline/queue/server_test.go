package queue_test

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/schemas"
)

const run = schemas.RunID("0123456789abcdef0123456789abcdef")

// patience bounds what a test waits for; nothing is asserted about how long
// anything takes.
const patience = 60 * time.Second

// soon is an AckWait short enough to be waited out.
const soon = 2 * time.Second

// natsServer is a NATS server on a TCP port of this machine, which can be stopped
// and started again on the same port.
type natsServer struct {
	t       *testing.T
	options server.Options
	ns      *server.Server
}

func startServer(t *testing.T) *natsServer {
	s := &natsServer{t: t, options: server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, NoSigs: true, NoLog: true}}
	s.start(t.TempDir())
	t.Cleanup(s.stop)
	return s
}

func (s *natsServer) start(dir string) {
	s.t.Helper()
	options := s.options
	options.StoreDir = dir
	ns, err := server.NewServer(&options)
	if err != nil {
		s.t.Fatal(err)
	}
	ns.Start()
	if !ns.ReadyForConnections(patience) {
		s.t.Fatal("the NATS server did not start")
	}
	s.ns = ns
	s.options.Port = ns.Addr().(*net.TCPAddr).Port
}

func (s *natsServer) stop() {
	s.ns.Shutdown()
	s.ns.WaitForShutdown()
}

func (s *natsServer) url() string { return "nats://127.0.0.1:" + strconv.Itoa(s.options.Port) }

func (s *natsServer) dial(ctx context.Context) *queue.Conn {
	s.t.Helper()
	c, err := queue.Dial(ctx, s.url(), queue.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(c.Close)
	return c
}

// js speaks to the server past the package.
func (s *natsServer) js() jetstream.JetStream {
	s.t.Helper()
	nc, err := nats.Connect(s.url())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		s.t.Fatal(err)
	}
	return js
}

// stream looks at the run's stream past the package.
func (s *natsServer) stream(ctx context.Context) jetstream.Stream {
	s.t.Helper()
	stream, err := s.js().Stream(ctx, "facesieve-"+string(run))
	if err != nil {
		s.t.Fatal(err)
	}
	return stream
}

func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// open starts a server and makes the run's queue on it.
func open(t *testing.T, o queue.CreateOptions) (context.Context, *natsServer, *queue.Queue) {
	t.Helper()
	ctx := testContext(t)
	s := startServer(t)
	q, err := s.dial(ctx).Create(ctx, run, "mem:", o)
	if err != nil {
		t.Fatal(err)
	}
	return ctx, s, q
}

func task(shard int) schemas.Task {
	return schemas.Task{Run: run, Stage: schemas.StageEmbed, Shard: shard}
}

func push(ctx context.Context, t *testing.T, q *queue.Queue, task schemas.Task, want bool) {
	t.Helper()
	if pushed, err := q.Push(ctx, task); err != nil || pushed != want {
		t.Fatalf("Push(%v) = %v, %v; want %v", task, pushed, err, want)
	}
}

func pull(ctx context.Context, t *testing.T, q *queue.Queue) *queue.Lease {
	t.Helper()
	l, err := q.Pull(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func done(ctx context.Context, t *testing.T, l *queue.Lease) {
	t.Helper()
	if err := l.Done(ctx); err != nil {
		t.Fatal(err)
	}
}

// wantPending waits until so many tasks are pending: the server's count for a consumer
// follows a push a moment later.
func wantPending(ctx context.Context, t *testing.T, q *queue.Queue, want int) {
	t.Helper()
	until(ctx, t, fmt.Sprintf("%d tasks pending", want), func() bool {
		n, err := q.Pending(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return n == want
	})
}

// until asks again until it is so, or fails when the test's context ends.
func until(ctx context.Context, t *testing.T, what string, so func() bool) {
	t.Helper()
	for !so() {
		if ctx.Err() != nil {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// parent is the folder given to a server whose JetStream folder is dir.
func parent(dir string) string { return filepath.Dir(dir) }
