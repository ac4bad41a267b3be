//go:build acceptance

package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/facesieve/facesieve/schemas"
)

// process is a program at work.
type process struct {
	cmd    *exec.Cmd
	stdout output
	stderr output
	done   chan struct{}
	err    error // of Wait, once done is closed
}

// output may be read while it grows.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// launch says how a program is started.
type launch struct {
	env    []string // beside PATH, HOME and TMPDIR
	folder string   // working folder; "": the repository's root
	user   uint32   // 0: this one
}

// start runs a program until it ends or the test does.
func (l launch) start(t *testing.T, program string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(filepath.Join(programs, program), args...), done: make(chan struct{})}
	if l.folder == "" {
		l.folder = root
	}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = l.folder, &p.stdout, &p.stderr
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.Getenv("TMPDIR")}, l.env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if l.user != 0 {
		p.cmd.SysProcAttr.Credential = &syscall.Credential{Uid: l.user, Gid: l.user}
	}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // the kernel ties the child to this thread
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return p
}

// kill ends the program without a word, and waits for its end.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.done
}

// wait is the exit code.
func (p *process) wait() int {
	<-p.done
	return p.cmd.ProcessState.ExitCode()
}

// peak is the most memory that the ended program had, in bytes.
func (p *process) peak() int64 {
	return p.cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
}

// finished is a run of the coordinator that gave a report.
type finished struct {
	id      schemas.RunID
	store   string // folder or URL
	folder  string // copy of the report
	process *process
	seconds float64
}

// engine is the environment of a program that embeds.
func engine(t *testing.T) launch {
	t.Helper()
	return launch{env: []string{"FACESIEVE_ONNXRUNTIME=" + onnxruntime(t), "SHARED="}}
}

// run is `coordinator run` with these arguments into a store; it must succeed.
func (l launch) run(t *testing.T, store string, args ...string) *finished {
	t.Helper()
	begun := time.Now()
	f := &finished{store: store, folder: filepath.Join(t.TempDir(), "report")}
	f.process = l.start(t, "coordinator", runArgs(t, store, f.folder, args)...)
	f.end(t)
	f.seconds = time.Since(begun).Seconds()
	return f
}

func runArgs(t *testing.T, store, out string, args []string) []string {
	all := append([]string{"run", "--store", store, "--out", out}, args...)
	for _, a := range args {
		if a == "--models" {
			return all
		}
	}
	return append(all, "--models", models(t))
}

// end waits for the report.
func (f *finished) end(t *testing.T) {
	t.Helper()
	if code := f.process.wait(); code != 0 {
		t.Fatalf("%s: exit code %d\n%s", strings.Join(f.process.cmd.Args, " "), code, tail(f.process.stderr.String()))
	}
	lines := strings.Split(strings.TrimSpace(f.process.stdout.String()), "\n")
	url := lines[len(lines)-1]
	if filepath.Base(url) != "report" {
		t.Fatalf("the last line printed is no report's place: %q", url)
	}
	f.id = schemas.RunID(filepath.Base(filepath.Dir(url)))
	if err := f.id.Validate(); err != nil {
		t.Fatalf("the last line printed is no report's place: %q", url)
	}
}

func tail(s string) string {
	if len(s) > 4000 {
		return "..." + s[len(s)-4000:]
	}
	return s
}

// natsServer is a NATS server with JetStream that can be killed and started anew.
type natsServer struct {
	address string // 127.0.0.1:PORT
	folder  string // of its streams
	*process
}

func startNATS(t *testing.T) *natsServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &natsServer{address: l.Addr().String(), folder: filepath.Join(t.TempDir(), "nats")}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s.restart(t)
	return s
}

func (s *natsServer) url() string { return "nats://" + s.address }

// restart starts the server on its address and folder, and returns when it
// answers.
func (s *natsServer) restart(t *testing.T) {
	t.Helper()
	_, port, err := net.SplitHostPort(s.address)
	if err != nil {
		t.Fatal(err)
	}
	s.process = launch{}.start(t, "nats-server", "--jetstream", "--store_dir", s.folder, "--addr", "127.0.0.1", "--port", port)
	waitFor(t, "nats-server", s.process, func() (bool, error) {
		c, err := net.Dial("tcp", s.address)
		if err != nil {
			return false, nil
		}
		return true, c.Close()
	})
}

// waitFor polls until ok, a process's end, or a minute has passed.
func waitFor(t *testing.T, what string, p *process, ok func() (bool, error)) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Minute); ; {
		done, err := ok()
		if err != nil {
			t.Fatalf("wait for %s: %v", what, err)
		}
		if done {
			return
		}
		select {
		case <-p.done:
			t.Fatalf("%s: %s ended: %s", what, p.cmd.Path, tail(p.stderr.String()))
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come; %s says: %s", what, p.cmd.Path, tail(p.stderr.String()))
		}
	}
}

func readJSON(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
