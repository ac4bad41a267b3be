//go:build acceptance

package acceptance

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/facesieve/facesieve/schemas"
)

// demoSeeds are those of sets that nothing was developed or trained on. The short
// check takes the first.
var demoSeeds = []int{770001, 770002, 770003, 770004, 770005}

// demoResult is what coordinator demo --json prints.
type demoResult struct {
	Report     string
	Set        struct{ Images int }
	Comparison struct {
		Precision, Recall float64
		Scores            []struct {
			Issue          string
			Planted, Found int
			Wrong          *int
		}
		Rowless int `json:"without_row"`
	}
}

// TestDemo runs the demo as somebody without a C compiler, a library or a model
// has it, on sets of the default size.
func TestDemo(t *testing.T) {
	folder := t.TempDir()
	cmd := exec.Command("go", "build", "-trimpath", "-o", folder+"/", "./coordinator")
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	seeds := demoSeeds
	if !full() {
		seeds = seeds[:1]
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { checkDemo(t, filepath.Join(folder, "coordinator"), seed) })
	}
}

func checkDemo(t *testing.T, program string, seed int) {
	home := t.TempDir()
	demo := func(more ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), program, append([]string{"demo", "--out", home, "--seed", fmt.Sprint(seed)}, more...)...)
		cmd.Env = []string{"HOME=" + home, "TMPDIR=" + os.Getenv("TMPDIR")} // no PATH: it needs no program
		var said strings.Builder
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("demo: %v\n%s", err, tail(said.String()))
		}
		return string(out)
	}
	begun := time.Now()
	text := demo()
	t.Logf("%.0f s\n%s", time.Since(begun).Seconds(), text)
	var r demoResult
	if out := demo("--json"); json.Unmarshal([]byte(out), &r) != nil {
		t.Fatalf("no JSON: %s", out)
	}
	c := r.Comparison
	if c.Precision < .95 || c.Recall < .90 {
		t.Errorf("flips and outliers: precision %.4f, want .95; recall %.4f, want .90", c.Precision, c.Recall)
	}
	if c.Rowless != 0 {
		t.Errorf("%d planted images have no row", c.Rowless)
	}
	all := map[string]bool{"people of the reference": false, "namesakes refused": false, "broken files": false}
	for _, s := range c.Scores {
		if _, ok := all[s.Issue]; !ok {
			continue
		}
		all[s.Issue] = true
		if s.Planted == 0 || s.Found != s.Planted {
			t.Errorf("%s: %d of %d found", s.Issue, s.Found, s.Planted)
		}
	}
	for issue, there := range all {
		if !there {
			t.Errorf("the table has no line %q", issue)
		}
	}
	rows := 0
	parts, err := filepath.Glob(filepath.Join(strings.TrimPrefix(r.Report, "file://"), schemas.ImagesFolder, "part-*.arrow"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		rows += len(read(t, p, schemas.ReadVerdicts))
	}
	if rows != r.Set.Images || rows == 0 {
		t.Errorf("%d rows about %d images", rows, r.Set.Images)
	}
}
