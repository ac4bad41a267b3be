package pipeline

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/facesieve/facesieve/schemas"
)

// Forecast is what a planned run would find in the store.
type Forecast struct {
	Reported bool `json:"reported"` // the report is there
	Parts    int  `json:"parts"`    // embed tasks
	Ready    int  `json:"ready"`    // of them, those whose vectors are there
	// Sure says that the run's numeric kind is known. Else Ready is true on a
	// machine of the kind of that earlier run which has most of the vectors.
	Sure bool `json:"sure"`
}

// Forecast looks for what a planned run would not have to do. It writes nothing.
func (c *Coordinator) Forecast(ctx context.Context, planned *Run) (*Forecast, error) {
	f := &Forecast{}
	t := tables{store: c.Store, run: planned.ID, spec: planned.Spec, plan: planned.Plan}
	var err error
	if f.Reported, err = exists(ctx, c.Store, schemas.ReportObject(planned.ID, schemas.SummaryFile)); err != nil {
		return nil, err
	}
	if err := t.loadKind(ctx); err != nil {
		return nil, err
	}
	if t.kind == "" {
		t.kind = planned.ready
	}
	kinds := []schemas.NumericKind{t.kind}
	if f.Sure = t.kind != ""; !f.Sure {
		if kinds, err = c.kinds(ctx); err != nil {
			return nil, err
		}
		kinds = append(kinds, "") // for vectors that were given
	}
	for _, k := range kinds {
		t.kind = k
		parts, ready, err := t.countReady(ctx)
		if err != nil {
			return nil, err
		}
		f.Parts, f.Ready = parts, max(f.Ready, ready)
	}
	return f, nil
}

// kinds are the numeric kinds of all runs in the store.
func (c *Coordinator) kinds(ctx context.Context) ([]schemas.NumericKind, error) {
	runs, err := listRuns(ctx, c.Store)
	if err != nil {
		return nil, err
	}
	var kinds []schemas.NumericKind
	for _, r := range runs {
		t := tables{store: c.Store, run: r.id}
		if err := t.loadKind(ctx); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if t.kind != "" && !slices.Contains(kinds, t.kind) {
			kinds = append(kinds, t.kind)
		}
	}
	return kinds, nil
}

// countReady counts the run's parts, and those that have vectors.
func (t *tables) countReady(ctx context.Context) (parts, ready int, err error) {
	for _, src := range t.plan.Sources {
		for _, sh := range src.Shards {
			for _, p := range sh.Parts {
				parts++
				if t.given(src.Name) {
					ready++
					continue
				}
				if t.kind == "" {
					continue
				}
				ok, err := exists(ctx, t.store, t.pointer(src.Name, p))
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
