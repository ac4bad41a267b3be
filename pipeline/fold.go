package pipeline

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"sort"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/schemas"
)

// fold brings all vectors of the run to its first tables: equal images, vectors
// moved by hand, and every identity's trimmed centroid. A shard that has no
// vectors (its embedding was given up) is left out.
func (r *run) fold(ctx context.Context) error {
	if ok, err := exists(ctx, r.store, schemas.FoldObject(r.ID)); err != nil || ok {
		return err
	}
	r.progress.begin(stageFold, len(r.plan.Sources), r.images())
	defer r.progress.end(stageFold)
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
	return putTable(ctx, r.store, schemas.FoldObject(r.ID), func(w io.Writer) error {
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
			person := cluster.PersonCentroid(g.vectors)
			row.Kept, row.Rho, row.Vector, row.Person = int32(c.N), person.Rho, c.Vector, person.Vector
		}
		r.progress.settled(stageFold, sh.Images)
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

// place is where an image stands: its shard and its row there.
type place struct{ shard, row int }

// foldCopies finds images that are equal in every byte: within each source, and
// between the set and each reference. The first of equal images is the one whose
// (identity, path) comes first.
func (r *run) foldCopies(ctx context.Context) error {
	var out []schemas.Neighbour
	var set map[[32]byte]place
	for _, src := range r.plan.Sources {
		first, copies, err := r.sums(ctx, src)
		if err != nil {
			return err
		}
		rows, err := r.name(ctx, src, src, schemas.NeighbourCopy, copies)
		if err != nil {
			return err
		}
		out = append(out, rows...)
		if src.Name == schemas.Set {
			set = first
			continue
		}
		var shared [][2]place
		for sum, a := range set {
			if b, ok := first[sum]; ok {
				shared = append(shared, [2]place{a, b})
			}
		}
		rows, err = r.name(ctx, r.plan.Sources[0], src, schemas.NeighbourImage, shared)
		if err != nil {
			return err
		}
		out = append(out, rows...)
	}
	return putTable(ctx, r.store, schemas.DuplicatesObject(r.ID), func(w io.Writer) error {
		return schemas.WriteNeighbours(w, out)
	})
}

// sums hashes a source: where each content is first seen, and the copies, each
// with its first.
func (r *run) sums(ctx context.Context, src schemas.PlanSource) (map[[32]byte]place, [][2]place, error) {
	all := make([][]schemas.Embedding, len(src.Shards))
	err := r.eachShard(ctx, src, func(ctx context.Context, sh schemas.Shard) error {
		for _, p := range sh.Parts {
			var ptr schemas.Pointer
			if err := getJSON(ctx, r.store, r.pointer(src.Name, p), &ptr); err != nil {
				return err
			}
			rows, err := getTable(ctx, r.store, ptr.Object(), schemas.ReadVectorSums)
			if err != nil {
				return err
			}
			all[sh.Index] = append(all[sh.Index], rows...)
		}
		return nil
	})
	first := map[[32]byte]place{}
	var copies [][2]place
	for shard, rows := range all {
		for row, e := range rows {
			if !e.Hashed || e.Error != schemas.FaultNone {
				continue
			}
			here := place{shard, row}
			if there, ok := first[e.SHA256]; ok {
				copies = append(copies, [2]place{there, here})
			} else {
				first[e.SHA256] = here
			}
		}
	}
	return first, copies, err
}

// name turns pairs of places, of source a and of source b, into rows.
func (r *run) name(ctx context.Context, a, b schemas.PlanSource, kind string, pairs [][2]place) ([]schemas.Neighbour, error) {
	sort.Slice(pairs, func(i, j int) bool {
		if pairs[i][0] != pairs[j][0] {
			return pairs[i][0].before(pairs[j][0])
		}
		return pairs[i][1].before(pairs[j][1])
	})
	rowsOf := map[shardKey][]schemas.Image{}
	find := func(src schemas.PlanSource, p place) (schemas.Image, error) {
		key := shardKey{src.Name, p.shard}
		if rowsOf[key] == nil {
			rows, err := r.rows(ctx, src.Shards[p.shard])
			if err != nil {
				return schemas.Image{}, err
			}
			rowsOf[key] = rows
		}
		return rowsOf[key][p.row], nil
	}
	var out []schemas.Neighbour
	for _, p := range pairs {
		x, err := find(a, p[0])
		if err != nil {
			return nil, err
		}
		y, err := find(b, p[1])
		if err != nil {
			return nil, err
		}
		out = append(out, schemas.Neighbour{Kind: kind, Source: b.Name, A: x.Identity, B: y.Identity,
			Score: 1, APath: x.Path, BPath: y.Path, PathScore: 1})
	}
	return out, nil
}

func (p place) before(q place) bool {
	return p.shard < q.shard || p.shard == q.shard && p.row < q.row
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
	sort.Slice(moved, func(i, j int) bool { return bytes.Compare([]byte(moved[i].Path), []byte(moved[j].Path)) < 0 })
	return putTable(ctx, r.store, schemas.MovedObject(r.ID), func(w io.Writer) error {
		return schemas.WriteVectors(w, max(1, r.spec.Embed.Contract.Dim), moved)
	})
}
