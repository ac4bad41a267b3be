package nearduplicates

import (
	"context"
	"runtime"

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
	likeness := make([]nearduplicate.Likeness, len(f.proposed))
	g, gctx := errgroup.WithContext(ctx)
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		g.Go(func() error {
			for i := w; i < len(f.proposed); i += workers {
				if i%1024 < workers && gctx.Err() != nil {
					return context.Cause(gctx)
				}
				likeness[i] = f.compare(f.proposed[i].a, f.proposed[i].b)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	kept := f.proposed[:0]
	for i, p := range f.proposed {
		if likeness[i].Same() {
			kept, f.likeness = append(kept, p), append(f.likeness, likeness[i])
		}
	}
	f.proposed = kept
	return nil
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
				*known[i] = nearduplicate.Picture{Image: thumbs[row].ImageThumb, Face: thumbs[row].FaceThumb,
					Vector: vectors.Embeddings[row].Vector}
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
