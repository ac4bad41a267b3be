package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/cpu"

	"github.com/facesieve/facesieve/coordinator/score"
	"github.com/facesieve/facesieve/pipeline/dataset/synth"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/program"
)

// smallDemo are the arguments of a demo that takes seconds. Few people with few
// images are hard to judge: what is found is for the acceptance checks.
func smallDemo(out string, more ...string) []string {
	return append([]string{"demo", "--out", out, "--identities", "16", "--images", "10", "--seed", "5"},
		more...)
}

// TestDemo is a person's way through the demo: the first time, again, and without
// the truth, which decides nothing but the table.
func TestDemo(t *testing.T) {
	p := &shell{t: t, dir: t.TempDir(), env: []string{"FACESIEVE_ONNXRUNTIME=/nowhere", "XDG_CACHE_HOME=" +
		t.TempDir()}}
	first, said := p.must(smallDemo("d")...)
	if !strings.Contains(said, "draw faces") || !strings.Contains(said, "embed faces") ||
		!strings.Contains(first, "planted") || !strings.Contains(first, "precision") {
		t.Errorf("the first time it said\n%s%s", said, first)
	}
	again, said := p.must(smallDemo("d")...)
	if again != first || strings.Contains(said, "draw faces") || strings.Contains(said, "embed faces") {
		t.Errorf("the second time it said\n%s%s\nthe first\n%s", said, again, first)
	}
	report := reportFolder(t, first)
	p.json([]string{"demo"}, smallDemo("d", "--json")[1:]...)

	if err := os.Remove(filepath.Join(p.dir, "d/data/truth/truth.csv")); err != nil {
		t.Fatal(err)
	}
	blind, said := p.must(smallDemo("d", "--store", "blind")...)
	if !strings.Contains(blind, "There is no table") || !strings.Contains(said, "embed faces") {
		t.Errorf("without the truth it said\n%s%s", said, blind)
	}
	want, got := files(t, report), files(t, reportFolder(t, blind))
	if len(want) < 4 || !maps.EqualFunc(want, got, bytes.Equal) {
		t.Errorf("without the truth the report has the files %q, with it %q, or other bytes",
			slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	var line struct {
		Run        schemas.RunID
		Comparison *score.Comparison
	}
	out, _ := p.must(smallDemo("d", "--store", "blind", "--json")...)
	if err := json.Unmarshal([]byte(out), &line); err != nil || line.Run.Validate() != nil ||
		line.Comparison != nil {
		t.Errorf("without the truth, as JSON (%v):\n%s", err, out)
	}
	if _, said, code := p.give(smallDemo("d", "--images", "11")...); code != program.ExitError ||
		!strings.Contains(said, "d/data") {
		t.Errorf("another set in its folder: exit %d, %s", code, said)
	}
}

// TestDemoOfAnotherProcessor goes on with a demo where a processor computes other
// bits: what to do is something that the command can do.
func TestDemoOfAnotherProcessor(t *testing.T) {
	if !cpu.X86.HasAVX2 || !cpu.X86.HasFMA {
		t.Skip("SKIPPED: another processor is played by leaving AVX2 out, and this one has none")
	}
	p := &shell{t: t, dir: t.TempDir(), env: []string{"FACESIEVE_ONNXRUNTIME=/nowhere", "XDG_CACHE_HOME=" +
		t.TempDir()}}
	p.must(smallDemo("d")...)
	summaries, err := filepath.Glob(filepath.Join(p.dir, "d/store/runs/*/report/summary.json"))
	if err != nil || len(summaries) != 1 {
		t.Fatal(summaries, err)
	}
	for _, name := range []string{summaries[0], filepath.Join(p.dir, "d/store/vectors"),
		filepath.Join(p.dir, "d/store/embed")} {
		if err := os.RemoveAll(name); err != nil {
			t.Fatal(err)
		}
	}
	p.env = append(p.env, "GODEBUG=cpu.avx2=off")
	_, said, code := p.give(smallDemo("d")...)
	if code != program.ExitError || !strings.Contains(said, "another folder with --store") ||
		strings.Contains(said, "--rekind") {
		t.Errorf("exit %d, %s", code, said)
	}
	p.must(smallDemo("d", "--store", "other")...)
}

// reportFolder is the folder that a command's last line names.
func reportFolder(t *testing.T, out string) string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(out), "\n")
	folder, ok := strings.CutPrefix(lines[len(lines)-1], "file://")
	if !ok {
		t.Fatalf("the last line names no folder:\n%s", out)
	}
	return folder
}

// files are a folder's files by their paths below it.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	m := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		m[name], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestDemoWithoutNames: names put nobody into the first three tiers of an overlap,
// and keep nobody out. The same pictures under numbers give the same tiers.
func TestDemoWithoutNames(t *testing.T) {
	p := &shell{t: t, dir: t.TempDir(), env: []string{"XDG_CACHE_HOME=" + t.TempDir()}}
	named, _ := p.must(smallDemo("d")...)
	var set struct{ Set synth.Made }
	out, _ := p.must(smallDemo("d", "--json")...)
	if err := json.Unmarshal([]byte(out), &set); err != nil {
		t.Fatal(err)
	}
	numbers := map[string]string{}
	number := func(old string) string {
		if numbers[old] == "" {
			numbers[old] = fmt.Sprintf("%06d", 999_999-len(numbers)) // they are in another order than the names
		}
		return numbers[old]
	}
	rewrite(t, filepath.Join(p.dir, set.Set.Manifest), func(row []string) {
		row[1], row[2] = number(row[1]), number(row[2])
	})
	folder := filepath.Join(p.dir, set.Set.Reference)
	rewrite(t, filepath.Join(p.dir, set.Set.ReferenceManifest), func(row []string) {
		old, name := row[0], number(row[1])
		row[0] = strings.ReplaceAll(row[0], row[1], name)
		row[1], row[2] = name, name
		move(t, filepath.Join(folder, old), filepath.Join(folder, row[0]))
	})
	numbered, _ := p.must("run", "--store", "numbers", "--data", set.Set.Data, "--manifest", set.Set.Manifest,
		"--reference", "lfw="+set.Set.Reference,
		"--reference-manifest", "lfw="+set.Set.ReferenceManifest, "--model", "builtin", "--detector", "none", "--engine", "gorgonia")
	want, got := tiers(t, reportFolder(t, named), number), tiers(t, reportFolder(t, numbered), strings.Clone)
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("with numbers\n%s\nwith names\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// rewrite changes the rows of a table, the first aside.
func rewrite(t *testing.T, name string, change func(row []string)) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil || !slices.Equal(rows[0][:3], []string{"path", "identity", "name"}) {
		t.Fatalf("%s: %v, %q", name, err, rows[:1])
	}
	for _, row := range rows[1:] {
		change(row)
	}
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	write(t, name, b.Bytes())
}

func move(t *testing.T, from, to string) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(to), 0o755)
	if err == nil {
		err = os.Rename(from, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// tiers are the pairs of people in a report's first three tiers, under other names.
func tiers(t *testing.T, report string, name func(string) string) (lines []string) {
	t.Helper()
	f, err := os.Open(filepath.Join(report, schemas.OverlapFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := schemas.ReadOverlaps(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		if o.Tier.Sure() {
			lines = append(lines, fmt.Sprintf("%s %s = %s", o.Tier, name(o.Identity),
				name(o.ReferenceIdentity)))
		}
	}
	slices.Sort(lines)
	return lines
}
