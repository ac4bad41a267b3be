package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/coordinator/score"
	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/worker/program"
)

// TestSimulateOverlap puts people of a benchmark into a set, cleans it as the command says,
// and finds them.
func TestSimulateOverlap(t *testing.T) {
	p := &shell{t: t, dir: t.TempDir()}
	p.must("synth", "--out", "mine", "--identities", "20", "--images", "10", "--references", "0", "--clean")
	p.must("synth", "--out", "bench", "--identities", "24", "--images", "8", "--references", "0", "--clean", "--seed", "9")
	args := []string{"simulate", "--data", "mine/faces", "--out", "shared", "--flips", "4%", "--overlap", "bench=bench/faces,6", "--least", "3"}
	out, _ := p.must(args...)
	next := "coordinator run --data shared/faces --manifest shared/faces.csv --reference bench=shared/reference/bench " +
		"--reference-manifest bench=shared/reference/bench.csv --store shared-store"
	if !strings.Contains(out, next+"\n") {
		t.Errorf("the command says\n%s", out)
	}
	again, _ := p.must(append(args, "--json")...)
	var made screen.Simulated
	if err := json.Unmarshal([]byte(again), &made); err != nil || !made.Reused || made.Identities != 26 || made.Simulated[truth.Overlap] != 6 {
		t.Fatalf("the same command again gives %+v (%v)", made, err)
	}
	model := []string{"--model", "builtin", "--detector", "none", "--engine", "gorgonia"}
	p.must(append(strings.Fields(next)[1:], model...)...)
	out, _ = p.must("score", "--store", "shared-store", "--truth", made.Truth, "--json")
	var q score.Quality
	if err := json.Unmarshal([]byte(out), &q); err != nil {
		t.Fatal(err)
	}
	x := q.Overlaps
	if x == nil || !x.Searched || x.People != 6 || x.Found < 5 || x.Precision == nil || *x.Precision < .8 || q.Measures.Wrong != made.Simulated[truth.Flip] {
		t.Errorf("the overlap scores\n%s", out)
	}
	text, _ := p.must("score", "--store", "shared-store", "--truth", made.Truth)
	if !strings.Contains(text, "People of a reference who are in the set") {
		t.Errorf("score says\n%s", text)
	}

	// Without the reference nobody is looked for, and score says so.
	p.must(append([]string{"run", "--data", "shared/faces", "--manifest", "shared/faces.csv", "--store", "alone-store"}, model...)...)
	text, _ = p.must("score", "--store", "alone-store", "--truth", made.Truth)
	if !strings.Contains(text, "the run looked for no reference") {
		t.Errorf("score says\n%s", text)
	}
	for want, args := range map[string][]string{
		"20 that can be":         {"simulate", "--data", "bench/faces", "--out", "x", "--overlap", "mine=mine/faces,21"},
		"NAME=FOLDER,N":          {"simulate", "--data", "mine/faces", "--out", "x", "--overlap", "bench/faces"},
		"a name of a-z":          {"simulate", "--data", "mine/faces", "--out", "x", "--overlap", "Bench=bench/faces,3"},
		"given 2 times":          {"simulate", "--data", "mine/faces", "--out", "x", "--overlap", "a=bench/faces,3", "--overlap", "b=bench/faces,3"},
		"with --overlap":         {"simulate", "--data", "mine/faces", "--out", "x", "--overlap", "a=mine,3"},
		"that --overlap names\n": {"simulate", "--data", "mine/faces", "--out", "x", "--overlap", "a=gone,3"},
		"not written into":       {"simulate", "--data", "mine/faces", "--out", "bench/faces/x", "--overlap", "a=bench/faces,3"},
		"bench/faces stands in":  {"simulate", "--data", "mine/faces", "--out", "bench", "--overlap", "a=bench/faces,3"},
		"links are made to":      {"simulate", "--data", "mine/faces", "--out", "x", "--overlap", "a=s3://b/lfw,3"},
		"--overlap a=bench":      {"simulate", "--data", "s3://b/faces", "--out", "x", "--overlap", "a=bench/faces,3"},
		"--hold-back N":          {"simulate", "--data", "s3://b/faces", "--out", "x", "--outliers", "5%", "--outliers-from", "bench/faces"},
	} {
		if out, said, code := p.give(args...); code == program.ExitDone || out != "" || !strings.Contains(said, want) || strings.Count(said, "\n") != 1 {
			t.Errorf("%q: exit %d, said %q, want %q", args, code, said, want)
		}
	}
}
