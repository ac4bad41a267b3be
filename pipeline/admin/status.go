// Package admin looks after a store: it tells what runs there are and how far they
// are, what a planned run would find, and removes what no kept run needs.
package admin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// State is how far a run is, as the objects in the store say.
type State string

// The states of a run.
const (
	StateBroken   State = "broken"   // its spec or plan is missing or can't be read
	StateForeign  State = "foreign"  // made by another version of this program
	StatePlanned  State = "planned"  // no vectors yet
	StateEmbedded State = "embedded" // some or all vectors, no report
	StateDone     State = "done"     // the report is complete
	StateFailed   State = "failed"   // the report is complete but for tasks given up

	StateCancelled State = "cancelled" // somebody ended it for good before its report
)

// StageStatus counts the tasks of one stage.
type StageStatus struct {
	Stage  schemas.Stage `json:"stage"`
	Tasks  int           `json:"tasks"`
	Done   int           `json:"done"`
	Failed int           `json:"failed,omitempty"`
}

// RunStatus describes a run as its store tells: its sources, and how far it is.
type RunStatus struct {
	ID         schemas.RunID            `json:"run"`
	State      State                    `json:"state"`
	Images     int                      `json:"images"` // of the set
	Identities int                      `json:"identities"`
	References int                      `json:"reference_images,omitempty"` // images of all references
	Sources    []schemas.SourceLocation `json:"sources"`                    // the set first
	Stages     []StageStatus            `json:"stages"`
	Written    time.Time                `json:"written"` // when its newest object was
	Report     string                   `json:"report,omitempty"`
	Judge      schemas.JudgeSpec        `json:"judge"`
	Replicas   int                      `json:"queue_replicas,omitempty"` // servers that keep its queue, where a server was asked
}

// Status returns the status of every run in a store, the one written last first. It
// reads the names of objects and each run's spec and plan, and nothing that grows with
// the images. A run whose spec or plan cannot be read is StateBroken, not an error.
func Status(ctx context.Context, st store.Store) ([]RunStatus, error) {
	runs, err := listRuns(ctx, st)
	if err != nil {
		return nil, err
	}
	pointers := map[string]bool{}
	for info, err := range st.List(ctx, schemas.EmbedFolder) {
		if err != nil {
			return nil, err
		}
		pointers[info.Name] = true
	}
	out := make([]RunStatus, 0, len(runs))
	for _, r := range runs {
		s, err := r.status(ctx, st, pointers)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b RunStatus) int { return b.Written.Compare(a.Written) })
	return out, nil
}

// Reported returns the runs of a store whose report is complete, the one reported
// last first.
func Reported(ctx context.Context, st store.Store) ([]schemas.RunID, error) {
	runs, err := listRuns(ctx, st)
	if err != nil {
		return nil, err
	}
	runs = slices.DeleteFunc(runs, func(r storedRun) bool { return r.reported.IsZero() })
	slices.SortStableFunc(runs, func(a, b storedRun) int { return b.reported.Compare(a.reported) })
	ids := make([]schemas.RunID, len(runs))
	for i, r := range runs {
		ids[i] = r.id
	}
	return ids, nil
}

// storedRun is a run as the names of its objects tell.
type storedRun struct {
	id         schemas.RunID
	written    time.Time // newest object
	reported   time.Time // its summary; zero: none
	aggregated bool
	cancelled  bool
	groups     int // groups of lists that objects are seen of
	done       map[schemas.Stage]int
	failed     map[schemas.Stage]int
}

// listRuns lists the runs folder once.
func listRuns(ctx context.Context, st store.Store) ([]storedRun, error) {
	var runs []storedRun
	for info, err := range st.List(ctx, schemas.RunsFolder) {
		if err != nil {
			return nil, err
		}
		name, _, ok := strings.Cut(strings.TrimPrefix(info.Name, schemas.RunsFolder), "/")
		id := schemas.RunID(name)
		if !ok || id.Validate() != nil {
			continue // not ours
		}
		if n := len(runs); n == 0 || runs[n-1].id != id {
			runs = append(runs, storedRun{id: id, done: map[schemas.Stage]int{}, failed: map[schemas.Stage]int{}})
		}
		runs[len(runs)-1].see(info)
	}
	return runs, nil
}

