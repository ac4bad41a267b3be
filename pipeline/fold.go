package pipeline

import (
	"context"
	"io"
	"runtime"
	"sort"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/matching"
	"github.com/facesieve/facesieve/schemas"
)

// fold brings all vectors of the run to its first tables: equal images, vectors
// moved by hand, and every identity's trimmed centroid. A shard that has no
// vectors (its embedding was given up) is left out.
func (r *run) fold(ctx context.Context) error {
	if ok, err := exists(ctx, r.store, schemas.AggregateObject(r.ID)); err != nil || ok {
		return err
	}
	r.progress.begin(schemas.StageAggregate, len(r.plan.Sources), r.images())
	defer r.progress.end(schemas.StageAggregate)
	if err := r.foldCopies(ctx); err != nil {
		return err
	}
	if err := r.foldMoved(ctx); err != nil {
		return err
	}
	var all []schemas.Centroid
	for _, src := range r.plan.Sources {
		names, err := getTable(ctx, r.store, schemas.LabelsObject(src.Labels), schemas.ReadLabels)
		if err != nil {
			return err
		}
		rows, err := r.foldSource(ctx, src, names)
		if err != nil {
			return err
		}
		all = append(all, rows...)
	}
	return putTable(ctx, r.store, schemas.AggregateObject(r.ID), func(w io.Writer) error {
		return schemas.WriteCentroids(w, max(1, r.spec.Embed.Contract.Dim), all)
	})
}

// eachShard calls f for every shard of a source that has vectors, several at a
// time.
func (r *run) eachShard(ctx context.Context, src schemas.PlanSource, f func(ctx context.Context, sh schemas.Shard) error) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, sh := range src.Shards {
		if r.lost[shardKey{src.Name, sh.Index}] {
			continue
		}
		g.Go(func() error { return f(gctx, sh) })
	}
	return g.Wait()
}

// foldSource is the centroids of a source's identities, in their order.
func (r *run) foldSource(ctx context.Context, src schemas.PlanSource, names []schemas.Identity) ([]schemas.Centroid, error) {
	out := make([]schemas.Centroid, len(names))
	for i, id := range names {
		out[i] = schemas.Centroid{Source: src.Name, Label: id.Label, Name: id.Name, Images: int32(id.Images)}
	}
	first := firstIdentities(src)
	err := r.eachShard(ctx, src, func(ctx context.Context, sh schemas.Shard) error {
		v, err := r.views.get(ctx, src.Name, sh.Index)
		if err != nil {
			return err
		}
		for k, g := range v.groups {
			row := &out[first[sh.Index]+k]
			row.Usable = int32(g.vectors.Rows)
			if g.vectors.Rows == 0 {
				continue
			}
			c := cluster.TrimmedCentroid(g.vectors)
			person := matching.Centroid(g.vectors)
			row.Kept, row.Rho, row.Trimmed, row.Matching = int32(c.N), person.Rho, c.Vector, person.Vector
		}
		r.progress.settled(schemas.StageAggregate, sh.Images)
		return nil
	})
	return out, err
}

// firstIdentities is, for each shard, how many identities of its source stand
// before it.
func firstIdentities(src schemas.PlanSource) []int {
	first := make([]int, len(src.Shards)+1)
	for i, sh := range src.Shards {
		first[i+1] = first[i] + sh.Identities
	}
	return first
}

// foldMoved collects the vectors that a person's relabelling moves to another
// identity, by path, and counts overrides that name no image.
func (r *run) foldMoved(ctx context.Context) error {
	all, err := r.readOverrides(ctx)
	if err != nil {
		return err
	}
	wanted := map[string]schemas.Override{}
	for _, o := range all {
		wanted[o.Path] = o
	}
	equal, err := getTable(ctx, r.store, schemas.DuplicatesObject(r.ID), schemas.ReadNeighbours)
	if err != nil {
		return err
	}
	for _, n := range equal {
		if n.Kind == schemas.NeighbourCopy && n.Source == schemas.Set {
			delete(wanted, n.BPath) // a copy has no vector of its own to move
		}
	}
	var moved []schemas.Embedding
	for _, sh := range r.plan.Sources[0].Shards {
		if len(wanted) == 0 {
			break
		}
		if r.lost[shardKey{schemas.Set, sh.Index}] {
			continue
		}
		v, err := r.vectors(ctx, sh)
		if err != nil {
			return err
		}
		for i, row := range v.rows {
			o, ok := wanted[row.Path]
			if ok && o.Decision == schemas.Relabel && v.embs[i].Vector != nil {
				moved = append(moved, v.embs[i])
			}
		}
	}
	sort.Slice(moved, func(i, j int) bool { return moved[i].Path < moved[j].Path })
	return putTable(ctx, r.store, schemas.RelabelledObject(r.ID), func(w io.Writer) error {
		return schemas.WriteVectors(w, max(1, r.spec.Embed.Contract.Dim), moved)
	})
}
