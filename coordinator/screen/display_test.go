package screen

import (
	"bytes"
	"encoding/json"
	"flag"
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
	d := newDisplay(f, func() time.Time { return now })
	pass := func(s float64) {
		for range int(s * 10) {
			now = now.Add(refresh)
			d.tick()
		}
	}
	d.Progress(run.Progress{Stage: "plan"})
	pass(.5)
	d.Progress(run.Progress{Stage: "plan", ImagesDone: 1200})
	pass(6)
	d.Progress(run.Progress{Stage: "plan", ImagesDone: 5000, End: true})
	d.Download("tiny", 0, 4_000_000)
	pass(2)
	d.Download("tiny", 4_000_000, 4_000_000)
	worker := &atomic.Int64{}
	d.CountWorker(worker)
	d.Progress(run.Progress{Stage: schemas.StageNumericKind, Tasks: 1})
	pass(1)
	d.Progress(run.Progress{Stage: schemas.StageNumericKind, Tasks: 1, End: true})
	d.Progress(run.Progress{Stage: schemas.StageEmbed, Images: 5000})
	d.Progress(run.Progress{Stage: schemas.StageEmbed, Images: 5000, ImagesDone: 1000, Reused: 1000})
	worker.Add(500) // of a task at work
	pass(5)
	d.Say("no worker has joined")
	worker.Add(100_000) // tasks done twice are no progress
	pass(5)
	d.Progress(run.Progress{Stage: schemas.StageEmbed, Images: 5000, ImagesDone: 5000, Reused: 1000, End: true})
	d.Progress(run.Progress{Stage: schemas.StageMatch, Images: 5000})
	d.Progress(run.Progress{Stage: schemas.StageMatch, Images: 5000, ImagesDone: 5000, Reused: 5000, End: true})
	d.Progress(run.Progress{Stage: schemas.StageJudge, Images: 5000, ImagesDone: 100})
	d.Progress(run.Progress{Stage: schemas.StageJudge, Images: 5000, ImagesDone: 100, End: true}) // cut short
	d.Close()
	d.Progress(run.Progress{Stage: "report", Images: 5000, ImagesDone: 5000, End: true}) // too late
}

var update = flag.Bool("update", false, "write what is shown into testdata")

// compare compares with a file of testdata, or with -update writes it.
func compare(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
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

// terminal may be written by several at once, as a file may.
type terminal struct {
	mu sync.Mutex
	bytes.Buffer
}

func (s *terminal) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Buffer.Write(b)
}

// TestDisplayOnATerminal leaves the bars, whose drawing depends on time, and looks
// at what stays.
func TestDisplayOnATerminal(t *testing.T) {
	var lines bytes.Buffer
	var b terminal
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
		{Count(0), "0"}, {Count(999), "999"}, {Count(1000), "1,000"}, {Count(-1234567), "-1,234,567"}, {Count(-123), "-123"},
		{Size(0), "0 B"}, {Size(999), "999 B"}, {Size(1000), "1.0 kB"}, {Size(322906), "323 kB"}, {Size(3998070), "4.0 MB"}, {Size(999_999), "1.0 MB"}, {Size(5e18), "5000 PB"},
		{significant(.25), "0.2"}, {significant(12.6), "13"}, {significant(1234.5), "1,235"},
		{duration(1500 * time.Millisecond), "1.5 s"}, {duration(59 * time.Second), "59 s"}, {duration(61 * time.Second), "1 min 01 s"}, {duration(3700 * time.Second), "1 h 01 min"},
		{Plural(1, "identity"), "1 identity"}, {Plural(1200, "identity"), "1,200 identities"}, {Plural(0, "image"), "0 images"},
		{Percent(.00001), "<0.1 %"}, {Percent(0), "0.0 %"}, {Percent(.5), "50.0 %"},
		{age(90 * time.Second), "1 minute"}, {age(-time.Second), "0 seconds"}, {age(47 * time.Hour), "47 hours"}, {age(50 * time.Hour), "2 days"},
		{Wrap("one two three", "  ", 9), "  one two\n  three\n"}, {Wrap("", "  ", 9), ""}, {Wrap("muchtoolongword a", "", 4), "muchtoolongword\na\n"},
	} {
		if c.got != c.want {
			t.Errorf("%q; want %q", c.got, c.want)
		}
	}
}
