// Package screen puts into words and tables what commands have to say: progress,
// summaries, and lists, for people and for machines. It knows no terminal: what it
// writes to, and how, is given to it.
package screen

import (
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/schemas"
)

// Display shows on stderr how far a run is: a bar on a terminal, a line every
// few seconds in a pipe, a JSON object a line for machines. What ends is a line in
// each of them.
type Display struct {
	form  form
	clock func() time.Time

	mu     sync.Mutex
	worker *atomic.Int64 // images the worker in this process has embedded; nil: there is none
	now    *activity     // at work
	closed bool
	stop   chan struct{}
	ended  sync.WaitGroup
}

// form is a way to show activities. A display calls its methods one at a time.
type form interface {
	begin(a *activity)
	tick(a *activity) // some 10 times a second
	end(a *activity)
	say(text string)
	io.Writer // for logs
	close()
}

const (
	refresh    = 100 * time.Millisecond
	linePause  = 5 * time.Second // between lines in a pipe
	rateLeast  = time.Second     // before a rate says anything
	nounImages = "images"
	nounBytes  = "bytes"
)

// Options say where and how a Display shows progress.
type Options struct {
	W        io.Writer
	JSON     bool // a JSON object a line, for machines
	Terminal bool // W is a terminal that bars can be drawn on
}

// NewDisplay returns a Display that shows progress until it is closed.
func NewDisplay(o Options) *Display {
	var f form
	switch {
	case o.JSON:
		f = &jsonForm{w: o.W}
	case o.Terminal:
		f = newBarForm(o.W)
	default:
		f = &lineForm{w: o.W}
	}
	d := newDisplay(f, time.Now)
	d.ended.Add(1)
	go d.run()
	return d
}

func newDisplay(f form, clock func() time.Time) *Display {
	return &Display{form: f, clock: clock, stop: make(chan struct{})}
}

// run keeps what is shown moving between two words from the pipeline.
func (d *Display) run() {
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

func (d *Display) tick() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.now == nil {
		return
	}
	d.now.at = d.clock()
	if d.worker != nil && d.now.told.Stage == schemas.StageEmbed {
		d.now.embedded = d.worker.Load() - d.now.before
	}
	d.form.tick(d.now)
}

// Progress shows how far a stage of a run is.
func (d *Display) Progress(p run.Progress) { d.update(p, nounImages) }

// Drawing shows how far the drawing of a set has come.
func (d *Display) Drawing(done, total int) {
	d.Progress(run.Progress{Stage: "draw faces", Images: total, ImagesDone: done, End: done >= total})
}

// Download shows how far a model's download is, in bytes.
func (d *Display) Download(name string, done, total int64) {
	d.update(run.Progress{Stage: schemas.Stage("model " + name), Images: int(total),
		ImagesDone: int(done), End: done >= total}, nounBytes)
}

func (d *Display) update(p run.Progress, noun string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	fresh := d.now == nil || d.now.told.Stage != p.Stage
	if fresh {
		d.now = &activity{noun: noun, start: d.clock()}
		if d.worker != nil {
			d.now.before = d.worker.Load()
		}
	}
	d.now.told, d.now.at = p, d.clock()
	if fresh {
		d.form.begin(d.now)
	}
	if p.End {
		d.form.end(d.now)
		d.now = nil
	}
}

// CountWorker has the images that a worker in this process has embedded, which
// images holds, counted before their tasks are settled.
func (d *Display) CountWorker(images *atomic.Int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.worker = images
}

// Say shows a sentence without disturbing what is shown.
func (d *Display) Say(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.form.say(text)
}

// Write shows log lines without disturbing what is shown.
func (d *Display) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.form.Write(b)
}

// Close ends what is shown. It may be called more than once.
func (d *Display) Close() {
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
