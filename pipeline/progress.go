package pipeline

import (
	"sort"
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

// timing adds what this start cost to a file of earlier starts.
func (p *progress) timing(file *schemas.Timing, tasks []schemas.TaskTiming, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if file.Starts == 0 {
		file.Started = p.start.UTC().Format(time.RFC3339)
	}
	file.Starts++
	file.Finished = now.UTC().Format(time.RFC3339)
	file.Seconds += now.Sub(p.start).Seconds()
	if file.Stages == nil {
		file.Stages = map[schemas.Stage]*schemas.StageTiming{}
	}
	for stage, c := range p.stage {
		st := file.Stages[stage]
		if st == nil {
			st = &schemas.StageTiming{}
			file.Stages[stage] = st
		}
		st.Tasks, st.Reused, st.Images, st.Run = c.Tasks, c.TasksReused, c.Images, 0
		st.Seconds += c.seconds
		st.Cost = schemas.Cost{}
	}
	file.Tasks = tasks
	workers := map[string]*schemas.WorkerTiming{}
	for _, t := range tasks {
		parsed, err := schemas.ParseTaskName("", t.Task)
		if err != nil {
			continue
		}
		w := workers[t.Worker]
		if w == nil {
			w = &schemas.WorkerTiming{ID: t.Worker, Host: t.Host, Device: t.Device, Kind: t.Kind, Tasks: map[schemas.Stage]int{}}
			workers[t.Worker] = w
		}
		w.Tasks[parsed.Stage]++
		w.Images += t.Images
		w.Seconds += t.Seconds
		if st := file.Stages[parsed.Stage]; st != nil {
			if !t.Reused {
				st.Run++
			}
			st.Add(t.Cost)
		}
	}
	file.Workers = file.Workers[:0]
	for _, w := range workers {
		file.Workers = append(file.Workers, *w)
	}
	sort.Slice(file.Workers, func(i, j int) bool { return file.Workers[i].ID < file.Workers[j].ID })
}
