package nearduplicates

import (
	"cmp"
	"context"
	"slices"

	"github.com/facesieve/facesieve/cluster/nearduplicate"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// rows returns the table of near-duplicates: each member of a group under one label with the group's
// representative, pairs under two labels, and pictures of references with those of the set.
func (f *finder) rows(ctx context.Context) ([]schemas.NearDuplicate, error) {
	out, err := f.within(ctx)
	if err != nil {
		return nil, err
	}
	for i, p := range f.proposed {
		if int(p.b) >= f.set || f.pictures[p.a].identity != f.pictures[p.b].identity {
			out = append(out, found{p.a, p.b, f.likeness[i]})
		}
	}
	slices.SortFunc(out, func(x, y found) int {
		return cmp.Or(cmp.Compare(f.pictures[x.b].source, f.pictures[y.b].source), cmp.Compare(x.a, y.a),
			cmp.Compare(x.b, y.b))
	})
	return f.named(ctx, out)
}

// found is a row to be: two pictures, the representative or the one of the set first.
type found struct {
	a, b     int32
	likeness nearduplicate.Likeness
}

// within groups the near-duplicates under each label.
func (f *finder) within(ctx context.Context) (out []found, err error) {
	var pairs [][2]int32
	for _, p := range f.proposed {
		if int(p.b) < f.set && f.pictures[p.a].identity == f.pictures[p.b].identity {
			pairs = append(pairs, [2]int32{p.a, p.b})
		}
	}
	same := func(a, b int32) bool { return f.compare(a, b).Same() }
	groups, err := nearduplicate.Groups(ctx, f.set, pairs, f.better, same)
	for _, group := range groups {
		for _, i := range group[1:] {
			out = append(out, found{group[0], i, f.compare(group[0], i)})
		}
	}
	return out, err
}

// better orders the pictures of a group: of those with a face, where any has one, the one
// with the most pixels represents it, of equal ones that which comes first in the set.
func (f *finder) better(a, b int32) int {
	p, q := &f.pictures[a], &f.pictures[b]
	if p.usable != q.usable {
		if p.usable {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(q.pixels, p.pixels), cmp.Compare(a, b))
}

// label returns the label of a picture, whose row of the manifest is im: of the set a
// person's relabelling applied.
func (f *finder) label(i int32, im schemas.Image) string {
	if int(i) < f.set {
		return f.labels[f.pictures[i].identity].Label
	}
	return im.Identity
}

// named turns what was found into rows of the table, and reads each shard that is named
// there once.
func (f *finder) named(ctx context.Context, all []found) ([]schemas.NearDuplicate, error) {
	run := f.shards.Run
	wanted := map[shardKey]map[int32]bool{}
	for _, x := range all {
		for _, i := range []int32{x.a, x.b} {
			p := &f.pictures[i]
			key := shardKey{p.source, p.shard}
			if wanted[key] == nil {
				wanted[key] = map[int32]bool{}
			}
			wanted[key][i] = true
		}
	}
	images := map[int32]schemas.Image{}
	for key, numbers := range wanted {
		rows, err := run.Rows(ctx, run.Plan.Sources[key.source].Shards[key.shard])
		if err != nil {
			return nil, err
		}
		for i := range numbers {
			images[i] = rows[f.pictures[i].row]
		}
	}
	first := map[int32][]int64{}
	for k := range run.Plan.Sources {
		first[int32(k)] = runstore.FirstImages(&run.Plan.Sources[k])
	}
	position := func(p *picture) int64 { return first[p.source][p.shard] + int64(p.row) }
	out := make([]schemas.NearDuplicate, len(all))
	for i, x := range all {
		a, b, l := images[x.a], images[x.b], x.likeness
		p, q := &f.pictures[x.a], &f.pictures[x.b]
		out[i] = schemas.NearDuplicate{Source: run.Plan.Sources[q.source].Name,
			A: f.label(x.a, a), APath: a.Path, APosition: position(p),
			B: f.label(x.b, b), BPath: b.Path, BPosition: position(q),
			Image: float32(l.Image), Face: float32(l.Face), Cosine: float32(min(l.Cosine, 1))}
	}
	return out, nil
}
