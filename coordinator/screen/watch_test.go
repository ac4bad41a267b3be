package screen

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/schemas"
)

// exampleLook is a run in its first stage, at an hour that never was.
func exampleLook() *admin.Look {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	l := &admin.Look{Run: exampleRun, At: at, State: admin.StateEmbedded, Images: 3_300_000, Identities: 85_000, References: 13_233,
		Stage: schemas.StageEmbed, Rate: 812.4, Left: 2341, GivenUp: 1, Stages: []admin.StageLook{
			{Stage: schemas.StageEmbed, Tasks: 1619, Done: 680, Failed: 1, Images: 3_313_233, ImagesDone: 1_392_640},
			{Stage: schemas.StageAggregate, Tasks: 1, Images: 3_313_233},
			{Stage: schemas.StageMatch, Tasks: 1612, Images: 3_300_000}, {Stage: schemas.StageNeighbours, Tasks: 1}}}
	l.Workers = []admin.WorkerLook{
		{Worker: "worker-7f9c-x2x8j-1", Device: "cuda:0", NumericKind: "a6d4be3f638a3b82", Rate: 407, Done: 341, Seen: at.Add(-time.Second),
			Tasks: []admin.TaskLook{{Task: "embed.set.00702.0000", Seconds: 2.2}, {Task: "embed.set.00703.0000", Seconds: 1}}},
		{Worker: "worker-7f9c-p3lmw-1", Device: "cuda:0", NumericKind: "a6d4be3f638a3b82", Done: 338, Seen: at.Add(-23 * time.Second),
			Tasks: []admin.TaskLook{{Task: "embed.ref-lfw.00003.0002", Seconds: 75}}},
		{Worker: "worker-7f9c-new-1", Device: "auto", Seen: at, Tasks: []admin.TaskLook{{Task: "numeric-kind.set.00000.0000", Seconds: 3}}},
		{Worker: "worker-7f9c-idle-1", Device: "cuda:0", NumericKind: "a6d4be3f638a3b82", Done: 1, Seen: at},
	}
	l.Trouble = []admin.TaskTrouble{
		{Task: "embed.set.00031.0000", Worker: "worker-7f9c-p3lmw-1", Failures: 2, Error: "get images/n000009/0012_01.jpg: connection refused by the server after 10 tries in 30 s"},
		{Task: "embed.set.00007.0000", Worker: "worker-7f9c-x2x8j-1", Failures: 5, GivenUp: true, Error: "rows/00.arrow is damaged"}}
	return l
}

// looks are a run's from its beginning to its end.
func looks() []*admin.Look {
	begun := &admin.Look{Run: exampleRun, State: admin.StateBroken}
	first := exampleLook()
	first.Workers, first.Trouble, first.Rate, first.Left, first.Next = nil, nil, 0, 0, "no worker tells what it does; start one: worker --store s3://results/ms1m --nats nats://queue:4222"
	first.Stages[0].Done, first.Stages[0].Failed, first.Stages[0].ImagesDone, first.GivenUp = 0, 0, 0, 0
	second, same, slower, later, ended := exampleLook(), exampleLook(), exampleLook(), exampleLook(), exampleLook()
	slower.Rate, slower.Left = 400, 4000
	later.Stage, later.Rate, later.Left, later.Stages[0].Done = schemas.StageMatch, 90_000, 12, 1618
	later.Stages[0].ImagesDone, later.Stages[1].Done, later.Stages[2].Done, later.Stages[2].ImagesDone = 3_311_185, 1, 1200, 2_457_600
	ended.State, ended.Stage, ended.Rate, ended.Left, ended.Report = admin.StateFailed, "", 0, 0, "s3://results/ms1m/runs/0011/report"
	ended.Trouble = ended.Trouble[1:]
	for i := range ended.Stages {
		ended.Stages[i].Done = ended.Stages[i].Tasks - ended.Stages[i].Failed
	}
	fitting := exampleLook()
	fitting.Stage, fitting.Workers, fitting.Trouble, fitting.Rate, fitting.Left = schemas.StageAggregate, nil, nil, 0, 0
	fitting.Stages[0].Done = 1618
	return []*admin.Look{begun, first, second, same, slower, fitting, later, ended}
}

// What a terminal shows, look after look.
func TestWatchText(t *testing.T) {
	var all strings.Builder
	for _, width := range []int{120, Width} {
		for _, l := range looks() {
			text := WatchText(l, width)
			for line := range strings.Lines(text) {
				if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
					t.Errorf("%d columns of %d: %s", n, width, line)
				}
			}
			all.WriteString(text + strings.Repeat("=", width) + "\n")
		}
	}
	compare(t, "watch.txt", all.String())
}

// A file gets a line for each change, and none for a rate alone.
func TestWatchLines(t *testing.T) {
	var b bytes.Buffer
	w := Watcher{W: &b}
	for _, l := range looks() {
		if err := w.Show(l); err != nil {
			t.Fatal(err)
		}
	}
	compare(t, "watch-lines.txt", b.String())
}

