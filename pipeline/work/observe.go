package work

import (
	"time"

	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/schemas"
)

// Outcome says how a worker's attempt at a task ended.
type Outcome string

// The outcomes of an attempt.
const (
	Done     Outcome = "done"     // its output stands in the store
	Failed   Outcome = "failed"   // it is tried again
	GivenUp  Outcome = "given-up" // it is not tried again
	Released Outcome = "released" // the worker stopped, and gave it back
	Lost     Outcome = "lost"     // another worker may have it
)

// Outcomes returns the outcomes.
func Outcomes() []Outcome { return []Outcome{Done, Failed, GivenUp, Released, Lost} }

// Observer is told what a worker does, for whoever measures it. Its methods may be
// called concurrently, and return at once.
type Observer interface {
	// Leased says that a task was taken: again says that it was delivered before, and
	// afterDeath that the worker which had it gave no word.
	Leased(stage schemas.Stage, again, afterDeath bool)

	// Ended says how an attempt at a leased task ended, and how long it took.
	Ended(stage schemas.Stage, outcome Outcome, took time.Duration)

	// Embedded says that the vectors of so many images stand in the store, how many of
	// them have each fault, and how many bytes of images were read for them.
	Embedded(images int, faults map[schemas.Fault]int, read int64)
}

// nobody is the Observer where none is given.
type nobody struct{}

func (nobody) Leased(schemas.Stage, bool, bool)            {}
func (nobody) Ended(schemas.Stage, Outcome, time.Duration) {}
func (nobody) Embedded(int, map[schemas.Fault]int, int64)  {}

// observer returns the worker's Observer.
func (w *Worker) observer() Observer {
	if w.Observer == nil {
		return nobody{}
	}
	return w.Observer
}

// attempt is one leased task at work.
type attempt struct {
	lease *queue.Lease
	start time.Time
}

// begin notes that a task is at work.
func (s *session) begin(l *queue.Lease) *attempt {
	a := &attempt{lease: l, start: time.Now()}
	s.worker.observer().Leased(l.Task().Stage, l.Delivery() > 1, l.AfterDeath())
	s.stateMu.Lock()
	defer s.stateMu.Unlock()
	s.working = append(s.working, a)
	return a
}

// end notes how an attempt ended.
func (s *session) end(a *attempt, outcome Outcome) {
	t := a.lease.Task()
	s.worker.observer().Ended(t.Stage, outcome, time.Since(a.start))
	if outcome == Done && t.Stage.Pool() != schemas.PoolImages { // those of embed are counted one by one
		s.images.Add(int64(s.taskImages(t)))
	}
	s.stateMu.Lock()
	defer s.stateMu.Unlock()
	for i, w := range s.working {
		if w == a {
			s.working = append(s.working[:i], s.working[i+1:]...)
			break
		}
	}
	switch outcome {
	case Done:
		s.done++
	case Failed, GivenUp:
		s.failed++
	}
}

// taskImages returns the images of a task, 0 where its shard does not tell.
func (s *session) taskImages(t schemas.Task) int {
	if t.Stage == schemas.StageNeighbours || t.Stage == schemas.StageNumericKind {
		return 0
	}
	src, err := s.run.Source(t.Source)
	if err != nil || t.Shard >= len(src.Shards) {
		return 0
	}
	return src.Shards[t.Shard].Images
}
