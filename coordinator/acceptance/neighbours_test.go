//go:build acceptance

package acceptance

import (
	"cmp"
	"slices"
	"testing"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// TestNeighboursOfRealFaces: of the ten images nearest to a photograph, its label's and
// the lists that it asks hold nearly all.
func TestNeighboursOfRealFaces(t *testing.T) {
	prepared(t)
	for name, least := range map[string]float64{"vggface2-mini": .998, "celeba-mini": .975} {
		run := base.vggface2
		if name == "celeba-mini" {
			if !full() {
				continue // embeds 2,535 photographs
			}
			run = engine(t).run(t, base.folder, "--data", shared(t, "data/celeba-mini"), "--layout", "folder",
				"--shard-images", shardImages)
		}
		if got := recallOfTen(t, run); got < least {
			t.Errorf("%s: %.4f of the true ten are found; want %.3f", name, got, least)
		} else {
			t.Logf("%s: %.4f of the true ten are found", name, got)
		}
	}
}

// recallOfTen returns the share of the ten images nearest to each image of a set that
// a run finds.
func recallOfTen(t *testing.T, f *finished) float64 {
	t.Helper()
	st, err := store.Open(t.Context(), base.folder, store.Options{Existing: true})
	if err != nil {
		t.Fatal(err)
	}
	run, err := runstore.Load(t.Context(), st, f.id)
	if err != nil {
		t.Fatal(err)
	}
	var vectors []float32
	var near [][]float32
	shards := runstore.NewShards(run)
	for _, sh := range run.Set().Shards {
		v, err := shards.Get(t.Context(), runstore.ShardKey{Source: schemas.Set, Shard: sh.Index})
		if err != nil {
			t.Fatal(err)
		}
		around, err := run.Around(t.Context(), sh.Index)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range around {
			if a == nil {
				continue
			}
			cosines := slices.Clone(a.OwnCosines)
			for _, n := range a.Images {
				cosines = append(cosines, n.Cosine)
			}
			slices.SortFunc(cosines, func(x, y float32) int { return cmp.Compare(y, x) })
			near = append(near, cosines)
			vectors = append(vectors, v.Vectors.Embeddings[i].Vector...)
		}
	}
	all := cluster.Matrix{Rows: len(near), Cols: len(vectors) / max(1, len(near)), Data: vectors}
	found, total := 0, 0
	for i, exact := range cluster.NearestK(all, all, 10, func(x, y int) bool { return x == y }) {
		for _, n := range exact {
			total++
			if len(near[i]) > 0 && near[i][0] == n.Score {
				near[i] = near[i][1:]
				found++
			}
		}
	}
	return float64(found) / float64(total)
}
