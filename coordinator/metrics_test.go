package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/metrics/metricstest"
	"github.com/facesieve/facesieve/worker/program"
)

// process is a program that runs, and the lines that it says.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

// launch starts one of the two programs.
func launch(t *testing.T, env []string, name string, args ...string) *process {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(filepath.Dir(path), name), args...)
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), env...)
	said, err := cmd.StderrPipe()
	if slices.Contains(args, "--watch") {
		said, err = cmd.StdoutPipe()
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &process{t, cmd, bufio.NewScanner(said)}
}

// says waits for a line with a pattern, and returns what the pattern's group matches.
func (p *process) says(pattern string) string {
	p.t.Helper()
	r := regexp.MustCompile(pattern)
	for p.lines.Scan() {
		if m := r.FindStringSubmatch(p.lines.Text()); m != nil {
			return m[1]
		}
	}
	p.t.Fatalf("%s ended without a line like %s", p.cmd.Path, pattern)
	return ""
}

// TestMetrics scrapes a worker after a run and compares with the run's report, and the
// coordinator while it waits for the worker.
func TestMetrics(t *testing.T) {
	v := fixtures(t, transcript{needs: []string{"library"}})
	write(t, filepath.Join(v["DATA"], "person-2", "broken.png"), []byte("no picture"))
	ns := startServer(t, &server.Options{})
	env := []string{"FACESIEVE_ONNXRUNTIME=" + v["LIBRARY"]}
	run := launch(t, env, "coordinator", "run", "--data", v["DATA"], "--aligned", "--model", v["MODEL"], "--shard-images",
		"3", "--store", v["STORE"], "--nats", ns.ClientURL(), "--metrics-addr", "127.0.0.1:0", "--log-format", "json")
	at := run.says(`"text":"metrics at (http://[^"]*)/metrics"`)
	for ready := 0; ready != http.StatusOK; { // it connects, lists, and waits: there is no worker
		ready, _ = metricstest.Fetch(t, at+"/readyz")
	}
	waits := `facesieve_stage_tasks{stage="numeric-kind"} 1`
	for text := ""; !strings.Contains(text, waits); {
		_, text = metricstest.Fetch(t, at+"/metrics")
	}
	watch := launch(t, nil, "coordinator", "status", "--watch", "--store", v["STORE"], "--nats", ns.ClientURL(), "--json")

	worker := launch(t, env, "worker", "--store", v["STORE"], "--nats", ns.ClientURL(), "--stay", "--metrics-addr",
		"127.0.0.1:0", "--log-format", "json")
	at = "http://" + worker.says(`"metrics are shown","address":"([^"]*)"`)
	var line struct {
		Run, Stage, Source string
		Shard, Attempt     *int
	}
	done := worker.says(`(.*"msg":"task done".*)`)
	if err := json.Unmarshal([]byte(done), &line); err != nil || schemas.RunID(line.Run).Validate() != nil ||
		line.Stage != "numeric-kind" || line.Source != "set" || line.Shard == nil || line.Attempt == nil || *line.Attempt != 1 {
		t.Errorf("%s: %v", done, err)
	}
	for run.lines.Scan() { // until it ends
		if !json.Valid(run.lines.Bytes()) {
			t.Errorf("not JSON: %s", run.lines.Text())
		}
	}
	if err := run.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	worker.says(`"(the run has no more tasks for this worker)"`)
	watch.watched()

	var summary schemas.Summary
	var timing schemas.Timing
	for name, to := range map[string]any{schemas.ReportObject(schemas.RunID(line.Run), schemas.SummaryFile): &summary,
		schemas.TimingObject(schemas.RunID(line.Run)): &timing} {
		data, err := os.ReadFile(filepath.Join(v["STORE"], name))
		if err := errors.Join(err, schemas.Unmarshal(data, to)); err != nil {
			t.Fatal(err)
		}
	}
	_, text := metricstest.Fetch(t, at+"/metrics")
	agree(t, text, &summary, &timing)
	if code, said := metricstest.Fetch(t, at+"/readyz"); code != http.StatusOK {
		t.Errorf("readyz: %d %s", code, said)
	}
	ns.Shutdown()
	for code, said := http.StatusOK, ""; code == http.StatusOK || !strings.Contains(said, "NATS"); {
		code, said = metricstest.Fetch(t, at+"/readyz")
	}
	if err := worker.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	worker.says(`(interrupted)`)
	if _ = worker.cmd.Wait(); worker.cmd.ProcessState.ExitCode() != program.ExitInterrupted {
		t.Errorf("the worker ended with %d", worker.cmd.ProcessState.ExitCode())
	}
}

// watched reads what a watch says until it ends, as the run has.
func (p *process) watched() {
	p.t.Helper()
	var last admin.Look
	for p.lines.Scan() {
		last = admin.Look{}
		if err := json.Unmarshal(p.lines.Bytes(), &last); err != nil {
			p.t.Errorf("%s: %v", p.lines.Text(), err)
		}
	}
	if err := p.cmd.Wait(); err != nil || last.State != admin.StateDone || last.Images != 13 || len(last.Stages) != 9 {
		p.t.Errorf("%v: %+v", err, last)
	}
}

// agree compares what a worker that did a whole run shows with the run's report.
func agree(t *testing.T, text string, s *schemas.Summary, timing *schemas.Timing) {
	t.Helper()
	want := []string{}
	faulty := 0
	for fault, n := range s.Faults {
		want = append(want, sample(`facesieve_images_total{outcome="`+string(fault)+`"}`, n))
		faulty += n
	}
	if faulty == 0 || s.Images != 13 {
		t.Fatalf("the set is another: %+v", s)
	}
	want = append(want, sample(`facesieve_images_total{outcome="ok"}`, s.Images-faulty),
		sample(`facesieve_engine_images_total`, s.Images-faulty)) // the broken one does not reach it
	for stage, c := range timing.Stages {
		if c.Run > 0 {
			want = append(want, sample(`facesieve_tasks_total{outcome="done",stage="`+string(stage)+`"}`, c.Run))
		}
	}
	if len(want) != 3+6 {
		t.Errorf("a run of other stages: %q", want)
	}
	for _, line := range want {
		if !strings.Contains(text, line) {
			t.Errorf("no %s", line)
		}
	}
	if t.Failed() {
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "facesieve_") && !strings.Contains(line, "bucket") {
				t.Log(strings.TrimSpace(line))
			}
		}
	}
}

// sample is a line of Prometheus' format.
func sample(name string, n int) string {
	text, _ := json.Marshal(n) // a number can't fail
	return name + " " + string(text) + "\n"
}
