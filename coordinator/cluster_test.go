package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/program"
)

// TestFailedShard damages a shard's rows: the run goes on without it.
func TestFailedShard(t *testing.T) {
	v := fixtures(t, transcript{needs: []string{"library"}})
	p := &shell{t, v["HOME"], []string{"FACESIEVE_ONNXRUNTIME=" + v["LIBRARY"]}}
	run := []string{"run", "--data", v["DATA"], "--aligned", "--model", v["MODEL"], "--shard-images", "3"}
	whole, _ := p.must(run...)
	folder := filepath.Join(p.dir, storeFolder)
	rows, err := filepath.Glob(filepath.Join(folder, schemas.RowsFolder, "*"))
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d objects of rows, %v; want 4", len(rows), err)
	}
	good, err := os.ReadFile(rows[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{schemas.RunsFolder, schemas.VectorsFolder, schemas.EmbedFolder} {
		if err := os.RemoveAll(filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(rows[0]); err != nil {
		t.Fatal(err)
	}
	write(t, rows[0], good[:len(good)/2])

	out, said, code := p.give(run...)
	if code != program.ExitFailed || !strings.Contains(out, "9 images of 4 identities") ||
		!strings.Contains(out, "failed: task embed.set.") {
		t.Errorf("exit %d\n%s%s", code, out, said)
	}
	if status, _ := p.must("status"); !strings.Contains(status, "done but for failed tasks") ||
		!strings.Contains(status, "embed 3/4 (1 failed)") {
		t.Errorf("status:\n%s", status)
	}
	if out, said, code := p.give("status", "--watch"); code != program.ExitFailed || !strings.Contains(out, "was given up") ||
		!strings.Contains(out, "/report\n") || !strings.Contains(said, "the same run command tries again") {
		t.Errorf("watched: exit %d\n%s%s", code, out, said)
	}
	if err := os.Remove(rows[0]); err != nil {
		t.Fatal(err)
	}
	if out, _ := p.must(run...); out != whole {
		t.Errorf("mended, the run says\n%s\nwant\n%s", out, whole)
	}
}

// TestNoWorker leaves a run without a worker until it says how to start one, and
// starts one as it says, in another folder than the one where the data is named.
func TestNoWorker(t *testing.T) {
	v := fixtures(t, transcript{needs: []string{"library"}})
	ns := startServer(t, &server.Options{})
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	environ := append(os.Environ(), "FACESIEVE_ONNXRUNTIME="+v["LIBRARY"])
	run := exec.CommandContext(t.Context(), path, "run", "--data", filepath.Base(v["DATA"]), "--aligned",
		"--model", v["MODEL"], "--store", v["STORE"], "--nats", ns.ClientURL())
	run.Dir, run.Env = filepath.Dir(v["DATA"]), environ
	stderr, err := run.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	var worker *exec.Cmd
	var said []string
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said = append(said, lines.Text())
		_, args, found := strings.Cut(lines.Text(), "start one: worker ")
		if !found {
			continue
		}
		worker = exec.CommandContext(t.Context(), filepath.Join(filepath.Dir(path), "worker"),
			strings.Fields(args)...)
		worker.Env = environ
		if err := worker.Start(); err != nil {
			t.Fatal(err)
		}
	}
	if err := run.Wait(); err != nil || worker == nil {
		t.Fatalf("%v: %q", err, said)
	}
	if err := worker.Wait(); err != nil {
		t.Errorf("the worker: %v", err)
	}
	if all := strings.Join(said, "\n"); strings.Contains(all, "lost") {
		t.Errorf("a connection that ends with the command is called lost:\n%s", all)
	}
	st, err := store.Open(t.Context(), v["STORE"], store.Options{Existing: true})
	if err != nil {
		t.Fatal(err)
	}
	all, err := admin.Status(t.Context(), st)
	if err != nil || len(all) != 1 || all[0].State != admin.StateDone {
		t.Errorf("%v: %+v", err, all)
	}
}

// TestWorkerOfAnotherStore starts a worker that looks into the wrong store, and
// waits until it says so.
func TestWorkerOfAnotherStore(t *testing.T) {
	v := fixtures(t, transcript{})
	url := startServer(t, &server.Options{}).ClientURL()
	conn, err := queue.Dial(t.Context(), url, queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const run = schemas.RunID("00112233445566778899aabbccddeeff")
	if _, err := conn.Create(t.Context(), run, "file:///data/results", queue.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	worker := exec.CommandContext(t.Context(), filepath.Join(filepath.Dir(path), "worker"), "--store",
		v["EMPTY"], "--nats", url)
	stderr, err := worker.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stderr).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{string(run), "file:///data/results", v["EMPTY"]} {
		if !strings.Contains(line, want) {
			t.Errorf("the worker says %q; want %s", line, want)
		}
	}
	if err := worker.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := worker.Wait(); worker.ProcessState.ExitCode() != program.ExitInterrupted {
		t.Errorf("the worker ended with %v", err)
	}
}

// A worker that no run has tasks for leaves when it has waited long enough.
func TestWorkerWaits(t *testing.T) {
	v := fixtures(t, transcript{})
	url := startServer(t, &server.Options{}).ClientURL()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	worker := exec.CommandContext(t.Context(), filepath.Join(filepath.Dir(path), "worker"), "--store",
		v["EMPTY"], "--nats", url, "--wait", "100ms")
	said, err := worker.CombinedOutput()
	if err != nil || !strings.Contains(string(said), "no run has had tasks") {
		t.Errorf("%v: %s", err, said)
	}
}
