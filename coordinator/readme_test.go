package main

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/cpu"

	"github.com/facesieve/facesieve/schemas"
)

// TestReadme runs README's first command: it prints what README shows, and makes
// the sheet that README shows.
func TestReadme(t *testing.T) {
	if !cpu.X86.HasAVX2 || !cpu.X86.HasFMA {
		if os.Getenv("CI") == "true" {
			t.Fatal("README shows what x86-64 with AVX2 and FMA computes, and this processor has none")
		}
		t.Skip("SKIPPED: README shows what x86-64 with AVX2 and FMA computes, to the last digit")
	}
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.Command(path, "demo")
	cmd.Args[0], cmd.Dir = "bin/coordinator", dir // as make demo calls it
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile(`file://\S+/facesieve-demo/`).ReplaceAllString(string(out),
		"file:///home/you/facesieve/facesieve-demo/")
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```text\n(.*?)```").FindSubmatchIndex(readme)
	if block == nil {
		t.Fatal("README.md shows no output")
	}
	if string(readme[block[2]:block[3]]) != shown {
		if !*update {
			t.Errorf("README.md does not show what the command prints (go test ./coordinator -run Readme -update):\n%s", shown)
		} else if err := os.WriteFile("../README.md", []byte(string(readme[:block[2]])+shown+string(readme[block[3]:])), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	checkConsole(t, path, dir)
	const committed = "testdata/flagged.jpg"
	sheet, err := os.ReadFile(filepath.Join(dir, "facesieve-demo", "flagged.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		err = os.WriteFile(committed, sheet, 0o644)
	} else if known, e := os.ReadFile(committed); e != nil || !bytes.Equal(known, sheet) {
		t.Errorf("%s is not the sheet that the demo makes (-update writes it): %v", committed, e)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// checkConsole gives the commands that README shows with their output beside the demo's store.
func checkConsole(t *testing.T, program, dir string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program, filepath.Join(dir, "bin", "coordinator")); err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```console\n(.*?)```").FindSubmatchIndex(readme)
	if block == nil {
		t.Fatal("README.md shows no commands with their output")
	}
	want, shown := string(readme[block[2]:block[3]]), ""
	for line := range strings.Lines(want) {
		command, ok := strings.CutPrefix(line, "$ ")
		if !ok {
			continue
		}
		cmd := exec.Command("sh", "-c", command)
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", command, err)
		}
		shown += line + string(out)
	}
	if shown == want {
		return
	}
	if !*update {
		t.Errorf("README.md does not show what its commands print (go test ./coordinator -run Readme -update):\n%s", shown)
	} else if err := os.WriteFile("../README.md", []byte(string(readme[:block[2]])+shown+string(readme[block[3]:])), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestExample judges the example's ready vectors: what its truth.csv says is wrong
// is found.
func TestExample(t *testing.T) {
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	example, err := filepath.Abs("testdata/example")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "run", "--vectors", filepath.Join(example, "vectors.arrow"))
	cmd.Dir = t.TempDir()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	checkExample(t, strings.TrimPrefix(lines[len(lines)-1], "file://"), filepath.Join(example, "truth.csv"))
}

// checkExample compares a report with the example's truth.
func checkExample(t *testing.T, report, truth string) {
	f, err := os.Open(truth)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{}
	for _, r := range rows[1:] {
		if r[1] != "split" {
			want[r[0]] = r
		}
	}
	parts, err := filepath.Glob(filepath.Join(report, "images", "*.arrow"))
	if err != nil || len(parts) == 0 {
		t.Fatalf("no images in %s (%v)", report, err)
	}
	found, asked := 0, 0 // asked: a person is, with the right name
	for _, part := range parts {
		data, err := os.Open(part)
		if err != nil {
			t.Fatal(err)
		}
		defer data.Close()
		verdicts, err := schemas.ReadVerdicts(data)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range verdicts {
			w := want[v.Embedding.Path]
			switch {
			case w == nil && v.Decision != schemas.Keep:
				t.Errorf("%s is right, and the decision is %s: %s", v.Embedding.Path, v.Decision, v.Reason)
			case w != nil && w[1] == "flip" && v.Decision == schemas.Review && v.SuggestedIdentity != nil &&
				*v.SuggestedIdentity == w[2]:
				asked++
			case w != nil && string(v.Type) != w[1]:
				t.Errorf("%s is a planted %s, and the type is %s: %s", v.Embedding.Path, w[1], v.Type, v.Reason)
			case w != nil && v.SuggestedIdentity != nil && *v.SuggestedIdentity != w[2]:
				t.Errorf("%s belongs to %s, and %s is suggested", v.Embedding.Path, w[2], *v.SuggestedIdentity)
			case w != nil:
				found++
			}
		}
	}
	if found+asked != len(want) || asked > 3 {
		t.Errorf("%d of %d planted faults found, %d asked about", found, len(want), asked)
	}
}
