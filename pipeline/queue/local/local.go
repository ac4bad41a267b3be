// Package local runs a NATS server with JetStream inside this process. It opens no
// port: the process itself is its only client. It is the same server that a
// cluster runs, so one machine and many take one path.
package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// startTime is the longest that a server may take to be ready; it takes some 30 ms
// on an empty folder.
const startTime = 30 * time.Second

// Server is a running server.
type Server struct {
	ns   *server.Server
	temp string // folder to remove in the end, or ""
	once sync.Once
	err  error
}

// Start runs a server that keeps its streams below dir, or in a temporary folder
// that Shutdown removes where dir is "". Two servers must not share a folder. The
// server installs no signal handlers and writes no log.
func Start(ctx context.Context, dir string) (*Server, error) {
	s, err := start(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("local queue: %w", err)
	}
	return s, nil
}

func start(ctx context.Context, dir string) (*Server, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	s := &Server{}
	if dir == "" {
		temp, err := os.MkdirTemp("", "facesieve-queue-")
		if err != nil {
			return nil, fmt.Errorf("%w; name a folder for temporary files with $TMPDIR", err)
		}
		dir, s.temp = temp, temp
	} else if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	ns, err := server.NewServer(&server.Options{
		ServerName: "facesieve",
		DontListen: true,
		JetStream:  true,
		StoreDir:   dir,
		NoSigs:     true,
		NoLog:      true,
	})
	if err != nil {
		return nil, errors.Join(err, s.removeTemp())
	}
	s.ns = ns
	ns.Start()
	if err := s.ready(ctx); err != nil {
		return nil, errors.Join(err, s.Shutdown())
	}
	return s, nil
}

// ready waits until the server takes connections and has JetStream.
func (s *Server) ready(ctx context.Context) error {
	done := make(chan bool, 1)
	go func() { done <- s.ns.ReadyForConnections(startTime) }()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case ok := <-done:
		if !ok || !s.ns.JetStreamEnabled() {
			return fmt.Errorf("the NATS server in this process did not start; can its folder %s be written?", s.ns.StoreDir())
		}
		return nil
	}
}

// Conn opens a connection to the server, for queue.Wrap. It lasts until it is
// closed or the server is shut down.
func (s *Server) Conn() (*nats.Conn, error) {
	nc, err := nats.Connect("", nats.InProcessServer(s.ns), nats.Name("facesieve"))
	if err != nil {
		return nil, fmt.Errorf("local queue: connect: %w", err)
	}
	return nc, nil
}

// Shutdown stops the server, waits for its end, and removes a temporary folder. It
// may be called more than once.
func (s *Server) Shutdown() error {
	s.once.Do(func() {
		s.ns.Shutdown()
		s.ns.WaitForShutdown()
		if err := s.removeTemp(); err != nil {
			s.err = fmt.Errorf("local queue: shut down: %w", err)
		}
	})
	return s.err
}

func (s *Server) removeTemp() error {
	if s.temp == "" {
		return nil
	}
	return os.RemoveAll(s.temp)
}
