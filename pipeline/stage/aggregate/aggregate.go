// Package aggregate is the stage that brings all vectors of a run to its first
// tables: images that are equal in every byte, vectors moved by a person's
// relabelling, and two centroids for every identity. The coordinator does it.
package aggregate

import (
	"context"
	"io"
	"sort"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/matching"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// Run writes the run's table of exact copies, the table of relabelled vectors and
// the aggregate table, unless they are there. A shard that has no vectors is left
// out. done is called with the number of images of identities that were just finished.
func Run(ctx context.Context, shards *runstore.Shards, done func(images int)) error {
	run := shards.Run
	if ok, err := runstore.Exists(ctx, run.Store, schemas.AggregateObject(run.ID)); err != nil || ok {
		return err
	}
	if err := copies(ctx, shards); err != nil {
		return err
	}
	if err := relabelled(ctx, shards); err != nil {
		return err
	}
	var all []schemas.Centroid
	for i := range run.Plan.Sources {
		rows, err := centroids(ctx, shards, &run.Plan.Sources[i], done)
		if err != nil {
			return err
		}
		all = append(all, rows...)
	}
	return runstore.PutTable(ctx, run.Store, schemas.AggregateObject(run.ID), func(w io.Writer) error {
		return schemas.WriteCentroids(w, max(1, run.Spec.Embed.Contract.Dim), all)
	})
}

// centroids returns the centroids of a source's identities, in their order.
func centroids(
	ctx context.Context, shards *runstore.Shards, src *schemas.PlanSource, done func(images int),
) ([]schemas.Centroid, error) {
	labels, err := shards.Run.Labels(ctx, src)
	if err != nil {
		return nil, err
	}
	out := make([]schemas.Centroid, len(labels))
	for i, id := range labels {
		out[i] = schemas.Centroid{Source: src.Name, Label: id.Label, Name: id.Name, Images: int32(id.Images)}
	}
	first := runstore.FirstIdentities(src)
	err = shards.Each(ctx, src, func(ctx context.Context, sh schemas.Shard) error {
		v, err := shards.Get(ctx, runstore.ShardKey{Source: src.Name, Shard: sh.Index})
		if err != nil {
			return err
		}
		for k := range v.Identities {
			summarise(&v.Identities[k], &out[first[sh.Index]+k])
		}
		done(sh.Images)
		return nil
	})
	return out, err
}

// summarise fills in what an identity's members give.
func summarise(m *runstore.Members, row *schemas.Centroid) {
	row.Usable = int32(m.Vectors.Rows)
	if m.Vectors.Rows == 0 {
		return
	}
	trimmed, matched := cluster.IdentityCentroid(m.Vectors), matching.Centroid(m.Vectors)
	row.Kept, row.Rho = int32(trimmed.N), matched.Rho
	row.Trimmed, row.Matching = trimmed.Vector, matched.Vector
}

// relabelled collects the vectors that a person's relabelling moves to another
// identity, by path.
func relabelled(ctx context.Context, shards *runstore.Shards) error {
	run := shards.Run
	wanted, err := relabelledPaths(ctx, run)
	if err != nil {
		return err
	}
	var moved []schemas.Embedding
	for _, sh := range run.Set().Shards {
		if len(wanted) == 0 {
			break
		}
		if shards.Lost[runstore.ShardKey{Source: schemas.Set, Shard: sh.Index}] {
			continue
		}
		v, err := run.Vectors(ctx, sh)
		if err != nil {
			return err
		}
		for i, row := range v.Rows {
			if wanted[row.Path] && v.Embeddings[i].Vector != nil {
				moved = append(moved, v.Embeddings[i])
			}
		}
	}
	sort.Slice(moved, func(i, j int) bool { return moved[i].Path < moved[j].Path })
	return runstore.PutTable(ctx, run.Store, schemas.RelabelledObject(run.ID), func(w io.Writer) error {
		return schemas.WriteVectors(w, max(1, run.Spec.Embed.Contract.Dim), moved)
	})
}

// relabelledPaths are the images that a person relabels and that have a vector of
// their own to move: exact copies have none.
func relabelledPaths(ctx context.Context, run *runstore.Run) (map[string]bool, error) {
	all, err := run.Overrides(ctx)
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, o := range all {
		if o.Decision == schemas.Relabel {
			wanted[o.Path] = true
		}
	}
	equal, err := run.Neighbours(ctx, schemas.DuplicatesObject(run.ID))
	if err != nil {
		return nil, err
	}
	for _, n := range equal {
		if n.Kind == schemas.NeighbourCopy && n.Source == schemas.Set {
			delete(wanted, n.BPath)
		}
	}
	return wanted, nil
}
