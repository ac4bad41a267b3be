package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/worker/program"
)

// TestOverlap draws a set and a benchmark with a list of pairs, cleans the set, and says
// what they share.
func TestOverlap(t *testing.T) {
	p := &shell{t: t, dir: t.TempDir()}
	p.must("synth", "--out", "drawn", "--identities", "16", "--images", "10", "--references", "20")
	p.must("run", "--data", "drawn/faces", "--manifest", "drawn/faces.csv", "--reference", "bench=drawn/reference",
		"--reference-manifest", "bench=drawn/reference.csv", "--model", "builtin", "--detector", "none",
		"--engine", "gorgonia", "--store", "s")
	out, _ := p.must("overlap", "--store", "s", "--out", "list.csv", "--json")
	var got struct {
		Identities int
		References []struct {
			Pairs *struct {
				Genuine, Impostor int
				Through           []struct{ Tier, Genuine, Impostor, Clean any }
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.References) != 1 || got.References[0].Pairs == nil || got.Identities == 0 {
		t.Fatalf("overlap found\n%s", out)
	}
	list, err := os.ReadFile(filepath.Join(p.dir, "list.csv"))
	if err != nil || strings.Count(string(list), "\n") != got.Identities+1 {
		t.Errorf("%d identities, and the list is (%v)\n%s", got.Identities, err, list)
	}
	p.must("overlap", "--store", "s", "--out", "list.csv") // the same list
	text, _ := p.must("overlap", "--store", "s")
	if !strings.Contains(text, "Leaving out same-image + certain + probable removes") || !strings.Contains(text, "--out leave-out.csv --store s\n") {
		t.Errorf("overlap says\n%s", text)
	}
	write(t, filepath.Join(p.dir, "no.txt"), []byte("these are no pairs\n"))
	write(t, filepath.Join(p.dir, "mine.csv"), []byte("mine\n"))
	for want, args := range map[string][]string{
		"the tiers are, surest first: same-image": {"--tier", "sure"},
		"the run's references are: bench":         {"--reference", "lfw"},
		"--pairs takes a list as LFW's":           {"--pairs", "no.txt"},
		"exists with other content":               {"--out", "mine.csv"},
		"a folder that is there":                  {"--out", "gone/list.csv"},
	} {
		if out, said, code := p.give(append([]string{"overlap", "--store", "s"}, args...)...); code == program.ExitDone ||
			out != "" || !strings.Contains(said, want) {
			t.Errorf("%q: exit %d, said %q, want %q", args, code, said, want)
		}
	}
}
