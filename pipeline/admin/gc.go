package admin

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// Young is the age below which Collect removes nothing.
const Young = 24 * time.Hour

// CollectOptions says what Collect keeps.
type CollectOptions struct {
	Keep   []schemas.RunID  // the runs to keep; one that the store lacks is an error
	All    bool             // keep every run that has a spec, whatever Keep says
	Live   []schemas.RunID  // runs with a live queue: kept too
	Delete bool             // else nothing is removed
	Now    func() time.Time // the clock; nil: time.Now
}

// The reasons why a run is kept; WhyUnkept is that of one which is not.
const (
	WhyNamed = "named"
	WhyAll   = "all are kept"
	WhyLive  = "has a live queue"
	WhyYoung = "written in the last 24 hours"
	// WhyForeign says that another version of this program made the run. Which
	// objects it uses can't be told, so none outside of runs/ is removed.
	WhyForeign = "made by another version"
	WhyUnkept  = ""
)

// CollectedRun is what Collect decided about a run.
type CollectedRun struct {
	ID   schemas.RunID `json:"run"`
	Kept string        `json:"kept,omitempty"` // why; empty: it goes
}

// Amount counts objects and their bytes.
type Amount struct {
	Objects int   `json:"objects"`
	Bytes   int64 `json:"bytes"`
}

// Collection is what Collect removed, or would remove.
type Collection struct {
	Runs    []CollectedRun    `json:"runs"` // by id
	Remove  Amount            `json:"remove"`
	Folders map[string]Amount `json:"folders"` // of Remove, by folder at the root: "vectors/"
	Keep    Amount            `json:"keep"`
	Young   Amount            `json:"young"` // of Keep: needed by no run, but young
	Deleted bool              `json:"deleted"`
}

// Collect removes what no kept run needs. It keeps everything that the kept runs
// refer to: their folders, their shards' rows and labels, the pointers to their
// vectors and the vectors, overrides, priors and models; every run with a live queue or
// an object younger than Young; and every object younger than Young. A run that
// another version of this program made is left alone, and with it everything
// outside of runs/. What stands outside of the store's own folders is never touched.
//
// Runs are listed again after the objects, so that one which begins meanwhile is
// kept; objects that a run is about to take up before it has written its plan are
// safe only by their age.
func Collect(ctx context.Context, st store.Store, o CollectOptions) (*Collection, error) {
	now := time.Now
	if o.Now != nil {
		now = o.Now
	}
	old := now().Add(-Young)
	objects, err := listAll(ctx, st)
	if err != nil {
		return nil, err
	}
	c := &Collection{Folders: map[string]Amount{}, Runs: []CollectedRun{}}
	isNeeded, err := c.mark(ctx, st, o, old)
	if err != nil {
		return nil, err
	}
	var remove []store.Info
	for _, info := range objects {
		switch {
		case isNeeded(info.Name):
			c.Keep.add(info)
		case info.Modified.After(old):
			c.Keep.add(info)
			c.Young.add(info)
		default:
			remove = append(remove, info)
		}
	}
	slices.SortStableFunc(remove, func(a, b store.Info) int { return rank(a.Name) - rank(b.Name) })
	for _, info := range remove {
		if o.Delete {
			if err := st.Delete(ctx, info.Name); err != nil {
				return nil, err
			}
		}
		c.Remove.add(info)
		folder, _, _ := strings.Cut(info.Name, "/")
		a := c.Folders[folder+"/"]
		a.add(info)
		c.Folders[folder+"/"] = a
	}
	c.Deleted = o.Delete
	return c, nil
}

func (a *Amount) add(info store.Info) {
	a.Objects++
	a.Bytes += info.Size
}

// rank orders removals: pointers before the vectors they point to, so that
// nothing that is left refers to what is gone; a report's summary, which says
// that the rest is there, before the rest; a run's spec and plan last.
func rank(name string) int {
	switch {
	case strings.HasSuffix(name, "/"+schemas.SummaryFile), strings.HasPrefix(name, schemas.EmbedFolder):
		return 0
	case strings.HasSuffix(name, "/spec.json"), strings.HasSuffix(name, "/plan.json"):
		return 2
	}
	return 1
}

// listAll lists the store's own folders.
func listAll(ctx context.Context, st store.Store) ([]store.Info, error) {
	var all []store.Info
	for _, folder := range []string{schemas.EmbedFolder, schemas.VectorsFolder, schemas.LooksFolder,
		schemas.DoubtFolder, schemas.RowsFolder, schemas.LabelsFolder, schemas.OverridesFolder, schemas.PriorsFolder, schemas.ModelsFolder, schemas.RunsFolder} {
		for info, err := range st.List(ctx, folder) {
			if err != nil {
				return nil, err
			}
			all = append(all, info)
		}
	}
	return all, nil
}

// mark decides which runs are kept and gives what tells an object they need.
func (c *Collection) mark(
	ctx context.Context, st store.Store, o CollectOptions, old time.Time,
) (func(string) bool, error) {
	runs, err := listRuns(ctx, st)
	if err != nil {
		return nil, err
	}
	for _, id := range o.Keep {
		if !slices.ContainsFunc(runs, func(r storedRun) bool { return r.id == id }) {
			return nil, origin.Errorf("pipeline", "%w %s in %s: %w", plan.ErrNoRun, id, st, fs.ErrNotExist)
		}
	}
	need := &needed{names: map[string]bool{}, folders: map[string]bool{}}
	for _, r := range runs {
		why, err := need.run(ctx, st, r, o.why(r, old))
		if err != nil {
			return nil, err
		}
		c.Runs = append(c.Runs, CollectedRun{ID: r.id, Kept: why})
	}
	return need.object, nil
}

// why says why a run is kept.
func (o *CollectOptions) why(r storedRun, old time.Time) string {
	switch {
	case slices.Contains(o.Keep, r.id):
		return WhyNamed
	case slices.Contains(o.Live, r.id):
		return WhyLive
	case r.written.After(old):
		return WhyYoung
	case o.All:
		return WhyAll
	}
	return WhyUnkept
}
