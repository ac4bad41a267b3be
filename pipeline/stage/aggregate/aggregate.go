// Package aggregate is the stage that brings all vectors of a run to its first
// tables: images that are equal in every byte, vectors moved by a person's
// relabelling, labels that hold two people, and two centroids for every identity. The coordinator does it.
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
// the aggregate table, after that of the groups of merged labels, unless they are there. A shard that has no vectors is left
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
	probabilities, err := mergedLabels(ctx, shards)
	if err != nil {
		return err
	}
	var all []schemas.Centroid
	for i := range run.Plan.Sources {
		rows, err := centroids(ctx, shards, &run.Plan.Sources[i], done)
		if err != nil {
			return err
		}
		if run.Plan.Sources[i].Name == schemas.Set {
			setMerged(rows, probabilities)
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
	found := make([][]schemas.Centroid, len(src.Shards)) // of each shard that has vectors
	first := runstore.FirstIdentities(src)
	err = shards.Each(ctx, src, func(ctx context.Context, sh schemas.Shard) error {
		v, err := shards.Get(ctx, runstore.ShardKey{Source: src.Name, Shard: sh.Index})
		if err != nil {
			return err
		}
		rows := make([]schemas.Centroid, len(v.Identities))
		for k := range v.Identities {
			m := &v.Identities[k]
			rows[k] = schemas.Centroid{Source: src.Name, Label: m.Label, Images: int32(m.Images)}
			summarise(m, &rows[k])
		}
		found[sh.Index] = rows
		done(sh.Images)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []schemas.Centroid
	for shard, rows := range found {
		out = append(out, named(src, labels[first[shard]:first[shard+1]], rows)...)
	}
	return out, nil
}

// named returns the rows of a shard with what the plan says of its labels: where the
// shard has no vectors, that alone.
func named(src *schemas.PlanSource, labels []schemas.Identity, rows []schemas.Centroid) []schemas.Centroid {
	if rows == nil {
		for _, id := range labels {
			rows = append(rows, schemas.Centroid{Source: src.Name, Label: id.Label})
		}
	}
	k := 0
	for i := range rows {
		if k < len(labels) && rows[i].Label == labels[k].Label {
			rows[i].Name, rows[i].Images = labels[k].Name, int32(labels[k].Images)
			k++
		}
	}
	return rows
}

// setMerged gives every label the probability that it is merged; further groups have
// none.
func setMerged(rows []schemas.Centroid, p []float32) {
	k := 0
	for i := range rows {
		if _, group := schemas.CutGroup(rows[i].Label); group < 2 {
			rows[i].PMerged = p[k]
			k++
		}
	}
}

// summarise fills in what an identity's members give.
func summarise(m *runstore.Members, row *schemas.Centroid) {
	row.Usable = int32(m.Vectors.Rows)
	if m.Vectors.Rows == 0 {
		return
	}
	trimmed, matched := cluster.IdentityCentroid(m.Vectors), matching.Centroid(m.Vectors, m.Lengths)
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
