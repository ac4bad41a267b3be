package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/term"

	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/schemas"
)

// display shows on stderr how far a run is: a bar on a terminal, a line every
// few seconds in a pipe, a JSON object a line for machines. What ends is a line in
// each of them.
type display struct {
	worker *atomic.Int64 // images the worker in this process has embedded; nil: there is none

	form  form
	clock func() time.Time

	mu     sync.Mutex
	now    *step // at work
	closed bool
	stop   chan struct{}
	ended  sync.WaitGroup
}

// form is a way to show steps. A display calls its methods one at a time.
type form interface {
	begin(s *step)
	tick(s *step) // some 10 times a second
	end(s *step)
	say(text string)
	io.Writer // for logs
	close()
}

// step is a stage, or one model's download.
type step struct {
	run.Progress
	noun     string // what is counted: images, or bytes
	start    time.Time
	at       time.Time // now
	before   int64     // the worker's images when the stage began
	embedded int64     // the worker's images since then
}

const (
	refresh    = 100 * time.Millisecond
	linePause  = 5 * time.Second // between lines in a pipe
	rateLeast  = time.Second     // before a rate says anything
	nounImages = "images"
	nounBytes  = "bytes"
)

func newDisplay(a *app) *display {
	var f form
	switch {
	case a.json:
		f = &jsonForm{w: a.err}
	case term.IsTerminal(int(a.err.Fd())) && os.Getenv("TERM") != "dumb":
		f = newBarForm(a.err)
	default:
		f = &lineForm{w: a.err}
	}
	d := newDisplayOf(f, time.Now)
	a.ui = d
	a.logTo(d)
	a.shutdown.tell(d.say)
	d.ended.Add(1)
	go d.run()
	return d
}

// drawing shows how far the drawing of a set has come.
func (d *display) drawing(done, total int) {
	d.progress(run.Progress{Stage: "draw faces", Images: total, ImagesDone: done, End: done >= total})
}

func newDisplayOf(f form, clock func() time.Time) *display {
	return &display{form: f, clock: clock, stop: make(chan struct{})}
}

// run keeps what is shown moving between two words from the pipeline.
func (d *display) run() {
	defer d.ended.Done()
	t := time.NewTicker(refresh)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			d.tick()
		case <-d.stop:
			return
		}
	}
}

func (d *display) tick() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.now == nil {
		return
	}
	d.now.at = d.clock()
	if d.worker != nil && d.now.Stage == schemas.StageEmbed {
		d.now.embedded = d.worker.Load() - d.now.before
	}
	d.form.tick(d.now)
}

// progress takes a word from the pipeline.
func (d *display) progress(p run.Progress) { d.step(p, nounImages) }

// download takes a word from a model's download.
func (d *display) download(name string, done, total int64) {
	d.step(run.Progress{Stage: schemas.Stage("model " + name), Images: int(total), ImagesDone: int(done), End: done >= total}, nounBytes)
}

func (d *display) step(p run.Progress, noun string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	fresh := d.now == nil || d.now.Stage != p.Stage
	if fresh {
		d.now = &step{noun: noun, start: d.clock()}
		if d.worker != nil {
			d.now.before = d.worker.Load()
		}
	}
	d.now.Progress, d.now.at = p, d.clock()
	if fresh {
		d.form.begin(d.now)
	}
	if p.End {
		d.form.end(d.now)
		d.now = nil
	}
}

// say shows a sentence without disturbing what is shown.
func (d *display) say(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.form.say(fmt.Sprintf(format, args...))
}

// Write shows log lines without disturbing what is shown.
func (d *display) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.form.Write(b)
}

// close ends what is shown. It may be called more than once.
func (d *display) close() {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return
	}
	d.closed, d.now = true, nil
	close(d.stop)
	d.form.close()
	d.mu.Unlock()
	d.ended.Wait()
}

// done is how many are done, those of a task at work included where they are
// known.
func (s *step) done() int {
	return min(max(s.ImagesDone, s.Reused+int(s.embedded)), max(s.Images, s.ImagesDone))
}

// rate is how many are done a second; 0 where it can't be said yet.
func (s *step) rate() float64 {
	took := s.at.Sub(s.start)
	if took < rateLeast {
		return 0
	}
	return float64(max(0, s.done()-s.Reused)) / took.Seconds()
}

// left is the time left; 0 where it can't be said.
func (s *step) left() time.Duration {
	rate := s.rate()
	if rate == 0 || s.Images == 0 {
		return 0
	}
	return time.Duration(float64(s.Images-s.done()) / rate * float64(time.Second))
}

// shown says whether a person wants to know of the step.
func (s *step) shown() bool { return s.Stage != schemas.StageNumericKind }
