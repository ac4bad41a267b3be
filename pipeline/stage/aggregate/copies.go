package aggregate

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"slices"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// rowKey names a row of a source: its shard and its row there.
type rowKey struct{ shard, row int32 }

func compareRows(a, b rowKey) int {
	return cmp.Or(cmp.Compare(a.shard, b.shard), cmp.Compare(a.row, b.row))
}

// fingerprint is an image's content and its row: 40 bytes of memory for each image
// of a source, whatever its size.
type fingerprint struct {
	sum [32]byte
	at  rowKey
}

// copies finds images that are equal in every byte: within each source, and
// between the set and each reference. The first of equal images is the one whose
// (identity, path) comes first.
func copies(ctx context.Context, shards *runstore.Shards) error {
	run := shards.Run
	var out []schemas.Neighbour
	var set []fingerprint
	for i := range run.Plan.Sources {
		src := &run.Plan.Sources[i]
		all, err := fingerprints(ctx, shards, src)
		if err != nil {
			return err
		}
		first, same := splitCopies(all)
		rows, err := neighbours(ctx, shards, src, src, schemas.NeighbourCopy, same)
		if err != nil {
			return err
		}
		out = append(out, rows...)
		if src.Name == schemas.Set {
			set = first
			continue
		}
		rows, err = neighbours(ctx, shards, run.Set(), src, schemas.NeighbourImage, sharedImages(set, first))
		if err != nil {
			return err
		}
		out = append(out, rows...)
	}
	return runstore.PutTable(ctx, run.Store, schemas.DuplicatesObject(run.ID), func(w io.Writer) error {
		return schemas.WriteNeighbours(w, out)
	})
}

// fingerprints reads the hashes of a source's images, sorted by content and then
// by row.
func fingerprints(
	ctx context.Context, shards *runstore.Shards, src *schemas.PlanSource,
) ([]fingerprint, error) {
	run := shards.Run
	found := make([][]fingerprint, len(src.Shards))
	err := shards.Each(ctx, src, func(ctx context.Context, sh schemas.Shard) error {
		for _, p := range sh.Parts {
			var ptr schemas.Pointer
			if err := run.GetJSON(ctx, run.Pointer(src.Name, p), &ptr); err != nil {
				return err
			}
			rows, err := runstore.GetTable(ctx, run.Store, ptr.Object(), schemas.ReadVectorSums)
			if err != nil {
				return err
			}
			for i, e := range rows {
				if e.Hashed && e.Error == schemas.FaultNone {
					found[sh.Index] = append(found[sh.Index],
						fingerprint{e.SHA256, rowKey{int32(sh.Index), int32(p.Start + i)}})
				}
			}
		}
		return nil
	})
	all := slices.Concat(found...)
	slices.SortFunc(all, func(a, b fingerprint) int {
		return cmp.Or(bytes.Compare(a.sum[:], b.sum[:]), compareRows(a.at, b.at))
	})
	return all, err
}

// splitCopies returns where each content is first, and the copies, each after its
// first.
func splitCopies(all []fingerprint) (first []fingerprint, copies [][2]rowKey) {
	for _, f := range all {
		if n := len(first); n > 0 && first[n-1].sum == f.sum {
			copies = append(copies, [2]rowKey{first[n-1].at, f.at})
		} else {
			first = append(first, f)
		}
	}
	return first, copies
}

// sharedImages returns the rows of the contents that stand in both of two lists,
// each sorted and without copies.
func sharedImages(a, b []fingerprint) (shared [][2]rowKey) {
	for len(a) > 0 && len(b) > 0 {
		switch c := bytes.Compare(a[0].sum[:], b[0].sum[:]); {
		case c < 0:
			a = a[1:]
		case c > 0:
			b = b[1:]
		default:
			shared = append(shared, [2]rowKey{a[0].at, b[0].at})
			a, b = a[1:], b[1:]
		}
	}
	return shared
}

// neighbours turns pairs of rows, of source a and of source b, into rows of the
// table.
func neighbours(
	ctx context.Context, shards *runstore.Shards, a, b *schemas.PlanSource, kind schemas.NeighbourKind,
	pairs [][2]rowKey,
) ([]schemas.Neighbour, error) {
	slices.SortFunc(pairs, func(x, y [2]rowKey) int {
		return cmp.Or(compareRows(x[0], y[0]), compareRows(x[1], y[1]))
	})
	out := make([]schemas.Neighbour, len(pairs))
	for i := range out {
		out[i] = schemas.Neighbour{Kind: kind, Source: b.Name, Score: 1, PathScore: 1}
	}
	err := lookUp(ctx, shards, a, pairs, 0, func(i int, im *schemas.Image) {
		out[i].A, out[i].APath = im.Identity, im.Path
	})
	if err != nil {
		return nil, err
	}
	return out, lookUp(ctx, shards, b, pairs, 1, func(i int, im *schemas.Image) {
		out[i].B, out[i].BPath = im.Identity, im.Path
	})
}

// lookUp gives f the image at one side of every pair, and reads each shard that
// is named there once.
func lookUp(
	ctx context.Context, shards *runstore.Shards, src *schemas.PlanSource, pairs [][2]rowKey, side int,
	f func(i int, im *schemas.Image),
) error {
	wanted := map[int32][]int{}
	for i, p := range pairs {
		wanted[p[side].shard] = append(wanted[p[side].shard], i)
	}
	return shards.Each(ctx, src, func(ctx context.Context, sh schemas.Shard) error {
		mine := wanted[int32(sh.Index)]
		if len(mine) == 0 {
			return nil
		}
		rows, err := shards.Run.Rows(ctx, sh)
		if err != nil {
			return err
		}
		for _, i := range mine {
			f(i, &rows[pairs[i][side].row])
		}
		return nil
	})
}
