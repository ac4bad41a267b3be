package admin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// ErrReported says that a run has its report: there is nothing to cancel.
var ErrReported = errors.New("the run has its report")

// Cancel ends a run for good: it writes that into the store, for the run's coordinator and
// its workers to see. Of a run that is cancelled already it returns the earlier
// cancellation. A run that the store lacks is plan.ErrNoRun, one with a complete report
// ErrReported.
func Cancel(
	ctx context.Context, st store.Store, id schemas.RunID, c schemas.Cancellation,
) (*schemas.Cancellation, error) {
	run := &runstore.Run{Store: st, ID: id}
	if ok, err := runstore.Exists(ctx, st, schemas.SpecObject(id)); err != nil {
		return nil, err
	} else if !ok {
		return nil, origin.Errorf("pipeline", "%w %s in %s: %w", plan.ErrNoRun, id, st, fs.ErrNotExist)
	}
	s, err := run.Summary(ctx)
	switch {
	case err == nil && len(s.Failures) == 0:
		return nil, fmt.Errorf("%w: %s", ErrReported, ReportURL(st, id))
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	if err := run.PutJSON(ctx, schemas.CancelledObject(id), c); err != nil {
		return nil, err
	}
	return run.Cancelled(ctx)
}
