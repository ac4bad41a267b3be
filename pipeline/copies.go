package pipeline

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"slices"

	"github.com/facesieve/facesieve/schemas"
)

// place is where an image stands: its shard and its row there.
type place struct{ shard, row int32 }

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(a.shard, b.shard), cmp.Compare(a.row, b.row))
}

// fingerprint is an image's content and place: 40 bytes of memory for each image
// of a source, whatever its size.
type fingerprint struct {
	sum [32]byte
	at  place
}

// foldCopies finds images that are equal in every byte: within each source, and
// between the set and each reference. The first of equal images is the one whose
// (identity, path) comes first.
func (r *run) foldCopies(ctx context.Context) error {
	var out []schemas.Neighbour
	var set []fingerprint
	for _, src := range r.plan.Sources {
		all, err := r.fingerprints(ctx, src)
		if err != nil {
			return err
		}
		first, copies := splitCopies(all)
		rows, err := r.name(ctx, src, src, schemas.NeighbourCopy, copies)
		if err != nil {
			return err
		}
		out = append(out, rows...)
		if src.Name == schemas.Set {
			set = first
			continue
		}
		rows, err = r.name(ctx, r.plan.Sources[0], src, schemas.NeighbourImage, sharedImages(set, first))
		if err != nil {
			return err
		}
		out = append(out, rows...)
	}
	return putTable(ctx, r.store, schemas.DuplicatesObject(r.ID), func(w io.Writer) error {
		return schemas.WriteNeighbours(w, out)
	})
}

// fingerprints reads the hashes of a source's images, sorted by content and then
// by place.
func (r *run) fingerprints(ctx context.Context, src schemas.PlanSource) ([]fingerprint, error) {
	shards := make([][]fingerprint, len(src.Shards))
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
			for i, e := range rows {
				if e.Hashed && e.Error == schemas.FaultNone {
					shards[sh.Index] = append(shards[sh.Index], fingerprint{e.SHA256, place{int32(sh.Index), int32(p.Start + i)}})
				}
			}
		}
		return nil
	})
	all := slices.Concat(shards...)
	slices.SortFunc(all, func(a, b fingerprint) int {
		return cmp.Or(bytes.Compare(a.sum[:], b.sum[:]), comparePlaces(a.at, b.at))
	})
	return all, err
}

// splitCopies is where each content is first, and the copies, each after its
// first.
func splitCopies(all []fingerprint) (first []fingerprint, copies [][2]place) {
	for _, f := range all {
		if n := len(first); n > 0 && first[n-1].sum == f.sum {
			copies = append(copies, [2]place{first[n-1].at, f.at})
		} else {
			first = append(first, f)
		}
	}
	return first, copies
}

// sharedImages is the places of the contents that stand in both of two lists,
// each sorted and without copies.
func sharedImages(a, b []fingerprint) (shared [][2]place) {
	for len(a) > 0 && len(b) > 0 {
		switch c := bytes.Compare(a[0].sum[:], b[0].sum[:]); {
		case c < 0:
			a = a[1:]
		case c > 0:
			b = b[1:]
		default:
			shared = append(shared, [2]place{a[0].at, b[0].at})
			a, b = a[1:], b[1:]
		}
	}
	return shared
}

// name turns pairs of places, of source a and of source b, into rows.
func (r *run) name(ctx context.Context, a, b schemas.PlanSource, kind schemas.NeighbourKind, pairs [][2]place) ([]schemas.Neighbour, error) {
	slices.SortFunc(pairs, func(x, y [2]place) int {
		return cmp.Or(comparePlaces(x[0], y[0]), comparePlaces(x[1], y[1]))
	})
	out := make([]schemas.Neighbour, len(pairs))
	for i := range out {
		out[i] = schemas.Neighbour{Kind: kind, Source: b.Name, Score: 1, PathScore: 1}
	}
	err := r.lookUp(ctx, a, pairs, 0, func(i int, im *schemas.Image) { out[i].A, out[i].APath = im.Identity, im.Path })
	if err != nil {
		return nil, err
	}
	return out, r.lookUp(ctx, b, pairs, 1, func(i int, im *schemas.Image) { out[i].B, out[i].BPath = im.Identity, im.Path })
}

// lookUp gives f the image at one side of every pair, and reads each shard that
// is named there once.
func (r *run) lookUp(ctx context.Context, src schemas.PlanSource, pairs [][2]place, side int, f func(i int, im *schemas.Image)) error {
	wanted := map[int32][]int{}
	for i, p := range pairs {
		wanted[p[side].shard] = append(wanted[p[side].shard], i)
	}
	return r.eachShard(ctx, src, func(ctx context.Context, sh schemas.Shard) error {
		mine := wanted[int32(sh.Index)]
		if len(mine) == 0 {
			return nil
		}
		rows, err := r.rows(ctx, sh)
		if err != nil {
			return err
		}
		for _, i := range mine {
			f(i, &rows[pairs[i][side].row])
		}
		return nil
	})
}