// A machine gets an object for each look, whether or not anything changed.
func TestWatchJSON(t *testing.T) {
	var b bytes.Buffer
	w := Watcher{W: &b, JSON: true}
	for _, l := range looks() {
		if err := w.Show(l); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != len(looks()) {
		t.Fatalf("%d lines", len(lines))
	}
	var got admin.Look
	if err := json.Unmarshal([]byte(lines[2]), &got); err != nil || got.Rate != 812.4 || len(got.Workers) != 4 ||
		got.Trouble[1].GivenUp != true || got.Stages[0].Done != 680 {
		t.Errorf("%v: %s", err, lines[2])
	}
}

// A terminal's lines are drawn over, and those that do not fit are left out.
func TestWatchDraws(t *testing.T) {
	var b bytes.Buffer
	lines := 50
	w := Watcher{W: &b, Size: func() (int, int) { return 120, lines }}
	show := func(l *admin.Look) string {
		b.Reset()
		if err := w.Show(l); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	first := show(exampleLook())
	if n := strings.Count(first, "\n"); !strings.HasPrefix(first, "\r\x1b[J") || n != 18 {
		t.Errorf("%d lines: %q", n, first)
	}
	lines = 10
	if second := show(exampleLook()); !strings.HasPrefix(second, "\x1b[18A\r\x1b[J") || strings.Count(second, "\n") != 9 {
		t.Errorf("%q", second)
	}
	if third := show(exampleLook()); !strings.HasPrefix(third, "\x1b[9A\r\x1b[J") {
		t.Errorf("%q", third)
	}
	if last := show(looks()[7]); !strings.Contains(last, "report\n") {
		t.Errorf("the last look is cut: %q", last)
	}
}

// On a terminal of any width no line is longer, for then the next look would be drawn at
// another place. Some characters take two columns.
func TestWatchOnANarrowTerminal(t *testing.T) {
	wide := exampleLook()
	wide.Workers[0].Worker = "\u5de5\u4f5c\u8005-7f9c-x2x8j-1"
	wide.Trouble[0].Error = strings.Repeat("\u5f20\u4f1f", 60)
	for width := 1; width <= 130; width++ {
		for _, l := range append(looks(), wide) {
			var b bytes.Buffer
			w := Watcher{W: &b, Size: func() (int, int) { return width, 99 }}
			if err := w.Show(l); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(strings.TrimPrefix(b.String(), "\r\x1b[J")) {
				line = strings.TrimSuffix(line, "\n")
				n := utf8.RuneCountInString(line)
				for _, r := range line {
					if unicode.Is(unicode.Han, r) {
						n++
					}
				}
				if n > width && line != l.Report {
					t.Errorf("%d columns of %d: %s", n, width, line)
				}
			}
		}
	}
	var b bytes.Buffer
	w := Watcher{W: &b, Size: func() (int, int) { return 0, 0 }} // nobody knows
	if err := w.Show(exampleLook()); err != nil || !strings.Contains(b.String(), "680 of 1,619 tasks") {
		t.Errorf("%v, %q", err, b.String())
	}
	if last := WatchText(looks()[7], 30); !strings.Contains(last, "\n"+looks()[7].Report+"\n") {
		t.Errorf("the report's place is cut: %q", last)
	}
}

// hostile is a word from elsewhere that would command a terminal: it clears the screen,
// rings, begins a line.
const hostile = "a\x1b[2J\a\xff\u009b1m\nb\rc\x7f"

// What others say commands no terminal.
func TestWatchOfHostileWords(t *testing.T) {
	l := exampleLook()
	l.Run, l.Next, l.Stages[0].Stage, l.Stage = hostile, hostile, hostile, hostile
	l.Workers[0] = admin.WorkerLook{Worker: hostile, Device: hostile, NumericKind: hostile, Seen: l.At,
		Tasks: []admin.TaskLook{{Task: hostile}}}
	l.Trouble[0] = admin.TaskTrouble{Task: hostile, Worker: hostile, Error: hostile}
	ended := *l
	ended.State, ended.Report = admin.StateFailed, hostile
	for _, size := range []func() (int, int){nil, func() (int, int) { return 120, 99 }, func() (int, int) { return 9, 9 }} {
		var b bytes.Buffer
		w := Watcher{W: &b, Size: size}
		for _, look := range []*admin.Look{l, &ended} {
			b.Reset()
			if w.drawn = 0; w.Show(look) != nil {
				t.Fatal("not shown")
			}
			wantHarmless(t, strings.TrimPrefix(b.String(), "\r\x1b[J"))
		}
	}
	if text := TroubleText(l.Trouble[0]); strings.Contains(text, "\n") {
		t.Errorf("a word begins a line: %q", text)
	}
}

// What a display and a printer show of others commands no terminal either.
func TestHostileWords(t *testing.T) {
	var b bytes.Buffer
	for _, f := range []form{&lineForm{w: &b}, newBarForm(&b)} {
		f.close() // nothing is drawn any more
		b.Reset()
		f.say(hostile)
		wantHarmless(t, b.String())
	}
	b.Reset()
	p := Printer{W: &b}
	if err := p.Text("%s", hostile); err != nil {
		t.Fatal(err)
	}
	if err := p.Either(nil, hostile); err != nil {
		t.Fatal(err)
	}
	wantHarmless(t, b.String())
	if !strings.HasPrefix(b.String(), "a%1B[2J%07%FF%C2%9B1m\nb%0Dc%7F") {
		t.Errorf("%q", b.String())
	}
}

func wantHarmless(t *testing.T, text string) {
	t.Helper()
	if text == "" || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) {
		t.Errorf("a terminal is told %q", text)
	}
}
