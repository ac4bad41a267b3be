package local_test

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/queue/local"
	"github.com/facesieve/facesieve/schemas"
)

func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func conn(t *testing.T, s *local.Server) *queue.Conn {
	t.Helper()
	nc, err := s.Conn()
	if err != nil {
		t.Fatal(err)
	}
	c := queue.Wrap(nc)
	t.Cleanup(c.Close)
	return c
}

// A folder keeps its tasks from one server to the next.
func TestFolderKeepsTheQueue(t *testing.T) {
	ctx := testContext(t)
	dir := filepath.Join(t.TempDir(), "a", "b")
	want := schemas.Task{Run: "r", Stage: schemas.StageMatch, Shard: 4}
	for round := range 2 {
		s, err := local.Start(ctx, dir)
		if err != nil {
			t.Fatal(err)
		}
		q, err := conn(t, s).Create(ctx, "r", "mem:", queue.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if pushed, err := q.Push(ctx, want); err != nil || pushed != (round == 0) {
			t.Fatalf("round %d: Push = %v, %v", round, pushed, err)
		}
		if round == 1 {
			l, err := q.Pull(ctx)
			if err != nil || l.Task() != want {
				t.Fatalf("Pull = %v, %v", l, err)
			}
			if err := l.Done(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Shutdown(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTemporaryFolderIsRemoved(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx := testContext(t)
	s, err := local.Start(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn(t, s).Create(ctx, "r", "mem:", queue.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 1 {
		t.Fatalf("%d folders while it runs (%v), want 1", len(left), err)
	}
	for range 2 {
		if err := s.Shutdown(); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("%d folders left (%v)", len(left), err)
	}
}

func TestUnwritableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := local.Start(testContext(t), filepath.Join(file, "x")); err == nil {
		t.Error("started below a file", s.Shutdown())
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, err := local.Start(ctx, "")
	if err == nil {
		t.Fatal("started under a cancelled context", s.Shutdown())
	}
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// The test binary runs itself with a server and nothing else, and looks at every
// socket that it holds: none listens.
func TestNoPortIsOpen(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: looking at a process's sockets needs Linux's /proc")
	}
	if os.Getenv("FACESIEVE_TEST_PORTS") == "" {
		cmd := exec.CommandContext(testContext(t), os.Args[0], "-test.run=^TestNoPortIsOpen$")
		cmd.Env = append(os.Environ(), "FACESIEVE_TEST_PORTS=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	control := openListener(t)
	if got := listening(t); len(got) != 1 {
		t.Fatalf("with one listener, %v are found", got)
	}
	control()
	s, err := local.Start(testContext(t), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	if _, err := conn(t, s).Runs(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if got := listening(t); len(got) != 0 {
		t.Errorf("listening: %v", got)
	}
}

// openListener opens a port, to see that an open port is seen.
func openListener(t *testing.T) (closeIt func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

// listening is the lines of /proc/net/tcp* with a listening socket of this process.
func listening(t *testing.T) (lines []string) {
	t.Helper()
	mine := map[string]bool{}
	fds, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if link, err := os.Readlink(fd); err == nil && strings.HasPrefix(link, "socket:[") {
			mine[strings.Trim(strings.TrimPrefix(link, "socket:"), "[]")] = true
		}
	}
	for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		data, err := os.ReadFile(table)
		if errors.Is(err, os.ErrNotExist) {
			continue // no IPv6
		}
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			// Columns 3 and 9 are the state, 0A for listening, and the inode.
			if f := strings.Fields(line); len(f) > 9 && f[3] == "0A" && mine[f[9]] {
				lines = append(lines, strings.TrimSpace(line))
			}
		}
	}
	return lines
}
