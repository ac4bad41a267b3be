package admin

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// Look is how a run stands at one moment.
type Look struct {
	Run        schemas.RunID `json:"run"`
	At         time.Time     `json:"at"`
	State      State         `json:"state"`
	Images     int           `json:"images"` // of the set
	Identities int           `json:"identities"`
	References int           `json:"reference_images,omitempty"` // images of all references
	Stages     []StageLook   `json:"stages"`
	// Stage is the one at work; empty where the run has ended, or has no plan yet.
	Stage schemas.Stage `json:"stage,omitempty"`
	// Rate is how many images a second the stage brings forward, over the last minute or
	// the last few tasks; 0 where it cannot be said yet.
	Rate    float64       `json:"rate"`
	Left    float64       `json:"seconds_left,omitempty"` // of the stage, at this rate
	Workers []WorkerLook  `json:"workers"`
	Trouble []TaskTrouble `json:"trouble,omitempty"` // the newest first, at most some
	GivenUp int           `json:"given_up"`          // tasks
	Written time.Time     `json:"written"`           // when the run's newest object was
	Report  string        `json:"report,omitempty"`
	Next    string        `json:"next,omitempty"` // what to do, where something is to be done
}

// StageLook is how far one stage is. A stage without tasks of its own, which the
// coordinator does, has one.
type StageLook struct {
	Stage      schemas.Stage `json:"stage"`
	Tasks      int           `json:"tasks"`
	Done       int           `json:"done"`
	Failed     int           `json:"failed,omitempty"` // given up
	Images     int           `json:"images"`
	ImagesDone int           `json:"images_done"` // of the done tasks
}

// WorkerLook is what is known of one worker.
type WorkerLook struct {
	Worker      string              `json:"worker"`
	Host        string              `json:"host"`
	Device      string              `json:"device,omitempty"`
	Engine      string              `json:"engine,omitempty"`
	NumericKind schemas.NumericKind `json:"numeric_kind,omitempty"`
	Tasks       []TaskLook          `json:"tasks"` // at work or, where only the store tells, the last one
	Rate        float64             `json:"rate"`  // images a second
	Done        int                 `json:"done"`  // tasks
	Failed      int                 `json:"failed,omitempty"`
	Seen        time.Time           `json:"seen"` // its last sign
}

// TaskLook is a task of a worker.
type TaskLook struct {
	Task    string  `json:"task"`
	Attempt int     `json:"attempt,omitempty"`
	Seconds float64 `json:"seconds"` // that it takes so far or, where it is over, took
	Over    bool    `json:"over,omitempty"`
}

// Watch looks at one run again and again. Set its fields, then call Look, not
// concurrently.
type Watch struct {
	Store store.Store
	Run   schemas.RunID
	// Timings has the workers told by what their tasks cost, which is an object a task:
	// for who has no better source.
	Timings bool
	// Clock tells the time; nil: time.Now.
	Clock func() time.Time

	run      *runstore.Run
	pointers map[string]time.Time          // to vectors; nil: they do not all stand yet
	timings  map[string]schemas.TaskTiming // by object
	records  map[string]schemas.Attempt    // by object
}

const (
	mostTimings = 500         // task timings that are read, the newest
	reads       = 16          // objects read at a time
	rateSpan    = time.Minute // over which a rate is taken
	rateTasks   = 3           // at least
	staleRate   = time.Hour   // what was done before says nothing of now
)

// Look looks at the run's objects. Only an error of the store is one.
func (w *Watch) Look(ctx context.Context) (*Look, error) {
	now := time.Now
	if w.Clock != nil {
		now = w.Clock
	}
	l := &Look{Run: w.Run, At: now(), State: StateBroken, Stages: []StageLook{}, Workers: []WorkerLook{}}
	if ok, err := w.load(ctx); err != nil || !ok {
		return l, err
	}
	seen, err := w.see(ctx)
	if err != nil {
		return nil, err
	}
	w.count(l, seen)
	if err := w.trouble(ctx, l, seen); err != nil {
		return nil, err
	}
	if w.Timings {
		if err := w.workers(ctx, l, seen); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// load reads the run's Spec and Plan, once; false: they are not there.
func (w *Watch) load(ctx context.Context) (bool, error) {
	if w.run == nil {
		r, err := runstore.Load(ctx, w.Store, w.Run)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, schemas.ErrFormat) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		w.run = r
	}
	if w.run.NumericKind == "" {
		return true, w.run.LoadNumericKind(ctx)
	}
	return true, nil
}

// count fills in the stages and what follows from them.
func (w *Watch) count(l *Look, seen *sighting) {
	set := w.run.Set()
	l.Images, l.Identities, l.References = set.Images, set.Identities, w.run.Images()-set.Images
	l.Written, l.State = seen.written, StatePlanned
	for _, stage := range w.watchedStages() {
		s, done := w.stage(stage, seen)
		l.Stages = append(l.Stages, s)
		l.GivenUp += s.Failed
		if l.Stage == "" && s.Done+s.Failed < s.Tasks {
			l.Stage = stage
			l.Rate = rateOf(done, l.At)
			if l.Rate > 0 {
				l.Left = float64(s.Images-s.ImagesDone) / l.Rate
			}
		}
		if stage == schemas.StageEmbed && s.Done > 0 {
			l.State = StateEmbedded
		}
	}
	reported := !seen.done[schemas.Task{Run: w.Run, Stage: schemas.StageReport}.Name()].IsZero()
	if reported {
		l.Report = ReportURL(w.Store, w.Run)
	}
	switch {
	case reported && l.GivenUp == 0:
		l.State = StateDone
	case reported || seen.hopeless() || l.Stages[0].Failed == l.Stages[0].Tasks:
		l.State = StateFailed
	case seen.ended:
		l.State = StateCancelled
	default:
		return
	}
	l.Stage, l.Rate, l.Left = "", 0, 0
}

// Ended says whether the run has ended: with its report, because without a task that was
// given up it cannot go on, or because it was cancelled.
func (l *Look) Ended() bool {
	return l.State == StateDone || l.State == StateFailed || l.State == StateCancelled
}

// read reads objects that were not read before, several at a time.
func read[T any](ctx context.Context, st store.Store, names []string, known map[string]T) error {
	names = slices.DeleteFunc(names, func(name string) bool { _, there := known[name]; return there })
	values := make([]*T, len(names))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(reads)
	for i, name := range names {
		g.Go(func() error {
			var v T
			err := runstore.GetJSON(gctx, st, name, &v)
			if errors.Is(err, fs.ErrNotExist) || errors.Is(err, schemas.ErrFormat) {
				return nil // removed since it was listed, or not ours
			}
			values[i] = &v
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, name := range names {
		if values[i] != nil {
			known[name] = *values[i]
		}
	}
	return nil
}
