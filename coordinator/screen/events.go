package screen

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

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

func (f *jsonForm) begin(a *activity) { f.write(a) }

func (f *jsonForm) tick(a *activity) {
	if a.at.Sub(f.last) >= linePause {
		f.write(a)
	}
}

func (f *jsonForm) end(a *activity) { f.write(a) }

func (f *jsonForm) write(a *activity) {
	f.last = a.at
	f.put(event{Event: "progress", Stage: string(a.told.Stage), Unit: a.noun, Done: a.done(),
		Total: a.told.Images, Reused: a.told.Reused,
		Rate: a.rate(), Left: a.left().Seconds(), Seconds: a.at.Sub(a.start).Seconds(), End: a.told.End})
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
