package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/facesieve/facesieve/worker/program"
)

// beside is a program beside the coordinator, or itself, with ONNX Runtime.
func beside(ctx context.Context, t *testing.T, v map[string]string, name string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(filepath.Dir(path), name), args...)
	cmd.Args[0] = name
	cmd.Dir, cmd.Env = v["HOME"], append(os.Environ(), "FACESIEVE_ONNXRUNTIME="+v["LIBRARY"])
	return cmd
}

// TestTwiceAtOnce gives the same command twice at once: both end well and name one report.
func TestTwiceAtOnce(t *testing.T) {
	v := fixtures(t, transcript{needs: []string{"library"}})
	url := startServer(t, &server.Options{}).ClientURL()
	var runs []*exec.Cmd
	var outs, logs []string
	for i := range 2 {
		log := filepath.Join(v["HOME"], "termination-log-"+string(rune('a'+i)))
		run := beside(t.Context(), t, v, "coordinator", "run", "--data", v["DATA"], "--aligned", "--model", v["MODEL"],
			"--store", v["STORE"], "--nats", url, "--shard-images", "3", "--termination-log", log)
		run.Stdout, run.Stderr = &bytes.Buffer{}, &bytes.Buffer{}
		if err := run.Start(); err != nil {
			t.Fatal(err)
		}
		runs, logs = append(runs, run), append(logs, log)
	}
	worker := beside(t.Context(), t, v, "worker", "--store", v["STORE"], "--nats", url)
	if out, err := worker.CombinedOutput(); err != nil {
		t.Errorf("the worker: %v\n%s", err, out)
	}
	for i, run := range runs {
		if err := run.Wait(); err != nil {
			t.Fatalf("%v\n%s", err, run.Stderr)
		}
		outs = append(outs, run.Stdout.(*bytes.Buffer).String())
		lines := strings.Split(strings.TrimSpace(outs[i]), "\n")
		last, err := os.ReadFile(logs[i])
		if err != nil || string(last) != lines[len(lines)-1] {
			t.Errorf("the termination log says %q, %v; want %q", last, err, lines[len(lines)-1])
		}
	}
	if outs[0] != outs[1] || !strings.Contains(outs[0], "12 images of 4 identities") {
		t.Errorf("one said\n%s\nthe other\n%s", outs[0], outs[1])
	}
	if reports, err := filepath.Glob(filepath.Join(v["STORE"], "runs", "*", "report", "summary.json")); err != nil || len(reports) != 1 {
		t.Errorf("reports: %v, %v", reports, err)
	}
}

// TestCancelledRun cancels a run that nobody works on, once it has said how a worker is
// started, and takes it up again.
func TestCancelledRun(t *testing.T) {
	v := fixtures(t, transcript{needs: []string{"library"}})
	const password = "se%2Fcret"
	host := startServer(t, &server.Options{Username: "me", Password: "se/cret"}).Addr().String()
	url := "nats://me:" + password + "@" + host
	p := &shell{t, v["HOME"], []string{"FACESIEVE_ONNXRUNTIME=" + v["LIBRARY"]}}
	log := filepath.Join(v["HOME"], "termination-log")
	args := []string{"run", "--data", v["DATA"], "--aligned", "--model", v["MODEL"], "--store", v["STORE"],
		"--nats", url, "--termination-log", log}
	run := beside(t.Context(), t, v, "coordinator", args...)
	stderr, err := run.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	var said, id string
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said += lines.Text() + "\n"
		if !strings.Contains(lines.Text(), "start one: worker ") {
			continue
		}
		if !strings.Contains(lines.Text(), "--nats nats://xxxxx@"+host) {
			t.Errorf("said %s", lines.Text())
		}
		status, _ := p.must("status", "--store", v["STORE"], "--nats", url)
		if !strings.Contains(status, "a queue, kept by 1 server") {
			t.Errorf("status:\n%s", status)
		}
		id = regexp.MustCompile(`[0-9a-f]{32}`).FindString(status)
		if out, _ := p.must("cancel", id, "--store", v["STORE"], "--nats", url); !strings.Contains(out, "was cancelled by ") {
			t.Errorf("cancel: %s", out)
		}
	}
	var exit *exec.ExitError
	if err := run.Wait(); !errors.As(err, &exit) || exit.ExitCode() != program.ExitFailed {
		t.Errorf("the run ended with %v", err)
	}
	if want := "was cancelled by "; !strings.Contains(said, want) || !strings.Contains(said, "the same command takes it up again") ||
		strings.Contains(said, password) || strings.Contains(said, "se/cret") {
		t.Errorf("said\n%s", said)
	}
	if last, err := os.ReadFile(log); err != nil || !strings.HasSuffix(said, string(last)+"\n") || len(last) == 0 {
		t.Errorf("the termination log says %q, %v", last, err)
	}
	if status, _ := p.must("status", "--store", v["STORE"]); !strings.Contains(status, "  cancelled, written") {
		t.Errorf("status:\n%s", status)
	}
	if _, said, code := p.give("status", "--store", v["STORE"], "--watch", id); code != program.ExitFailed ||
		!strings.Contains(said, "was cancelled") {
		t.Errorf("status --watch of it: exit %d, %s", code, said)
	}
	worker := beside(t.Context(), t, v, "worker", "--store", v["STORE"], "--nats", url, "--run", id)
	if out, err := worker.CombinedOutput(); err != nil || strings.Contains(string(out), password) {
		t.Errorf("a worker of the cancelled run: %v\n%s", err, out)
	}
	worker = beside(t.Context(), t, v, "worker", "--store", v["STORE"], "--nats", url)
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	if _, said := p.must(args...); !strings.Contains(said, "the run was cancelled by ") {
		t.Errorf("taken up again, the run says\n%s", said)
	}
	if err := worker.Wait(); err != nil {
		t.Errorf("the worker: %v", err)
	}
	if _, said, code := p.give("cancel", id, "--store", v["STORE"]); code != program.ExitError || !strings.Contains(said, "has its report") {
		t.Errorf("cancel of a run that is done: exit %d, %s", code, said)
	}
}
