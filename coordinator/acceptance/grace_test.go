//go:build acceptance

package acceptance

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/facesieve/facesieve/pipeline/store/s3test"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/program"
)

const (
	evictions = 10
	// leaveTime is what a worker may take beside its grace before it is killed; a pod has
	// 10 s beside the default grace.
	leaveTime = 10 * time.Second
)

// total is how many objects were stored.
func (g *gate) total() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.stored)
}

// nth gives the name of the n-th object that is stored from now on, once do was called
// and before its writer has the answer.
func (g *gate) nth(n int, do func()) <-chan string {
	g.mu.Lock()
	defer g.mu.Unlock()
	seen := make(chan string, 1)
	g.acts[len(g.stored)+n] = func(name string) {
		do()
		seen <- name
	}
	return seen
}

// TestEvictions: workers are evicted as Kubernetes does it, by SIGTERM and by SIGKILL a
// while after, ten times over one run, a new worker each time. No death is counted, no
// attempt is recorded, and the report has the bytes of an undisturbed run.
func TestEvictions(t *testing.T) {
	data := facescrub(t)
	if !full() {
		data = facescrubTree(t, 2)
	}
	args := []string{"--data", data, "--layout", "folder", "--aligned", "--shard-images", "64"}
	s := s3test.Start(t)
	calm := assault{s: s, prefix: "calm", args: args}
	want, objects := calm.undisturbed(t)

	g, nats := newGate(t, s), startNATS(t)
	l := engine(t)
	l.env = append(l.env, g.environ(s)...)
	url := s.URL("evicted")
	f := &finished{store: url, folder: filepath.Join(t.TempDir(), "report")}
	f.process = l.start(t, "coordinator", runArgs(t, url, f.folder, append(args[:len(args):len(args)], "--nats", nats.url()))...)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, seed))
	var workers []*process
	for left := evictions; left > 0; left-- {
		// The short graces end in the middle of tasks, the long ones do not.
		grace := []time.Duration{50 * time.Millisecond, 20 * time.Second}[r.IntN(2)]
		worker := l.start(t, "worker", "--store", url, "--nats", nats.url(), "--grace", grace.String())
		workers = append(workers, worker)
		next := g.nth(1+r.IntN(max(1, 2*(objects-g.total())/(left+2))), func() {
			_ = worker.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		})
		select {
		case name := <-next:
			t.Logf("evicted with a grace of %s after the object %s", grace, strings.TrimPrefix(name, "evicted/"))
		case <-f.process.done:
			t.Fatalf("the run ended after %d evictions: %s", len(workers)-1, tail(f.process.stderr.String()))
		}
		leave(t, worker, grace)
	}
	last := l.start(t, "worker", "--store", url, "--nats", nats.url())
	workers = append(workers, last)
	f.end(t)
	if code := last.wait(); code != program.ExitDone {
		t.Errorf("the last worker: exit code %d: %s", code, tail(last.stderr.String()))
	}
	same(t, "after evictions", want, f.digests(t))
	f.byPath(t) // no row twice
	for i, w := range workers {
		if said := w.stderr.String(); strings.Contains(said, "workers died at this task") || strings.Contains(said, "task failed") {
			t.Errorf("worker %d: %s", i, tail(said))
		}
	}
	run := filepath.Join(s.Folder, s.Bucket, "evicted", schemas.RunFolder(f.id))
	for _, folder := range []string{"attempts", "failures"} {
		if left, err := filepath.Glob(filepath.Join(run, folder, "*")); err != nil || len(left) > 0 {
			t.Errorf("%s: %v, %v", folder, left, err)
		}
	}
}

// leave waits for the end of a worker that has SIGTERM, and kills it where it is not out in
// time.
func leave(t *testing.T, worker *process, grace time.Duration) {
	t.Helper()
	begun := time.Now()
	select {
	case <-worker.done:
	case <-time.After(grace + leaveTime):
		t.Errorf("the worker had to be killed: %s", tail(worker.stderr.String()))
		worker.kill()
	}
	t.Logf("out after %.1f s", time.Since(begun).Seconds())
	if code := worker.wait(); code != program.ExitInterrupted {
		t.Errorf("the evicted worker: exit code %d: %s", code, tail(worker.stderr.String()))
	}
}

// undisturbed is the report's digests of a run that is left in peace, and how many objects
// it stores.
func (a assault) undisturbed(t *testing.T) (digests map[string]string, objects int) {
	t.Helper()
	g, nats := newGate(t, a.s), startNATS(t)
	l := engine(t)
	l.env = append(l.env, g.environ(a.s)...)
	worker := l.start(t, "worker", "--store", a.s.URL(a.prefix), "--nats", nats.url())
	f := l.run(t, a.s.URL(a.prefix), append(a.args[:len(a.args):len(a.args)], "--nats", nats.url())...)
	if code := worker.wait(); code != program.ExitDone {
		t.Errorf("worker: exit code %d: %s", code, tail(worker.stderr.String()))
	}
	t.Logf("undisturbed: %d objects, %.0f s", g.total(), f.seconds)
	return f.digests(t), g.total()
}

// facescrubTree is a tree with links to every n-th identity of facescrub-mini.
func facescrubTree(t *testing.T, n int) string {
	t.Helper()
	tree, data := t.TempDir(), facescrub(t)
	for i, name := range names(t, data) {
		if i%n == 0 {
			symlink(t, filepath.Join(data, name), filepath.Join(tree, name))
		}
	}
	return tree
}

// TestEvictionWhereNothingAnswers: a worker whose store and whose NATS server hang is out in
// time all the same.
func TestEvictionWhereNothingAnswers(t *testing.T) {
	s := s3test.Start(t)
	g, nats := newGate(t, s), startNATS(t)
	l := engine(t)
	l.env = append(l.env, g.environ(s)...)
	url, args := s.URL("hanging"), []string{"--data", facescrubTree(t, 4), "--layout", "folder", "--aligned",
		"--shard-images", "64", "--nats", nats.url()}
	coordinator := l.start(t, "coordinator", runArgs(t, url, t.TempDir(), args)...)
	waitFor(t, "the plan", coordinator, func() (bool, error) {
		plans, err := filepath.Glob(filepath.Join(s.Folder, s.Bucket, "hanging", schemas.RunsFolder, "*/source.json"))
		return len(plans) > 0, err
	})
	const grace = time.Second
	worker := l.start(t, "worker", "--store", url, "--nats", nats.url(), "--grace", grace.String())
	hung, over := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(over) })
	g.nth(4, func() {
		if err := nats.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Error(err)
		}
		close(hung)
		<-over // what is stored now has no answer
	})
	select {
	case <-hung:
	case <-worker.done:
		t.Fatalf("the worker ended: %s", tail(worker.stderr.String()))
	}
	if err := worker.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	leave(t, worker, grace)
}
