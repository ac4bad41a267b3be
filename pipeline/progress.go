package pipeline

import (
	"sync"
	"time"

	"github.com/facesieve/facesieve/schemas"
)

// Progress is how far a stage is. Images counts images of settled tasks; those
// of a task at work are not in it.
type Progress struct {
	Stage       schemas.Stage
	Tasks       int // of the stage
	TasksReused int // whose result was there
	Images      int // of the stage
	ImagesDone  int
	Reused      int // images of ImagesDone whose result was there
	End         bool
}

// progress counts a run's steps, tells of them, and times them.
type progress struct {
	mu    sync.Mutex
	tell  func(Progress)
	start time.Time
	stage map[schemas.Stage]*stageClock
}

type stageClock struct {
	Progress
	start   time.Time
	seconds float64
}

func newProgress(tell func(Progress)) *progress {
	if tell == nil {
		tell = func(Progress) {}
	}
	return &progress{tell: tell, start: time.Now(), stage: map[schemas.Stage]*stageClock{}}
}

func (p *progress) change(stage schemas.Stage, f func(*stageClock)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.stage[stage]
	if c == nil {
		c = &stageClock{Progress: Progress{Stage: stage}, start: time.Now()}
		p.stage[stage] = c
	}
	f(c)
	p.tell(c.Progress)
}

func (p *progress) begin(stage schemas.Stage, tasks, images int) {
	p.change(stage, func(c *stageClock) { c.Tasks, c.Images, c.start = tasks, images, time.Now() })
}

func (p *progress) settled(stage schemas.Stage, images int) {
	p.change(stage, func(c *stageClock) { c.ImagesDone += images })
}

// reused says that everything settled so far was in the store already.
func (p *progress) reused(stage schemas.Stage, tasks int) {
	p.change(stage, func(c *stageClock) { c.TasksReused, c.Reused = tasks, c.ImagesDone })
}

func (p *progress) end(stage schemas.Stage) {
	p.change(stage, func(c *stageClock) { c.End, c.seconds = true, time.Since(c.start).Seconds() })
}
