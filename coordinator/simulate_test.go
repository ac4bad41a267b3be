package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/coordinator/score"
	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/worker/program"
)

// TestSimulate goes a person's way: a set of his own, noise simulated in it, a run, and
// the score of its report; then flips into the identity that the report calls nearest.
func TestSimulate(t *testing.T) {
	p := &shell{t: t, dir: t.TempDir()}
	p.must("synth", "--out", "mine", "--identities", "20", "--images", "10", "--references", "0", "--clean")
	model := []string{"--model", "builtin", "--detector", "none", "--engine", "gorgonia"}
	simulated := []string{"simulate", "--data", "mine/faces", "--out", "noisy", "--flips", "4%", "--outliers", ".04",
		"--hold-back", "4", "--duplicates", "2"}
	out, _ := p.must(simulated...)
	if !strings.Contains(out, "coordinator run --data noisy/faces --manifest noisy/faces.csv --store noisy-store\n") {
		t.Errorf("the command says\n%s", out)
	}
	out, _ = p.must(append(simulated, "--json")...)
	var made screen.Simulated
	if err := json.Unmarshal([]byte(out), &made); err != nil || !made.Reused || made.Identities != 16 {
		t.Fatalf("the same command again gives %+v (%v)", made, err)
	}
	p.must(append([]string{"run", "--data", made.Data, "--manifest", made.Manifest, "--store", "noisy-store"}, model...)...)
	text, _ := p.must("score", "--store", "noisy-store", "--truth", made.Truth)
	if !strings.Contains(text, "recall at P95") {
		t.Errorf("score says\n%s", text)
	}
	out, _ = p.must("score", "--store", "noisy-store", "--truth", made.Truth, "--strata", "score", "--json")
	var q score.Quality
	if err := json.Unmarshal([]byte(out), &q); err != nil {
		t.Fatal(err)
	}
	wrong := made.Simulated[truth.Flip] + made.Simulated[truth.Outlier]
	m := q.Measures
	if wrong < 10 || m.Wrong != wrong || q.Absent != 0 || m.AUPRC == nil || *m.AUPRC < .8 || q.LeftOut["without a probability"] != 2 {
		t.Errorf("of %d wrong ones: %s", wrong, out)
	}

	hard := []string{"simulate", "--data", "mine/faces", "--out", "hard", "--hard-flips", "5%", "--report", "mine-store/x"}
	if _, said, code := p.give(hard...); code != program.ExitUsage || !strings.Contains(said, "no folder with a finished report") {
		t.Errorf("without a report: exit %d, %s", code, said)
	}
	report, _ := p.must(append([]string{"run", "--data", "mine/faces", "--manifest", "mine/faces.csv", "--store", "mine-store"}, model...)...)
	lines := strings.Split(strings.TrimSpace(report), "\n")
	hard[len(hard)-1] = lines[len(lines)-1]
	p.must(hard...)
	rows, err := truth.Read(filepath.Join(p.dir, "hard", "truth", "truth.csv"))
	if err != nil || len(rows) < 8 || rows[0].Issue != truth.HardFlip {
		t.Errorf("%v, %v", rows, err)
	}

	// A second run beside the first: report lists both.
	p.must(append([]string{"run", "--data", "mine/faces", "--manifest", "mine/faces.csv", "--store", "noisy-store"}, model...)...)
	list, _ := p.must("report", "--store", "noisy-store")
	for _, want := range []string{filepath.Join(p.dir, "mine", "faces"), filepath.Join(p.dir, "noisy", "faces"), "200 images of 20 identities",
		"Next: name one"} {
		if !strings.Contains(list, want) {
			t.Errorf("no %q among the reports:\n%s", want, list)
		}
	}
	if _, err := os.Stat(filepath.Join(p.dir, "mine", "faces", "noisy")); err == nil {
		t.Error("the source was written to")
	}
	for want, args := range map[string][]string{
		"of whom?":                 {"simulate", "--data", "mine/faces", "--out", "x", "--outliers", "5%"},
		"Ask for outliers":         {"simulate", "--data", "mine/faces", "--out", "x", "--mates", "40%"},
		"guests who look alike":    {"simulate", "--data", "mine/faces", "--out", "x", "--flips", "5%", "--report", "r"},
		"with --collisions":        {"simulate", "--data", "mine/faces", "--out", "x", "--alike-guests", "50%", "--report", "r"},
		"who is nearest to whom":   {"simulate", "--data", "mine/faces", "--out", "x", "--hard-flips", "5%"},
		"not written into":         {"simulate", "--data", "mine/faces", "--out", "mine/faces/x", "--flips", "5%"},
		"no share":                 {"simulate", "--data", "mine/faces", "--out", "x", "--flips", "5"},
		"one of size, det_score":   {"score", "--store", "mine-store", "--truth", made.Truth, "--strata", "odd"},
		"truth of the very set":    {"score", "--store", "mine-store", "--truth", made.Truth},
		"2 reports in noisy-store": {"score", "--store", "noisy-store", "--truth", made.Truth},
		"with --truth":             {"score", "--store", "mine-store", "--truth", "gone.csv"},
	} {
		if out, said, code := p.give(args...); code == program.ExitDone || out != "" || !strings.Contains(said, want) || strings.Count(said, "\n") != 1 {
			t.Errorf("%q: exit %d, said %q, want %q", args, code, said, want)
		}
	}
}
