package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/schemas"
)

// story is a run as a display is told of it.
func story(f form) {
	now := time.Unix(1000, 0)
	d := newDisplayOf(f, func() time.Time { return now })
	pass := func(s float64) {
		for range int(s * 10) {
			now = now.Add(refresh)
			d.tick()
		}
	}
	d.progress(run.Progress{Stage: "plan"})
	pass(.5)
	d.progress(run.Progress{Stage: "plan", ImagesDone: 1200})
	pass(6)
	d.progress(run.Progress{Stage: "plan", ImagesDone: 5000, End: true})
	d.download("tiny", 0, 4_000_000)
	pass(2)
	d.download("tiny", 4_000_000, 4_000_000)
	d.worker = &atomic.Int64{}
	d.progress(run.Progress{Stage: schemas.StageNumericKind, Tasks: 1})
	pass(1)
	d.progress(run.Progress{Stage: schemas.StageNumericKind, Tasks: 1, End: true})
	d.progress(run.Progress{Stage: schemas.StageEmbed, Images: 5000})
	d.progress(run.Progress{Stage: schemas.StageEmbed, Images: 5000, ImagesDone: 1000, Reused: 1000})
	d.worker.Add(500) // of a task at work
	pass(5)
	d.say("no worker has joined")
	d.worker.Add(100_000) // tasks done twice are no progress
	pass(5)
	d.progress(run.Progress{Stage: schemas.StageEmbed, Images: 5000, ImagesDone: 5000, Reused: 1000, End: true})
	d.progress(run.Progress{Stage: schemas.StageMatch, Images: 5000})
	d.progress(run.Progress{Stage: schemas.StageMatch, Images: 5000, ImagesDone: 5000, Reused: 5000, End: true})
	d.progress(run.Progress{Stage: schemas.StageJudge, Images: 5000, ImagesDone: 100})
	d.progress(run.Progress{Stage: schemas.StageJudge, Images: 5000, ImagesDone: 100, End: true}) // cut short
	d.close()
	d.progress(run.Progress{Stage: "report", Images: 5000, ImagesDone: 5000, End: true}) // too late
}

// compare compares with a file of testdata, or with -update writes it.
func compare(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		write(t, path, []byte(got))
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func TestDisplayInAPipe(t *testing.T) {
	var b bytes.Buffer
	story(&lineForm{w: &b})
	compare(t, "progress.txt", b.String())
}

func TestDisplayForMachines(t *testing.T) {
	var b bytes.Buffer
	story(&jsonForm{w: &b})
	compare(t, "progress.jsonl", b.String())
	for line := range strings.Lines(b.String()) {
		var e map[string]any
		if err := json.Unmarshal([]byte(line), &e); err != nil || e["event"] == "" {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// screen may be written by several at once, as a file may.
type screen struct {
	mu sync.Mutex
	bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Buffer.Write(b)
}

// TestDisplayOnATerminal leaves the bars, whose drawing depends on time, and looks
// at what stays.
func TestDisplayOnATerminal(t *testing.T) {
	var lines bytes.Buffer
	var b screen
	story(&lineForm{w: &lines})
	story(newBarForm(&b))
	for line := range strings.Lines(lines.String()) {
		if strings.Contains(line, " of 5,000 images, ") || strings.Contains(line, "1,200 images") {
			continue // a bar shows it
		}
		if !strings.Contains(b.String(), line) {
			t.Errorf("%q is not on the terminal", line)
		}
	}
}

func TestNumbersForPeople(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{count(0), "0"}, {count(999), "999"}, {count(1000), "1,000"}, {count(-1234567), "-1,234,567"}, {count(-123), "-123"},
		{size(0), "0 B"}, {size(999), "999 B"}, {size(1000), "1.0 kB"}, {size(322906), "323 kB"}, {size(3998070), "4.0 MB"}, {size(999_999), "1.0 MB"}, {size(5e18), "5000 PB"},
		{significant(.25), "0.2"}, {significant(12.6), "13"}, {significant(1234.5), "1,235"},
		{duration(1500 * time.Millisecond), "1.5 s"}, {duration(59 * time.Second), "59 s"}, {duration(61 * time.Second), "1 min 01 s"}, {duration(3700 * time.Second), "1 h 01 min"},
		{plural(1, "identity"), "1 identity"}, {plural(1200, "identity"), "1,200 identities"}, {plural(0, "image"), "0 images"},
		{percent(.00001), "<0.1 %"}, {percent(0), "0.0 %"}, {percent(.5), "50.0 %"},
		{age(90 * time.Second), "1 minute"}, {age(-time.Second), "0 seconds"}, {age(47 * time.Hour), "47 hours"}, {age(50 * time.Hour), "2 days"},
		{quoted("/a b"), "'/a b'"}, {quoted("it's"), `'it'\''s'`}, {quoted("s3://b/c"), "s3://b/c"}, {quoted(""), "''"},
		{wrap("one two three", "  ", 9), "  one two\n  three\n"}, {wrap("", "  ", 9), ""}, {wrap("muchtoolongword a", "", 4), "muchtoolongword\na\n"},
	} {
		if c.got != c.want {
			t.Errorf("%q; want %q", c.got, c.want)
		}
	}
}
