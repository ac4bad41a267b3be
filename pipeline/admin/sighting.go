package admin

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// sighting is what the names and the times of a run's objects tell at one moment.
type sighting struct {
	run      schemas.RunID
	written  time.Time
	ended    bool                 // somebody cancelled it
	groups   int                  // of lists
	done     map[string]time.Time // by task
	failed   map[string]string    // the record's object, by task
	attempts map[string]attempts  // by task
	timings  []store.Info
	at       map[string]time.Time // of failures and attempts, by object
}

// attempts are those of a task that failed.
type attempts struct {
	n    int
	last string // object
}

// see lists the run's objects, and the pointers to its vectors.
func (w *Watch) see(ctx context.Context) (*sighting, error) {
	s := &sighting{run: w.Run, done: map[string]time.Time{}, failed: map[string]string{},
		attempts: map[string]attempts{}, at: map[string]time.Time{}}
	for info, err := range w.Store.List(ctx, schemas.RunFolder(w.Run)) {
		if err != nil {
			return nil, err
		}
		s.see(info)
	}
	pointers, err := w.seePointers(ctx, s)
	if err != nil {
		return nil, err
	}
	for _, t := range w.tasks(schemas.StageEmbed, s) {
		src, err := w.run.Source(t.Source)
		if err != nil || w.run.NumericKind == "" && !w.run.Precomputed(t.Source) {
			continue
		}
		if at, there := pointers[w.run.Pointer(t.Source, src.Shards[t.Shard].Parts[t.Part])]; there {
			s.done[t.Name()] = at
		}
	}
	return s, nil
}

// seePointers lists the pointers to vectors, of all runs, and when they were written.
// After the aggregate stage the run's vectors stand: the list is that of the last look.
func (w *Watch) seePointers(ctx context.Context, s *sighting) (map[string]time.Time, error) {
	_, stand := s.done[schemas.Task{Run: w.Run, Stage: schemas.StageAggregate}.Name()]
	if stand && w.pointers != nil {
		return w.pointers, nil
	}
	pointers := map[string]time.Time{}
	for info, err := range w.Store.List(ctx, schemas.EmbedFolder) {
		if err != nil {
			return nil, err
		}
		pointers[info.Name] = info.Modified
	}
	if w.pointers = nil; stand {
		w.pointers = pointers
	}
	return pointers, nil
}

// see notes what one object tells.
func (s *sighting) see(info store.Info) {
	s.ended = s.ended || info.Name == schemas.CancelledObject(s.run)
	if info.Modified.After(s.written) {
		s.written = info.Modified
	}
	task := schemas.Task{Run: s.run}
	folder, rest, _ := strings.Cut(strings.TrimPrefix(info.Name, schemas.RunFolder(s.run)), "/")
	switch {
	case info.Name == schemas.AggregateObject(s.run):
		task.Stage = schemas.StageAggregate
	case info.Name == schemas.NearDuplicatesObject(s.run):
		task.Stage = schemas.StageNearDuplicates
	case info.Name == schemas.CalibrationObject(s.run):
		task.Stage = schemas.StageCalibrate
	case info.Name == schemas.ReportObject(s.run, schemas.SummaryFile):
		task.Stage = schemas.StageReport
	case folder == "failures":
		s.failed[strings.TrimSuffix(rest, ".json")] = info.Name
		s.at[info.Name] = info.Modified
	case folder == "attempts":
		name, _, _ := strings.Cut(rest, "/")
		a := s.attempts[name]
		s.attempts[name] = attempts{a.n + 1, info.Name} // the list is in the order of their numbers
		s.at[info.Name] = info.Modified
	case folder == "timings":
		s.timings = append(s.timings, info)
	case folder == "second-look", folder == "doubt":
		task = s.ofSource(info.Name, rest)
	case folder == "entries":
		s.group(rest)
	case folder == "neighbours":
		if g := s.group(rest); g >= 0 && strings.HasSuffix(rest, ".json") {
			task.Stage, task.Shard = schemas.StageNeighbours, g
		}
	default:
		task = s.ofShard(info.Name)
	}
	if task.Stage != "" {
		s.done[task.Name()] = info.Modified
	}
}

