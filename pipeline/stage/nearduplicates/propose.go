package nearduplicates

import (
	"cmp"
	"context"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/cluster/nearduplicate"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// hashDistance is the number of bits that hashes of one photograph differ in, at most,
// where one of the two hashes is that of a crop.
const hashDistance = 10

// mostProposed is how many pictures of the set, and how many of references, the hashes of
// one propose, at most, the nearest to its whole first: a picture that thousands repeat
// would propose millions of pairs. Through the first of them all hold together.
const mostProposed = 64

// proposeByHash proposes pictures of the set whose hashes are near each other, or
// near those of pictures of a reference. What stands in references alone is not compared.
func (f *finder) proposeByHash(ctx context.Context) error {
	own := make([]uint64, len(f.pictures))
	for i := range f.pictures {
		own[i] = f.pictures[i].hashes[0]
	}
	set := nearduplicate.NewIndex(own[:f.set], hashDistance)
	references := nearduplicate.NewIndex(own[f.set:], hashDistance)
	g, gctx := errgroup.WithContext(ctx)
	workers := runtime.GOMAXPROCS(0)
	found := make([][]pair, workers)
	for w := range workers {
		g.Go(func() error {
			var near []int32
			for i := w; i < len(f.pictures); i += workers {
				if i%1024 < workers && gctx.Err() != nil {
					return context.Cause(gctx)
				}
				near = f.near(set, int32(i), 0, near[:0])
				if i < f.set {
					near = f.near(references, int32(i), int32(f.set), near)
				}
				for _, j := range near {
					found[w] = append(found[w], ordered(int32(i), j))
				}
			}
			return nil
		})
	}
	err := g.Wait()
	f.propose(found)
	return err
}

// near appends the pictures that an index, whose first is picture first, has near the
// hashes of picture i, each once.
func (f *finder) near(x *nearduplicate.Index, i, first int32, out []int32) []int32 {
	start := len(out)
	var found []int32
	for _, h := range f.pictures[i].hashes {
		found = x.Near(h, hashDistance, mostProposed, found[:0])
		for _, j := range found {
			if j += first; j != i && len(out)-start < mostProposed && !slices.Contains(out[start:], j) {
				out = append(out, j)
			}
		}
	}
	return out
}

// ordered returns two pictures as a pair.
func ordered(a, b int32) pair { return pair{min(a, b), max(a, b)} }

// propose adds pairs, each once, and empties the lists that they come in.
func (f *finder) propose(lists [][]pair) {
	n := 0
	for _, pairs := range lists {
		n += len(pairs)
	}
	f.proposed = slices.Grow(f.proposed, n)
	for k, pairs := range lists {
		f.proposed, lists[k] = append(f.proposed, pairs...), nil
	}
	f.proposed = slices.DeleteFunc(f.proposed, func(p pair) bool { return p.a == p.b })
	slices.SortFunc(f.proposed, func(p, q pair) int { return cmp.Or(cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b)) })
	f.proposed = slices.Compact(f.proposed)
}

// proposeByCosine proposes images of the set whose embeddings are nearly the same, as far as
// the stages nearest and neighbours found them: under one label and under two.
func (f *finder) proposeByCosine(ctx context.Context) error {
	run, at := f.shards.Run, f.positions()
	first := runstore.FirstImages(run.Set())
	found := make([][]pair, len(first))
	err := f.shards.Each(ctx, run.Set(), func(ctx context.Context, sh schemas.Shard) error {
		around, err := run.Around(ctx, sh.Index)
		if err != nil {
			return err
		}
		for row, a := range around {
			i, known := at[first[sh.Index]+int64(row)]
			if a == nil || !known {
				continue
			}
			add := func(position int64, cosine float32) {
				if j, known := at[position]; known && cosine >= nearduplicate.ProposingCosine {
					found[sh.Index] = append(found[sh.Index], ordered(i, j))
				}
			}
			for k, cosine := range a.OwnCosines {
				add(a.OwnPositions[k], cosine)
			}
			for _, n := range a.Images {
				add(n.Position, n.Cosine)
			}
		}
		return nil
	})
	f.propose(found)
	return err
}
