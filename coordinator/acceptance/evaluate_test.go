//go:build acceptance

package acceptance

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/stage/verify"
	"github.com/facesieve/facesieve/schemas"
)

// TestEvaluate measures the default model on LFW, whose faces it embeds once, with
// their mirror images.
func TestEvaluate(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "store")
	evaluate := func() (e verify.Evaluation, vectors int) {
		p := engine(t).start(t, "coordinator", "evaluate", "--protocol", "lfw", "--data", lfw(t), "--shard-images", shardImages,
			"--store", folder, "--models", models(t), "--json")
		if code := p.wait(); code != 0 {
			t.Fatalf("exit code %d\n%s", code, tail(p.stderr.String()))
		}
		if err := json.Unmarshal([]byte(p.stdout.String()), &e); err != nil {
			t.Fatalf("%v\n%s", err, p.stdout.String())
		}
		all, err := filepath.Glob(filepath.Join(folder, schemas.VectorsFolder, "*", "*"))
		if err != nil || len(all) == 0 {
			t.Fatalf("no vectors in %s: %v", folder, err)
		}
		return e, len(all)
	}
	e, before := evaluate()
	if e.StandardError == nil || len(e.AcceptRates) != 2 {
		t.Fatalf("%+v", e)
	}
	t.Logf("LFW: %.2f %%, standard error %.2f; TAR %.2f %% at FAR 1e-2, %.2f %% at 1e-3", 100*e.Accuracy, 100**e.StandardError,
		100*e.AcceptRates[0].TAR, 100*e.AcceptRates[1].TAR)
	if e.Accuracy < .99 {
		t.Errorf("accuracy %.4f", e.Accuracy)
	}
	if e.Pairs != 6000 || e.AbsentPairs != 0 || len(e.Faceless) != 0 || len(e.WorstSame) != 10 || len(e.WorstDiffer) != 10 {
		t.Errorf("%d pairs, %d absent, without a face: %v", e.Pairs, e.AbsentPairs, e.Faceless)
	}
	if again, after := evaluate(); after != before || again.Accuracy != e.Accuracy {
		t.Errorf("%d vectors objects and %.4f; again %d and %.4f", before, e.Accuracy, after, again.Accuracy)
	}
}

// TestNotebook executes the notebook on a report of photographs.
func TestNotebook(t *testing.T) {
	prepared(t)
	python(t)
	out := filepath.Join(t.TempDir(), "report.html")
	cmd := exec.Command(filepath.Join(root, "notebooks", "execute.sh"), out)
	cmd.Env = append(os.Environ(), "REPORT="+base.vggface2.folder, "DATA="+vggface2(t), "REFERENCE="+lfw(t))
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, tail(string(said)))
	}
	page := string(contents(t, out))
	for _, want := range []string{"3,477 of 24 identities", "Keanu_Reeves", "certain"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	// Five people of LFW are two rows of pictures; beside them the histogram and
	// at least one image with its evidence.
	if n := strings.Count(page, "data:image/png;base64,"); n < 4 {
		t.Errorf("%d pictures", n)
	}
	if missing := regexp.MustCompile(`paths are shown: [0-9]+`).FindString(page); missing != "" {
		t.Errorf("pictures could not be opened: %s", missing)
	}
}
