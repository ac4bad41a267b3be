package synth

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// small is a set with one fault of each sort at least.
func small(t *testing.T) Options {
	o := Defaults()
	o.Out, o.Identities, o.Images, o.References = filepath.Join(t.TempDir(), "set"), 12, 10, 8
	return o
}

func build(t *testing.T, o Options) Made {
	t.Helper()
	m, err := Make(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// files are the bytes of all files below a folder.
func files(t *testing.T, root string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		out[strings.TrimPrefix(name, root)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func sameFiles(t *testing.T, got, want map[string]string) {
	t.Helper()
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s differs", name)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d files, want %d", len(got), len(want))
	}
}

func TestSetIsTheSameFromAnyNumberOfWorkers(t *testing.T) {
	var want map[string]string
	for _, parallel := range []int{1, 4} {
		o := small(t)
		o.Parallel, o.ReferenceSiblings = parallel, .5
		build(t, o)
		got := files(t, o.Out)
		if want == nil {
			want = got
		}
		sameFiles(t, got, want)
	}
	o := small(t)
	o.Seed++
	build(t, o)
	if files(t, o.Out)["/faces/train/n000001/0001_01.jpg"] == want["/faces/train/n000001/0001_01.jpg"] {
		t.Error("another seed gives the same picture")
	}
}

func TestSetThatWasStoppedIsCompleted(t *testing.T) {
	o := small(t)
	o.Parallel = 2
	build(t, o)
	want := files(t, o.Out)

	o.Out = filepath.Join(t.TempDir(), "set")
	for _, at := range []int{1, 60, 130} {
		ctx, cancel := context.WithCancel(t.Context())
		o.Progress = func(done, _ int) {
			if done >= at {
				cancel()
			}
		}
		if _, err := Make(ctx, o); !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped after %d pictures: %v", at, err)
		}
		if _, err := os.Stat(filepath.Join(o.Out, recordFile)); err == nil {
			t.Fatalf("stopped after %d pictures, it says that it is complete", at)
		}
		tear(t, filepath.Join(o.Out, facesTable))
	}
	o.Progress = nil
	mark := filepath.Join(o.Out, facesDir, "train", identity(0), "mark") // a person who is listed is not drawn again
	if err := os.Rename(strings.Replace(mark, "mark", "0001_01.jpg", 1), mark); err != nil {
		t.Fatal(err)
	}
	if m := build(t, o); m.Reused {
		t.Error("a set half made counts as complete")
	}
	if err := os.Link(mark, strings.Replace(mark, "mark", "0001_01.jpg", 1)); err != nil {
		t.Errorf("what was listed is drawn again: %v", err)
	}
	if err := os.Remove(mark); err != nil {
		t.Fatal(err)
	}
	sameFiles(t, files(t, o.Out), want)
	o.Progress = func(int, int) { t.Error("a complete set is drawn again") }
	if m := build(t, o); !m.Reused {
		t.Error("a complete set is not used again")
	}
}

// tear adds half a row to a list, as a process leaves it that was killed.
func tear(t *testing.T, name string) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("train/n0000"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// Two that draw one set into one folder both end well.
func TestFinishedByAnother(t *testing.T) {
	o := small(t)
	p, err := newPlan(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.finish(); err == nil {
		t.Error("a set of which nothing is there is finished")
	}
	build(t, o)
	if err := p.finish(); err != nil {
		t.Errorf("a set that another has finished: %v", err)
	}
}

func TestFolderThatHoldsSomethingElse(t *testing.T) {
	o := small(t)
	build(t, o)
	other := o
	other.Seed++
	if _, err := Make(t.Context(), other); err == nil || !strings.Contains(err.Error(), "another set") {
		t.Errorf("another seed in the same folder: %v", err)
	}
	record := filepath.Join(o.Out, recordFile)
	data, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte(`"drawing": "`)) + len(`"drawing": "`)
	copy(data[at:], "0000000000000000")
	if err := os.WriteFile(record, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Make(t.Context(), o); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("a set that was drawn otherwise: %v", err)
	}
	o.Out = t.TempDir()
	if err := os.WriteFile(filepath.Join(o.Out, "mine.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Make(t.Context(), o); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("somebody's folder: %v", err)
	}
}

func TestOptionsThatAreWrong(t *testing.T) {
	for want, change := range map[string]func(*Options){
		"no folder":                    func(o *Options) { o.Out = "" },
		"3 identities":                 func(o *Options) { o.Identities = 3 },
		"9 images":                     func(o *Options) { o.Images = 9 },
		"reference of 3":               func(o *Options) { o.References = 3 },
		"7 pairs":                      func(o *Options) { o.Pairs = 7 },
		"of no reference":              func(o *Options) { o.References, o.Pairs = 0, 20 },
		"share of 1.5 of flips":        func(o *Options) { o.Flips = 1.5 },
		"together at most":             func(o *Options) { o.Flips = .3 },
		"without siblings":             func(o *Options) { o.Siblings = 0 },
		"less than two":                func(o *Options) { o.ReferenceSiblings = .1 },
		"pictures at a time: give":     func(o *Options) { o.Parallel = -1 },
		"multiple of 8":                func(o *Options) { o.Pairs = 20 },
		"2000 pairs: a reference of 4": func(o *Options) { o.References, o.Pairs = 4, 2000 },
	} {
		o := small(t)
		change(&o)
		if _, err := Make(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
		if _, err := os.Stat(o.Out); o.Out != "" && err == nil {
			t.Errorf("%q: the folder is made", want)
		}
	}
}
