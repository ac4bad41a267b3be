package nearduplicates

import (
	"context"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/nearduplicate"
	"github.com/facesieve/facesieve/schemas"
)

// confirm compares the pictures that were proposed, and keeps the pairs that show one
// photograph.
func (f *finder) confirm(ctx context.Context) error {
	known, err := f.read(ctx)
	if err != nil {
		return err
	}
	f.known = known
	kept := f.proposed[:0]
	for block := range slices.Chunk(f.proposed, comparedAtOnce) {
		likeness, err := f.compareAll(ctx, block)
		if err != nil {
			return err
		}
		for i, p := range block {
			if likeness[i].Same() {
				kept, f.likeness = append(kept, p), append(f.likeness, likeness[i])
			}
		}
	}
	f.proposed = slices.Clone(kept)
	f.forget()
	return nil
}

// comparedAtOnce is how many pairs are compared before what they turned out to be is kept
// or let go.
const comparedAtOnce = 1 << 16

// compareAll compares pictures in pairs.
func (f *finder) compareAll(ctx context.Context, pairs []pair) ([]nearduplicate.Likeness, error) {
	likeness := make([]nearduplicate.Likeness, len(pairs))
	g, gctx := errgroup.WithContext(ctx)
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		g.Go(func() error {
			for i := w; i < len(pairs); i += workers {
				if i%1024 < workers && gctx.Err() != nil {
					return context.Cause(gctx)
				}
				likeness[i] = f.compare(pairs[i].a, pairs[i].b)
			}
			return nil
		})
	}
	return likeness, g.Wait()
}

// forget lets go of what is known of pictures that no pair is left of.
func (f *finder) forget() {
	known := map[int32]*nearduplicate.Picture{}
	for _, p := range f.proposed {
		known[p.a], known[p.b] = f.known[p.a], f.known[p.b]
	}
	f.known = known
}

// compare returns how alike two pictures are that were proposed.
func (f *finder) compare(a, b int32) nearduplicate.Likeness {
	p, q := f.known[a], f.known[b]
	var cosine float64
	if p.Vector != nil && q.Vector != nil {
		cosine = float64(cluster.Dot(p.Vector, q.Vector))
	}
	return nearduplicate.Compare(p, q, cosine)
}

// read reads thumbnails and vectors of the pictures that were proposed: those of all
// would need a kilobyte of memory an image.
func (f *finder) read(ctx context.Context) (map[int32]*nearduplicate.Picture, error) {
	known := map[int32]*nearduplicate.Picture{}
	for _, p := range f.proposed {
		known[p.a], known[p.b] = nil, nil
	}
	wanted := map[shardKey][]int32{}
	for i := range known {
		p := &f.pictures[i]
		known[i] = &nearduplicate.Picture{}
		wanted[shardKey{p.source, p.shard}] = append(wanted[shardKey{p.source, p.shard}], i)
	}
	run := f.shards.Run
	for s := range run.Plan.Sources {
		err := f.shards.Each(ctx, &run.Plan.Sources[s], func(ctx context.Context, sh schemas.Shard) error {
			numbers := wanted[shardKey{int32(s), int32(sh.Index)}]
			if len(numbers) == 0 {
				return nil
			}
			thumbs, err := run.Thumbnails(ctx, sh)
			if err != nil {
				return err
			}
			vectors, err := run.Vectors(ctx, sh)
			if err != nil {
				return err
			}
			for _, i := range numbers {
				row := f.pictures[i].row
				// What was read of the whole shard shares its memory.
				*known[i] = nearduplicate.Picture{Image: slices.Clone(thumbs[row].ImageThumb),
					Face: slices.Clone(thumbs[row].FaceThumb), Vector: slices.Clone(vectors.Embeddings[row].Vector)}
				if vectors.Replaced(int(row)) { // the thumbnail is of what the first look took for the face
					known[i].Face = nil
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return known, nil
}

// shardKey is a shard of a source, by their positions in the plan.
type shardKey struct{ source, shard int32 }
