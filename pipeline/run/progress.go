package run

import (
	"sync"
	"time"

	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/schemas"
)

// Progress says how far a stage is. ImagesDone counts the images of settled tasks;
// those of a task at work are not in it.
type Progress struct {
	Stage       schemas.Stage
	Tasks       int // of the stage
	TasksReused int // whose result was there
	TasksDone   int // settled by their output or, of a stage without tasks, all when it is over
	TasksFailed int // given up
	Images      int // of the stage
	ImagesDone  int
	Reused      int  // images of ImagesDone whose result was there
	End         bool // the stage is over
}

// clock counts a run's progress, tells of it, and times its stages.
type clock struct {
	mu     sync.Mutex
	tell   func(Progress)
	start  time.Time
	stages map[schemas.Stage]*stageClock
}

type stageClock struct {
	progress Progress
	start    time.Time
	seconds  float64
}

func newClock(tell func(Progress)) *clock {
	if tell == nil {
		tell = func(Progress) {}
	}
	return &clock{tell: tell, start: time.Now(), stages: map[schemas.Stage]*stageClock{}}
}

// planned takes the time that planning took into account.
func (c *clock) planned(p *plan.Run) {
	if p.Started.IsZero() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.start = p.Started
	progress := Progress{Stage: schemas.StagePlan, Tasks: len(p.Plan.Sources), End: true}
	c.stages[schemas.StagePlan] = &stageClock{progress: progress, start: p.Started, seconds: p.Took.Seconds()}
}

func (c *clock) change(stage schemas.Stage, f func(*stageClock)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stages[stage]
	if s == nil {
		s = &stageClock{progress: Progress{Stage: stage}, start: time.Now()}
		c.stages[stage] = s
	}
	f(s)
	c.tell(s.progress)
}

func (c *clock) begin(stage schemas.Stage, tasks, images int) {
	c.change(stage, func(s *stageClock) {
		s.progress.Tasks, s.progress.Images, s.start = tasks, images, time.Now()
	})
}

func (c *clock) settled(stage schemas.Stage, images int) {
	c.change(stage, func(s *stageClock) { s.progress.ImagesDone += images })
}

// settledTask says that a task is settled, by its output or by a failure.
func (c *clock) settledTask(stage schemas.Stage, images int, failed bool) {
	c.change(stage, func(s *stageClock) {
		s.progress.ImagesDone += images
		if failed {
			s.progress.TasksFailed++
		} else {
			s.progress.TasksDone++
		}
	})
}

// reused says that everything settled so far was in the store already.
func (c *clock) reused(stage schemas.Stage, tasks int) {
	c.change(stage, func(s *stageClock) {
		s.progress.TasksReused, s.progress.Reused = tasks, s.progress.ImagesDone
	})
}

func (c *clock) end(stage schemas.Stage) {
	c.change(stage, func(s *stageClock) { s.progress.End, s.seconds = true, time.Since(s.start).Seconds() })
}

// endOwn ends a stage that the coordinator does itself: all of it is done, if its images are.
func (c *clock) endOwn(stage schemas.Stage) {
	c.change(stage, func(s *stageClock) {
		if p := &s.progress; p.ImagesDone >= p.Images {
			p.TasksDone = p.Tasks
		}
		s.progress.End, s.seconds = true, time.Since(s.start).Seconds()
	})
}
