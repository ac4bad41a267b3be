package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/program"
)

// storeFolder is the folder of results where none is named.
const storeFolder = "facesieve"

// shell gives commands to the built program in a folder.
type shell struct {
	t   *testing.T
	dir string
	env []string
}

// give runs a command and gives what it said on both ways out, and its exit code.
func (p *shell) give(args ...string) (stdout, stderr string, code int) {
	p.t.Helper()
	path, err := built()
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.CommandContext(p.t.Context(), path, args...)
	cmd.Args[0] = "coordinator"
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), p.env...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return out.String(), said.String(), cmd.ProcessState.ExitCode()
}

// must gives a command that must end well.
func (p *shell) must(args ...string) (stdout, stderr string) {
	p.t.Helper()
	out, said, code := p.give(args...)
	if code != program.ExitDone {
		p.t.Fatalf("%q: exit %d\n%s%s", args, code, out, said)
	}
	return out, said
}

// TestCommands is a person's way through the commands: plan, run, look, clean up.
func TestCommands(t *testing.T) {
	x := transcript{needs: []string{"library"}}
	v := fixtures(t, x)
	p := &shell{t, v["HOME"], []string{"FACESIEVE_ONNXRUNTIME=" + v["LIBRARY"]}}
	run := func(more ...string) []string {
		return append([]string{"run", "--data", v["DATA"], "--aligned", "--model", v["MODEL"]}, more...)
	}

	plan, _ := p.must(run("--dry-run")...)
	if _, err := os.Stat(filepath.Join(p.dir, storeFolder)); err == nil {
		t.Error("a dry run made a store")
	}
	id := regexp.MustCompile(`[0-9a-f]{32}`).FindString(plan)
	if !strings.Contains(plan, "12") || !strings.Contains(plan, "1 task of embedding") || id == "" {
		t.Errorf("plan:\n%s", plan)
	}
	first, said := p.must(run()...)
	if strings.Contains(said, "ready from before") || !strings.Contains(said, "embed faces      12 images") {
		t.Errorf("the first run said\n%s", said)
	}
	if want := storeFolder + "/runs/" + id + "/report\n"; !strings.HasSuffix(first, want) {
		t.Errorf("the run ended with\n%s\nwant %s", first, want)
	}
	again, said := p.must(run()...)
	if again != first || strings.Contains(said, "embed") {
		t.Errorf("the same command again said\n%s%s", said, again)
	}
	if plan, _ = p.must(run("--dry-run")...); !strings.Contains(plan, "the report is there") {
		t.Errorf("plan of a run that is done:\n%s", plan)
	}
	if plan, _ = p.must(run("--dry-run", "--drop", "0.9")...); !strings.Contains(plan, "1 ready") {
		t.Errorf("plan of a run whose vectors are there:\n%s", plan)
	}
	if report, _ := p.must("report"); report != first {
		t.Errorf("report says\n%s\nrun said\n%s", report, first)
	}
	p.copies(id)
	p.json([]string{"run"}, "--json", "--from", id, "--drop", "0.9")
	p.json([]string{"run"}, "--log-format", "json", "--from", id, "--drop", "0.9")
	p.json([]string{"run"}, "--log-format", "json", "--from", id, "--drop", "0.9", "--dry-run")
	status, _ := p.must("status")
	if strings.Count(status, "  done, written") != 2 || !strings.Contains(status,
		"embed 1/1 match 1/1 nearest 1/1 neighbours 1/1 judge 1/1") || !strings.Contains(status, v["DATA"]) {
		t.Errorf("status:\n%s", status)
	}
	if list, _ := p.must("report"); !strings.Contains(list, id) || strings.Count(list, "12 images of 4 identities") != 2 ||
		strings.Count(list, v["DATA"]) != 2 {
		t.Errorf("two reports:\n%s", list)
	}
	if _, said, code := p.give("report", "--out", "copy-of-which"); code != program.ExitUsage || !strings.Contains(said, id) {
		t.Errorf("one of two reports: exit %d, %s", code, said)
	}
	if gc, _ := p.must("gc", "--keep", id); !strings.Contains(gc, "would remove 0 objects") ||
		strings.Contains(gc, "remove run") {
		t.Errorf("gc of young runs:\n%s", gc)
	}
	p.age(filepath.Join(p.dir, storeFolder))
	if gc, _ := p.must("gc", "--keep", id); !strings.Contains(gc, "remove run") ||
		!strings.Contains(gc, "nothing was removed") {
		t.Errorf("gc of old runs:\n%s", gc)
	}
	if gc, _ := p.must("gc", "--keep", id, "--force"); !strings.Contains(gc, "\nremoved ") {
		t.Errorf("gc of old runs:\n%s", gc)
	}
	if report, _ := p.must("report"); report != first {
		t.Errorf("after gc the report that was kept is\n%s", report)
	}
	for _, command := range []string{"status", "datasets", "models", "version"} {
		p.json([]string{command}, "--json")
	}
	p.json([]string{"models", "pull", "builtin"}, "--json")
}

// copies copies a report over one that had more parts, and beside somebody's file.
func (p *shell) copies(id string) {
	p.t.Helper()
	images := filepath.Join(p.dir, "copy", schemas.ImagesFolder)
	if err := os.MkdirAll(images, 0o755); err != nil {
		p.t.Fatal(err)
	}
	stale, mine := filepath.Join(p.dir, "copy", schemas.ImagesFile(7)), filepath.Join(images, "mine.arrow")
	write(p.t, stale, nil)
	write(p.t, mine, nil)
	p.must("report", id, "--out", "copy")
	if _, err := os.Stat(stale); !errors.Is(err, fs.ErrNotExist) {
		p.t.Errorf("another report's part stands in the copy: %v", err)
	}
	for _, file := range []string{mine, filepath.Join(p.dir, "copy", schemas.ImagesFile(0)),
		filepath.Join(p.dir, "copy", schemas.SummaryFile)} {
		if _, err := os.Stat(file); err != nil {
			p.t.Error(err)
		}
	}
}

// age makes all files of a folder two days old.
func (p *shell) age(dir string) {
	p.t.Helper()
	old := time.Now().Add(-2 * admin.Young)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		return os.Chtimes(path, old, old)
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// json gives a command and checks that every line it prints is a JSON value.
func (p *shell) json(command []string, flags ...string) {
	p.t.Helper()
	out, said := p.must(append(command, flags...)...)
	for line := range strings.Lines(out + said) {
		if !json.Valid([]byte(line)) {
			p.t.Errorf("%q: %s", command, line)
		}
	}
}
