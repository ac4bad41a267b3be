// Package nearduplicates is the stage that finds images of the set which show one
// photograph in other bytes, and images of references that stand in the set so. The
// coordinator does it.
package nearduplicates

import (
	"context"
	"io"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// Run writes the run's table of near-duplicates (schemas.NearDuplicatesObject), unless it is
// there. The stage neighbours has to be done. A shard that has no vectors is left out.
// done is called with the number of images that were just looked through.
func Run(ctx context.Context, shards *runstore.Shards, done func(images int)) error {
	run := shards.Run
	name := schemas.NearDuplicatesObject(run.ID)
	if ok, err := runstore.Exists(ctx, run.Store, name); err != nil || ok {
		return err
	}
	f := finder{shards: shards}
	if err := f.load(ctx, done); err != nil {
		return err
	}
	if err := f.proposeByHash(ctx); err != nil {
		return err
	}
	if err := f.proposeByCosine(ctx); err != nil {
		return err
	}
	if err := f.confirm(ctx); err != nil {
		return err
	}
	rows, err := f.rows(ctx)
	if err != nil {
		return err
	}
	return runstore.PutTable(ctx, run.Store, name, func(w io.Writer) error {
		return schemas.WriteNearDuplicates(w, rows)
	})
}
