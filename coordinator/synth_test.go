package main

import (
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset/synth"
)

const wantSynth = `drew 1,500 images of 60 identities
  faces/faces
  faces/faces.csv
reference of 158 images of 40 people, 300 pairs; pairs-siblings.txt has 70 pairs of siblings
  faces/reference
  faces/reference.csv
planted
  flip                 45  show the person of another label
  split                 1  people under two labels
the truth
  faces/truth/truth.csv
a few of the people
  faces.png
Next: clean it
  coordinator run --data faces/faces --manifest faces/faces.csv --reference drawn=faces/reference --reference-manifest drawn=faces/reference.csv --model builtin --detector none --engine gorgonia
`

func TestSynthText(t *testing.T) {
	m := synth.Made{Identities: 60, Images: 1500, ReferencePeople: 40, ReferenceImages: 158, Pairs: 300, SiblingPairs: 70,
		Issues: map[synth.Issue]int{synth.Split: 1, synth.Flip: 45}, Data: "faces/faces", Manifest: "faces/faces.csv",
		Reference: "faces/reference", ReferenceManifest: "faces/reference.csv", Truth: "faces/truth/truth.csv"}
	if got := (&app{}).synthText(m, "faces.png"); got != wantSynth {
		t.Errorf("got\n%s\nwant\n%s", got, wantSynth)
	}
	if got := (&app{}).synthText(synth.Made{Reused: true, Data: "my faces"}, ""); !strings.Contains(got, "drawn before") ||
		!strings.Contains(got, "nothing is planted") || !strings.Contains(got, "--data 'my faces'") || strings.Contains(got, "reference") {
		t.Errorf("a set without a reference:\n%s", got)
	}
	for _, issue := range synth.Issues() {
		if planted(issue) == "" {
			t.Errorf("%s is planted without a word", issue)
		}
	}
}

// TestSynth draws a set by the command, twice, and in a folder that is taken.
func TestSynth(t *testing.T) {
	p := &place{t: t, dir: t.TempDir()}
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
	rows, err := synth.ReadTruth(filepath.Join(p.dir, m.Truth))
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
		if out, said, code := p.give(args...); code == exitDone || out != "" || !strings.Contains(said, want) || strings.Count(said, "\n") != 1 {
			t.Errorf("%q: exit %d, said %q, want %q", args, code, said, want)
		}
	}
}