// see notes what the name and the time of one object of the run tell.
func (r *storedRun) see(info store.Info) {
	if info.Modified.After(r.written) {
		r.written = info.Modified
	}
	in := func(folder string) bool { return strings.HasPrefix(info.Name, schemas.RunFolder(r.id)+folder) }
	switch {
	case info.Name == schemas.ReportObject(r.id, schemas.SummaryFile):
		r.reported = info.Modified
	case info.Name == schemas.CancelledObject(r.id):
		r.cancelled = true
	case info.Name == schemas.DuplicatesObject(r.id):
		r.aggregated = true
	case strings.HasPrefix(info.Name, schemas.DoubtRunFolder(r.id)) && strings.Count(info.Name, "/") == 4:
		r.done[schemas.StageDoubtful]++
	case in("second-look/"):
		r.done[schemas.StageSecondLook]++
	case in("match/"):
		r.done[schemas.StageMatch]++
	case strings.HasPrefix(info.Name, schemas.NearestFolder(r.id)):
		r.done[schemas.StageNearest]++
	case strings.HasPrefix(info.Name, schemas.EntriesFolder(r.id)):
		r.seeGroup(strings.TrimPrefix(info.Name, schemas.EntriesFolder(r.id)))
	case strings.HasPrefix(info.Name, schemas.NeighboursFolder(r.id)):
		r.seeGroup(strings.TrimPrefix(info.Name, schemas.NeighboursFolder(r.id)))
		if strings.HasSuffix(info.Name, ".json") {
			r.done[schemas.StageNeighbours]++
		}
	case in("report/" + schemas.ImagesFolder):
		r.done[schemas.StageJudge]++
	case strings.HasPrefix(info.Name, schemas.FailuresFolder(r.id)):
		task := strings.TrimSuffix(strings.TrimPrefix(info.Name, schemas.FailuresFolder(r.id)), ".json")
		if t, err := schemas.ParseTaskName(r.id, task); err == nil {
			r.failed[t.Stage]++
		}
	}
}

// seeGroup notes that there is a group of lists, whose number a name begins with.
func (r *storedRun) seeGroup(name string) {
	digits, _, _ := strings.Cut(strings.TrimSuffix(name, ".json"), "/")
	if g, err := strconv.Atoi(digits); err == nil {
		r.groups = max(r.groups, g+1)
	}
}

// status reads the run's spec and plan. Only an error of the store is one.
func (r *storedRun) status(ctx context.Context, st store.Store, pointers map[string]bool) (RunStatus, error) {
	s := RunStatus{ID: r.id, State: StateBroken, Written: r.written}
	t, err := runstore.Load(ctx, st, r.id)
	switch {
	case errors.Is(err, schemas.ErrVersion):
		s.State = StateForeign
		return s, nil
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, schemas.ErrFormat):
		return s, nil
	case err != nil:
		return s, err
	}
	var locations schemas.SourceFile
	err = runstore.GetJSON(ctx, st, schemas.SourceObject(r.id), &locations)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, schemas.ErrFormat) {
		return s, err
	}
	s.Sources, s.Judge, s.State = locations.Sources, t.Spec.Judge, StatePlanned
	for _, src := range t.Plan.Sources {
		if src.Name == schemas.Set {
			s.Images, s.Identities = src.Images, src.Identities
		} else {
			s.References += src.Images
		}
	}
	shards := len(t.Plan.Sources[0].Shards)
	embed := r.embedStatus(t, pointers)
	s.Stages = []StageStatus{embed}
	if n := len(t.LookTasks(schemas.StageSecondLook)); n > 0 {
		s.Stages = append(s.Stages, StageStatus{Stage: schemas.StageDoubtful, Tasks: n},
			StageStatus{Stage: schemas.StageSecondLook, Tasks: n})
	}
	s.Stages = append(s.Stages, StageStatus{Stage: schemas.StageMatch, Tasks: shards},
		StageStatus{Stage: schemas.StageNearest, Tasks: shards},
		StageStatus{Stage: schemas.StageNeighbours, Tasks: max(1, r.groups)}, // of a run that is not so far: one at least
		StageStatus{Stage: schemas.StageJudge, Tasks: shards})
	for i := range s.Stages[1:] {
		stage := &s.Stages[1+i]
		stage.Done, stage.Failed = r.done[stage.Stage], r.failed[stage.Stage]
	}
	if embed.Done > 0 {
		s.State = StateEmbedded
	}
	if r.cancelled {
		s.State = StateCancelled
	}
	if !r.reported.IsZero() {
		s.State, s.Report = StateDone, ReportURL(st, r.id)
		if len(r.failed) > 0 {
			s.State = StateFailed
		}
	}
	return s, nil
}

// embedStatus counts the parts whose vectors are there.
func (r *storedRun) embedStatus(t *runstore.Run, pointers map[string]bool) StageStatus {
	s := StageStatus{Stage: schemas.StageEmbed, Failed: r.failed[schemas.StageEmbed]}
	for _, src := range t.Plan.Sources {
		for _, sh := range src.Shards {
			for _, p := range sh.Parts {
				s.Tasks++
				if (t.NumericKind != "" || t.Precomputed(src.Name)) && pointers[t.Pointer(src.Name, p)] {
					s.Done++
				}
			}
		}
	}
	return s
}

// ReportURL returns the location of a run's report: a folder's path or the URL of a
// prefix of a bucket, without a slash at the end. The report need not be there.
func ReportURL(st store.Store, run schemas.RunID) string {
	return fmt.Sprintf("%s/%s", strings.TrimSuffix(st.String(), "/"),
		strings.TrimSuffix(schemas.ReportFolder(run), "/"))
}
