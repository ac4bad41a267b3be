// Package nearest is the stage that compares every image of the set with all
// identities, and enters it in the list of the nearest one, whatever its label. A task
// for each shard does it.
package nearest

import (
	"context"
	"io"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// Shard compares the images of a shard, counted from 0, with the identities of the set
// and with the images of their own label, and writes what each is near to
// (schemas.NearestObject), after what the groups of lists need of them
// (schemas.EntriesObject, one a group). What is written already stands.
func Shard(ctx context.Context, shards *runstore.Shards, set *runstore.Identities, shard int) error {
	run, name := shards.Run, schemas.NearestObject(shards.Run.ID, shard)
	if ok, err := runstore.Exists(ctx, run.Store, name); err != nil || ok {
		return err
	}
	v, err := shards.Get(ctx, runstore.ShardKey{Source: schemas.Set, Shard: shard})
	if err != nil {
		return err
	}
	c := newComparison(set, v)
	c.compareCentroids()
	if err := c.compareOwn(ctx, shards, shard); err != nil {
		return err
	}
	groups := run.Groups(set)
	for g, rows := range c.entries(groups) {
		err := runstore.PutTable(ctx, run.Store, schemas.EntriesObject(run.ID, g, shard), func(w io.Writer) error {
			return schemas.WriteEntries(w, max(1, set.Trimmed.Cols), rows)
		})
		if err != nil {
			return err
		}
	}
	return runstore.PutTable(ctx, run.Store, name, func(w io.Writer) error {
		return schemas.WriteNearest(w, c.rows)
	})
}
