package main

import (
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset/synth"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/worker/program"
)

// TestSynth draws a set by the command, twice, and in a folder that is taken.
func TestSynth(t *testing.T) {
	p := &shell{t: t, dir: t.TempDir()}
	args := []string{"synth", "--out", "set", "--identities", "12", "--images", "10", "--references", "8"}
	out, said := p.must(append(args, "--sheet", "sheet.png")...)
	if !strings.Contains(out, "drew 120 images of 12 identities") || !strings.Contains(said, "draw faces") {
		t.Errorf("the command says\n%s%s", said, out)
	}
	f, err := os.Open(filepath.Join(p.dir, "sheet.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := png.Decode(f); err != nil {
		t.Error(err)
	}
	out, said = p.must(append(args, "--json")...)
	var m synth.Made
	if err := json.Unmarshal([]byte(out), &m); err != nil || !m.Reused || m.Images != 120 || said != "" {
		t.Errorf("the same command again gives %+v (%v) and says %s", m, err, said)
	}
	rows, err := truth.Read(filepath.Join(p.dir, m.Truth))
	if err != nil || len(rows) == 0 {
		t.Errorf("%d rows of truth (%v)", len(rows), err)
	}
	for want, args := range map[string][]string{
		"name a folder with --out":                       {"synth"},
		"holds another set":                              append(args, "--seed", "2"),
		"together at most 0.1":                           append(args, "--flips", "0.5"),
		"leave --outliers out":                           append(args, "--clean", "--outliers", "0.05"),
		"no such file or directory; name a file that":    append(args, "--sheet", "nowhere/sheet.png"),
		"set/synth.json: not a directory; name a folder": {"synth", "--out", "set/synth.json"},
	} {
		if out, said, code := p.give(args...); code == program.ExitDone || out != "" ||
			!strings.Contains(said, want) || strings.Count(said, "\n") != 1 {
			t.Errorf("%q: exit %d, said %q, want %q", args, code, said, want)
		}
	}
}