// group notes that there is a group of lists, whose number a name begins with, and
// returns it; -1: there is none in it.
func (s *sighting) group(name string) int {
	digits, _, _ := strings.Cut(strings.TrimSuffix(name, ".json"), "/")
	g, err := strconv.Atoi(digits)
	if err != nil {
		return -1
	}
	s.groups = max(s.groups, g+1)
	return g
}

// ofSource returns the task of a source's shard that has made an object, whose name ends in
// the source and the shard; one without a stage where none has.
func (s *sighting) ofSource(object, name string) schemas.Task {
	source, name, _ := strings.Cut(name, "/")
	shard, err := strconv.Atoi(strings.TrimSuffix(name, ".arrow"))
	t := schemas.Task{Run: s.run, Shard: shard}
	if source != t.Source.Token() {
		t.Source = schemas.Source(strings.TrimPrefix(source, "ref-"))
	}
	for _, t.Stage = range []schemas.Stage{schemas.StageDoubtful, schemas.StageSecondLook} {
		if err == nil && t.Output() == object {
			return t
		}
	}
	return schemas.Task{}
}

// ofShard returns the task of a shard of the set that has made an object; one without a
// stage where none has.
func (s *sighting) ofShard(object string) schemas.Task {
	digits := strings.TrimSuffix(object, ".arrow")
	digits = digits[strings.LastIndexAny(digits, "/-")+1:]
	shard, err := strconv.Atoi(digits)
	if err != nil {
		return schemas.Task{}
	}
	for _, stage := range []schemas.Stage{schemas.StageMatch, schemas.StageNearest, schemas.StageJudge} {
		if t := (schemas.Task{Run: s.run, Stage: stage, Shard: shard}); t.Output() == object {
			return t
		}
	}
	return schemas.Task{}
}

// lost says whether a task's shard was given up at an earlier stage, so that there is no
// such task.
func (s *sighting) lost(t schemas.Task) bool {
	for name := range s.failed {
		f, err := schemas.ParseTaskName(s.run, name)
		if err != nil || f.Source != t.Source || f.Shard != t.Shard || f.Stage == t.Stage {
			continue
		}
		switch f.Stage {
		case schemas.StageEmbed, schemas.StageDoubtful, schemas.StageSecondLook, schemas.StageMatch:
			return true
		case schemas.StageNearest:
			return t.Stage == schemas.StageJudge
		}
	}
	return false
}

// hopeless says whether a task was given up without which the run cannot go on.
func (s *sighting) hopeless() bool {
	for name := range s.failed {
		f, err := schemas.ParseTaskName(s.run, name)
		if err == nil && (f.Stage == schemas.StageNeighbours || f.Stage == schemas.StageNumericKind) {
			return true
		}
	}
	return false
}

// workers tells of the workers by what their newest tasks cost.
func (w *Watch) workers(ctx context.Context, l *Look, seen *sighting) error {
	newest := slices.Clone(seen.timings)
	slices.SortFunc(newest, func(a, b store.Info) int { return b.Modified.Compare(a.Modified) })
	newest = newest[:min(len(newest), mostTimings)]
	names := make([]string, len(newest))
	for i, info := range newest {
		names[i] = info.Name
	}
	if w.timings == nil {
		w.timings = map[string]schemas.TaskTiming{}
	}
	if err := read(ctx, w.Store, slices.Clone(names), w.timings); err != nil {
		return err
	}
	all, finished := map[string]*WorkerLook{}, map[string][]completion{}
	for i, name := range names {
		t, there := w.timings[name]
		task, err := schemas.ParseTaskName(w.Run, t.Task)
		if !there || err != nil {
			continue
		}
		one := all[t.Worker]
		if one == nil { // its newest task
			one = &WorkerLook{Worker: t.Worker, Host: t.Host, Device: t.Device, Seen: newest[i].Modified,
				Tasks: []TaskLook{{Task: t.Task, Seconds: t.Seconds, Over: true}}}
			all[t.Worker] = one
		}
		if one.NumericKind == "" {
			one.NumericKind = t.NumericKind
		}
		one.Done++
		finished[t.Worker] = append(finished[t.Worker], completion{newest[i].Modified, w.images(task)})
	}
	for name, one := range all {
		one.Rate = rateOf(finished[name], l.At)
		l.Workers = append(l.Workers, *one)
	}
	slices.SortFunc(l.Workers, func(a, b WorkerLook) int { return strings.Compare(a.Worker, b.Worker) })
	return nil
}
