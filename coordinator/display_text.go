package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/facesieve/facesieve/schemas"
)

// stageVerbs are the stages as a person reads them.
var stageVerbs = map[schemas.Stage]string{
	schemas.StagePlan: "list images", schemas.StageNumericKind: "open engine", schemas.StageEmbed: "embed faces", schemas.StageAggregate: "find people",
	schemas.StageMatch: "compare people", schemas.StageJudge: "judge images", "report": "write report",
}

const verbWidth = 16

func (s *step) verb() string {
	if v := stageVerbs[s.Stage]; v != "" {
		return v
	}
	return string(s.Stage)
}

// amount is n of what the step counts.
func (s *step) amount(n int) string {
	if s.noun == nounBytes {
		return size(int64(n))
	}
	return count(n)
}

func (s *step) speed() string {
	switch rate := s.rate(); {
	case rate == 0:
		return ""
	case s.noun == nounBytes:
		return size(int64(rate)) + "/s"
	default:
		return significant(rate) + "/s"
	}
}

// result is what a step that has ended came to.
func (s *step) result() string {
	parts := []string{s.amount(s.ImagesDone)}
	if s.noun == nounImages {
		parts[0] = plural(s.ImagesDone, "image")
	}
	switch {
	case s.ImagesDone < s.Images: // it was cut short
		return s.amount(s.done()) + " of " + s.amount(s.Images) + " " + s.noun
	case s.Reused > 0 && s.Reused >= s.Images:
		parts = append(parts, "ready from before")
	case s.Reused > 0:
		parts = append(parts, count(s.Reused)+" of them ready from before")
	}
	if took := s.at.Sub(s.start); took >= rateLeast {
		parts = append(parts, duration(took))
		if r := s.speed(); r != "" && s.Stage == schemas.StageEmbed || s.noun == nounBytes {
			parts = append(parts, r)
		}
	}
	return strings.Join(parts, ", ")
}

// lineForm writes lines: for pipes and log files.
type lineForm struct {
	w    io.Writer
	last time.Time
}

func (f *lineForm) begin(s *step) { f.last = s.at }

func (f *lineForm) tick(s *step) {
	if s.at.Sub(f.last) < linePause {
		return
	}
	f.last = s.at
	text := s.amount(s.done())
	if s.Images > 0 {
		text += " of " + s.amount(s.Images)
	}
	if s.noun == nounImages {
		text += " images"
	}
	for _, more := range []string{s.speed(), leftText(s)} {
		if more != "" {
			text += ", " + more
		}
	}
	f.say(fmt.Sprintf("%-*s %s", verbWidth, s.verb(), text))
}

func (f *lineForm) end(s *step) {
	if s.shown() {
		f.say(fmt.Sprintf("%-*s %s", verbWidth, s.verb(), s.result()))
	}
}

// A reader of stderr that is gone is no reason to stop.
func (f *lineForm) say(text string) { _, _ = fmt.Fprintln(f.w, text) }

func (f *lineForm) Write(b []byte) (int, error) { return f.w.Write(b) }

func (f *lineForm) close() {}

func leftText(s *step) string {
	if left := s.left(); left > 0 {
		return duration(left) + " left"
	}
	return ""
}

// jsonForm writes a JSON object a line.
type jsonForm struct {
	w    io.Writer
	last time.Time
}

// event is a line of it.
type event struct {
	Event   string  `json:"event"` // "progress", "message"
	Stage   string  `json:"stage,omitempty"`
	Unit    string  `json:"unit,omitempty"` // "images", "bytes"
	Done    int     `json:"done"`
	Total   int     `json:"total,omitempty"`
	Reused  int     `json:"reused,omitempty"`
	Rate    float64 `json:"rate,omitempty"`         // a second
	Left    float64 `json:"seconds_left,omitempty"` // estimated
	Seconds float64 `json:"seconds,omitempty"`
	End     bool    `json:"end,omitempty"`
	Text    string  `json:"text,omitempty"`
}

func (f *jsonForm) begin(s *step) { f.write(s) }

func (f *jsonForm) tick(s *step) {
	if s.at.Sub(f.last) >= linePause {
		f.write(s)
	}
}

func (f *jsonForm) end(s *step) { f.write(s) }

func (f *jsonForm) write(s *step) {
	f.last = s.at
	f.put(event{Event: "progress", Stage: string(s.Stage), Unit: s.noun, Done: s.done(), Total: s.Images, Reused: s.Reused,
		Rate: s.rate(), Left: s.left().Seconds(), Seconds: s.at.Sub(s.start).Seconds(), End: s.End})
}

func (f *jsonForm) say(text string) {
	f.put(struct {
		Event string `json:"event"`
		Text  string `json:"text"`
	}{"message", text})
}

func (f *jsonForm) put(v any) {
	if data, err := json.Marshal(v); err == nil {
		_, _ = fmt.Fprintf(f.w, "%s\n", data)
	}
}

func (f *jsonForm) Write(b []byte) (int, error) { return f.w.Write(b) }

func (f *jsonForm) close() {}

// count is a number with commas between its thousands.
func count(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// plural is n of a thing.
func plural(n int, thing string) string {
	switch {
	case n == 1:
		return "1 " + thing
	case strings.HasSuffix(thing, "ty"):
		return count(n) + " " + strings.TrimSuffix(thing, "y") + "ies"
	}
	return count(n) + " " + thing + "s"
}

// size is a number of bytes.
func size(n int64) string {
	x, units := float64(n), []string{"B", "kB", "MB", "GB", "TB", "PB"}
	for len(units) > 1 && x >= 999.5 {
		x, units = x/1000, units[1:]
	}
	if units[0] == "B" || x >= 99.95 {
		return fmt.Sprintf("%.0f %s", x, units[0])
	}
	return fmt.Sprintf("%.1f %s", x, units[0])
}

// significant is a rate in two or three digits.
func significant(x float64) string {
	switch {
	case x >= 100:
		return count(int(x + .5))
	case x >= 10:
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.1f", x)
}

// duration is a time in its two greatest units.
func duration(d time.Duration) string {
	switch s := int(d.Seconds() + .5); {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %02d s", s/60, s%60)
	default:
		return fmt.Sprintf("%d h %02d min", s/3600, s/60%60)
	}
}
