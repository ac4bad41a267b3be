package screen

import (
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/facesieve/facesieve/schemas"
)

// barForm shows the activity at work as a bar on the terminal's last line. What has
// ended and what is said stands above it as plain lines.
type barForm struct {
	p     *mpb.Progress
	w     io.Writer // once p has ended
	bar   *mpb.Bar
	right atomic.Pointer[string]
	done  bool
}

const barWidth = 28

// newBarForm writes to w, from several goroutines.
func newBarForm(w io.Writer) *barForm {
	return &barForm{p: mpb.New(mpb.WithOutput(w), mpb.WithRefreshRate(refresh), mpb.WithAutoRefresh()), w: w}
}

func (f *barForm) begin(a *activity) {
	f.drop()
	f.set(a)
	filler := mpb.BarStyle().Lbound("").Filler("━").Tip("━").Padding("╌").Rbound("")
	verb := fmt.Sprintf("%-*s ", verbWidth, a.verb())
	right := decor.Any(func(decor.Statistics) string { return *f.right.Load() })
	options := []mpb.BarOption{mpb.BarWidth(barWidth), mpb.BarFillerTrim(),
		mpb.PrependDecorators(decor.Name(verb)), mpb.AppendDecorators(right)}
	if a.told.Images == 0 { // nobody knows how many there are
		f.bar = f.p.New(0, mpb.SpinnerStyle("⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏").PositionLeft(),
			append(options, mpb.BarWidth(2))...)
		return
	}
	f.bar = f.p.New(int64(a.told.Images)+1, filler, options...) // one more than there are: it is ended by hand
}

func (f *barForm) tick(a *activity) {
	f.left()
	f.set(a)
	if f.bar != nil {
		f.bar.SetCurrent(int64(a.done()))
	}
}

// set is the text beside the bar.
func (f *barForm) set(a *activity) {
	var parts []string
	switch {
	case a.told.Images > 0:
		parts = append(parts, fmt.Sprintf("%3d %%", 100*a.done()/a.told.Images),
			a.amount(a.done())+" of "+a.amount(a.told.Images))
	case a.told.ImagesDone > 0:
		parts = append(parts, a.amount(a.done()))
	}
	for _, more := range []string{a.speed(), leftText(a)} {
		if more != "" {
			parts = append(parts, more)
		}
	}
	text := " " + strings.Join(parts, "  ")
	f.right.Store(&text)
}

func (f *barForm) end(a *activity) {
	f.drop()
	if a.shown() {
		f.say(fmt.Sprintf("%-*s %s", verbWidth, a.verb(), a.result()))
	}
}

// drop takes the bar away.
func (f *barForm) drop() {
	if f.bar != nil {
		f.bar.Abort(true)
		f.bar.Wait()
		f.bar = nil
	}
}

func (f *barForm) say(text string) {
	if _, err := f.Write([]byte(schemas.Printable(text) + "\n")); err != nil {
		return // a terminal that is gone is no reason to stop
	}
}

// Write puts lines above the bar.
func (f *barForm) Write(b []byte) (int, error) {
	if f.done {
		return f.w.Write(b)
	}
	f.left()
	return f.p.Write(b)
}

// left moves the cursor to the left, where the bar's next drawing expects it: a ^C
// that the terminal echoes moves it away.
func (f *barForm) left() { _, _ = f.w.Write([]byte("\r")) }

func (f *barForm) close() {
	f.drop()
	f.p.Wait()
	f.done = true
}
