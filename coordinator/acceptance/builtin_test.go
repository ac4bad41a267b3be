//go:build acceptance

package acceptance

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/facesieve/facesieve/pipeline/stage/verify"
)

// heldOutSeed draws people that nothing was developed, trained or tuned on.
const heldOutSeed = "770100"

// TestBuiltinModel measures the built-in model on drawn people that it never saw,
// with LFW's protocol: pairs of one person and of two, and pairs of which the
// second sort are look-alikes.
func TestBuiltinModel(t *testing.T) {
	folder := t.TempDir()
	run := func(args ...string) string {
		t.Helper()
		p := launch{folder: folder}.start(t, "coordinator", args...)
		if code := p.wait(); code != 0 {
			t.Fatalf("%v: exit code %d\n%s", args, code, tail(p.stderr.String()))
		}
		return p.stdout.String()
	}
	run("synth", "--out", "drawn", "--clean", "--seed", heldOutSeed, "--identities", "2", "--images", "2",
		"--references", "800", "--reference-siblings", ".3", "--pairs", "3000")
	for _, x := range []struct {
		list  string
		least float64
	}{{"pairs.txt", .97}, {"pairs-siblings.txt", .7}} {
		var e verify.Evaluation
		out := run("evaluate", "--data", "drawn/reference", "--manifest", "drawn/reference.csv", "--pairs", filepath.Join("drawn/reference", x.list),
			"--model", "builtin", "--detector", "none", "--engine", "gorgonia", "--json")
		if err := json.Unmarshal([]byte(out), &e); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if e.Pairs != 3000 || e.AbsentPairs != 0 || len(e.Faceless) != 0 || e.StandardError == nil {
			t.Fatalf("%s: %d pairs, %d absent, without a face: %v", x.list, e.Pairs, e.AbsentPairs, e.Faceless)
		}
		t.Logf("%s: %.2f %%, standard error %.2f", x.list, 100*e.Accuracy, 100**e.StandardError)
		if e.Accuracy < x.least {
			t.Errorf("%s: %.4f of pairs are told right, want %.2f", x.list, e.Accuracy, x.least)
		}
	}
}
