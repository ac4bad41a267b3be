package nearduplicates

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"

	"github.com/facesieve/facesieve/cluster/nearduplicate"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// hashDistance is the number of bits that hashes of one photograph differ in, at most,
// where one of the two hashes is that of a crop.
const hashDistance = 10

// mostProposed is how many pictures a hash proposes, at most, the nearest first: a picture
// that thousands repeat would propose millions of pairs. Through the first of them all hold
// together.
const mostProposed = 64

// proposeByHash proposes pictures of the set whose hashes are near each other, or
// near those of pictures of a reference. What stands in references alone is not compared.
func (f *finder) proposeByHash() {
	own := make([]uint64, len(f.pictures))
	for i := range f.pictures {
		own[i] = f.pictures[i].hashes[0]
	}
	set := nearduplicate.NewIndex(own[:f.set], hashDistance)
	references := nearduplicate.NewIndex(own[f.set:], hashDistance)
	var wait sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	found := make([][]pair, workers)
	for w := range workers {
		wait.Go(func() {
			var near []int32
			for i := w; i < len(f.pictures); i += workers {
				for _, h := range f.pictures[i].hashes {
					near = set.Near(h, hashDistance, mostProposed, near[:0])
					for _, j := range near {
						found[w] = append(found[w], ordered(int32(i), j))
					}
					if i >= f.set {
						continue
					}
					near = references.Near(h, hashDistance, mostProposed, near[:0])
					for _, j := range near {
						found[w] = append(found[w], ordered(int32(i), j+int32(f.set)))
					}
				}
			}
		})
	}
	wait.Wait()
	f.propose(slices.Concat(found...))
}

// ordered returns two pictures as a pair.
func ordered(a, b int32) pair { return pair{min(a, b), max(a, b)} }

// propose adds pairs, each once.
func (f *finder) propose(pairs []pair) {
	f.proposed = append(f.proposed, pairs...)
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
	f.propose(slices.Concat(found...))
	return err
}
