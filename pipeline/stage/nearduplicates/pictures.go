package nearduplicates

import (
	"context"

	"github.com/facesieve/facesieve/cluster/nearduplicate"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// picture is an image that may have near-duplicates: decoded, the first of its exact
// copies, not dropped by hand.
type picture struct {
	source   int32 // position in the plan
	shard    int32
	row      int32 // of the shard
	identity int32 // of the image's label, a person's relabelling applied; of the set alone
	usable   bool  // a face was found in it
	pixels   int64 // of the upright picture
	hashes   [nearduplicate.Crops]uint64
}

// finder is the stage at work.
type finder struct {
	shards   *runstore.Shards
	pictures []picture          // those of the set first; of each source by shard and row
	set      int                // how many are of the set
	labels   []schemas.Centroid // of the set
	proposed []pair
	likeness []nearduplicate.Likeness         // of each of proposed that was kept
	known    map[int32]*nearduplicate.Picture // thumbnails and vectors of those that were proposed
}

// pair are two pictures, the lower number first.
type pair struct{ a, b int32 }

// load reads the hashes of all sources.
func (f *finder) load(ctx context.Context, done func(images int)) error {
	run := f.shards.Run
	all, err := run.Identities(ctx)
	if err != nil {
		return err
	}
	f.labels = all[schemas.Set].Rows
	for s := range run.Plan.Sources {
		src := &run.Plan.Sources[s]
		found := make([][]picture, len(src.Shards))
		err := f.shards.Each(ctx, src, func(ctx context.Context, sh schemas.Shard) error {
			v, err := f.shards.Get(ctx, runstore.ShardKey{Source: src.Name, Shard: sh.Index})
			if err != nil {
				return err
			}
			thumbs, err := run.Thumbnails(ctx, sh)
			if err != nil {
				return err
			}
			for i := range v.States {
				e, state := &v.Vectors.Embeddings[i], &v.States[i]
				if !e.Hashes || state.CopyOf != "" || state.DroppedByHand() {
					continue
				}
				p := picture{source: int32(s), shard: int32(sh.Index), row: int32(i), usable: state.Usable,
					pixels: int64(e.Width) * int64(e.Height),
					hashes: nearduplicate.Hashes(e.ImageHash, thumbs[i].ImageThumb)}
				if src.Name == schemas.Set {
					if p.identity = int32(all[schemas.Set].Find(state.Label)); p.identity < 0 {
						continue
					}
				}
				found[sh.Index] = append(found[sh.Index], p)
			}
			done(len(v.States))
			return nil
		})
		if err != nil {
			return err
		}
		for _, pictures := range found {
			f.pictures = append(f.pictures, pictures...)
		}
		if src.Name == schemas.Set {
			f.set = len(f.pictures)
		}
	}
	return nil
}

// positions returns the number of each picture of the set by its position in the set's order
// of all images.
func (f *finder) positions() map[int64]int32 {
	first := runstore.FirstImages(f.shards.Run.Set())
	at := make(map[int64]int32, f.set)
	for i, p := range f.pictures[:f.set] {
		at[first[p.shard]+int64(p.row)] = int32(i)
	}
	return at
}
