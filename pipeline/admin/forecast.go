package admin

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// Forecast says how much of a planned run a store holds already.
type Forecast struct {
	Reported bool `json:"reported"` // the report is there
	Parts    int  `json:"parts"`    // embed tasks
	Ready    int  `json:"ready"`    // of them, those whose vectors are there
	// Sure says that the run's numeric kind is known. Else Ready holds for a machine
	// of the numeric kind of that earlier run which has most of the vectors.
	Sure bool `json:"sure"`
}

// Foresee returns the forecast of a planned run from what its store holds. It writes
// nothing.
func Foresee(ctx context.Context, st store.Store, planned *plan.Run) (*Forecast, error) {
	f := &Forecast{}
	run := planned.In(st)
	var err error
	if f.Reported, err = runstore.Exists(ctx, st,
		schemas.ReportObject(run.ID, schemas.SummaryFile)); err != nil {
		return nil, err
	}
	run.NumericKind = ""
	if err := run.LoadNumericKind(ctx); err != nil {
		return nil, err
	}
	if run.NumericKind == "" {
		run.NumericKind = planned.NumericKind
	}
	kinds := []schemas.NumericKind{run.NumericKind}
	if f.Sure = run.NumericKind != ""; !f.Sure {
		if kinds, err = numericKinds(ctx, st); err != nil {
			return nil, err
		}
		kinds = append(kinds, "") // for precomputed vectors
	}
	for _, k := range kinds {
		run.NumericKind = k
		parts, ready, err := countReady(ctx, run)
		if err != nil {
			return nil, err
		}
		f.Parts, f.Ready = parts, max(f.Ready, ready)
	}
	return f, nil
}

// numericKinds returns those of all runs in the store.
func numericKinds(ctx context.Context, st store.Store) ([]schemas.NumericKind, error) {
	runs, err := listRuns(ctx, st)
	if err != nil {
		return nil, err
	}
	var kinds []schemas.NumericKind
	for _, r := range runs {
		run := runstore.Run{Store: st, ID: r.id}
		if err := run.LoadNumericKind(ctx); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if run.NumericKind != "" && !slices.Contains(kinds, run.NumericKind) {
			kinds = append(kinds, run.NumericKind)
		}
	}
	return kinds, nil
}

// countReady counts the run's parts, and those that have vectors.
func countReady(ctx context.Context, t *runstore.Run) (parts, ready int, err error) {
	for _, src := range t.Plan.Sources {
		for _, sh := range src.Shards {
			for _, p := range sh.Parts {
				parts++
				if t.Precomputed(src.Name) {
					ready++
					continue
				}
				if t.NumericKind == "" {
					continue
				}
				ok, err := runstore.Exists(ctx, t.Store, t.Pointer(src.Name, p))
				if err != nil {
					return 0, 0, err
				}
				if ok {
					ready++
				}
			}
		}
	}
	return parts, ready, nil
}
