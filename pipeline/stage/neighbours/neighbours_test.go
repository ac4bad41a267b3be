package neighbours

import (
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

const (
	dim        = 8
	identities = 20
	group      = 1 // holds the identities 5 to 9
)

// drawn returns a run whose shards have random entries in a group of five lists, of
// which one is long, and the entries of each shard. The last shard's nearest task was
// given up.
func drawn(t *testing.T) (*runstore.Run, *runstore.Identities, [][]schemas.Entry) {
	t.Helper()
	st, err := store.Open(t.Context(), "mem:"+t.Name(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	set := &runstore.Identities{Trimmed: cluster.NewMatrix(identities, dim), Usable: make([]int32, identities)}
	for i := range set.Usable {
		set.Usable[i] = 10
	}
	run := &runstore.Run{Store: st, ID: "r", GroupImages: 50}
	run.Plan.Sources = make([]schemas.PlanSource, 1)
	r := rand.New(rand.NewPCG(8, 8))
	var all [][]schemas.Entry
	for shard := range 7 {
		run.Plan.Sources[0].Shards = append(run.Plan.Sources[0].Shards, schemas.Shard{Index: shard, Images: 60})
		var rows []schemas.Entry
		for row := range 60 {
			e := schemas.Entry{Row: int32(row), Identity: int32(r.IntN(identities)), List: int32(r.IntN(identities)),
				Second: int32(r.IntN(identities+1)) - 1, Vector: make([]float32, dim)}
			if r.IntN(2) == 0 {
				e.List = 6
			}
			for _, k := range r.Perm(identities)[:10] {
				if k != int(e.Identity) {
					e.Asked = append(e.Asked, int32(k))
				}
			}
			e.Vector[0], e.Vector[1+r.IntN(3)] = 1, float32(r.IntN(3)) // many equal cosines
			if err := schemas.RoundVector(e.Vector); err != nil {
				t.Fatal(err)
			}
			rows = append(rows, e)
		}
		err := runstore.PutTable(t.Context(), st, schemas.EntriesObject("r", group, shard), func(w io.Writer) error {
			return schemas.WriteEntries(w, dim, rows)
		})
		if err != nil {
			t.Fatal(err)
		}
		if shard == 6 {
			break
		}
		all = append(all, rows)
		if err := runstore.Put(t.Context(), st, schemas.NearestObject("r", shard), []byte("done")); err != nil {
			t.Fatal(err)
		}
	}
	return run, set, all
}

// expected returns what the group answers, image by image.
func expected(all [][]schemas.Entry) [][]schemas.ImageNeighbours {
	out := make([][]schemas.ImageNeighbours, len(all))
	for shard, rows := range all {
		for _, x := range rows {
			var near []runstore.NearImage
			for other, images := range all {
				for _, y := range images {
					if y.Identity == x.Identity || y.List < 5 || y.List > 9 ||
						y.List != x.Identity && !slices.Contains(x.Asked, y.List) {
						continue
					}
					near = append(near, runstore.NearImage{Identity: y.Identity, Cosine: cluster.Dot(x.Vector, y.Vector),
						Position: int64(60*other) + int64(y.Row),
						Stays:    y.List != x.Identity || slices.Contains(x.Asked, y.Second)})
				}
			}
			slices.SortFunc(near, func(a, b runstore.NearImage) int {
				return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), cmp.Compare(a.Position, b.Position))
			})
			row := schemas.ImageNeighbours{Row: x.Row}
			for _, n := range near[:min(16, len(near))] {
				row.Identities, row.Cosines = append(row.Identities, n.Identity), append(row.Cosines, n.Cosine)
				row.Positions, row.Stays = append(row.Positions, n.Position), append(row.Stays, n.Stays)
			}
			out[shard] = append(out[shard], row)
		}
	}
	return out
}

// However few images are in memory at a time, a group gives the same answers: the best
// of all entered images, those of shards that were given up left out.
func TestBlocksChangeNothing(t *testing.T) {
	for _, c := range []struct{ block, asking int }{
		{blockImages, askingImages}, {blockImages, 1}, {1000, 130}, {50, askingImages}, {37, 100}, {7, 1},
	} {
		t.Run(fmt.Sprintf("%d entered, %d asking", c.block, c.asking), func(t *testing.T) {
			run, set, all := drawn(t)
			task := newTask(run, set, group)
			task.block, task.asking = c.block, c.asking
			if err := task.findShards(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := task.do(t.Context()); err != nil {
				t.Fatal(err)
			}
			for shard, want := range expected(all) {
				name := schemas.NeighboursObject("r", group, shard)
				got, err := runstore.GetTable(t.Context(), run.Store, name, schemas.ReadImageNeighbours)
				if err != nil {
					t.Fatal(err)
				}
				for i := range want {
					if !reflect.DeepEqual(got[i], want[i]) {
						t.Fatalf("shard %d: %+v; want %+v", shard, got[i], want[i])
					}
				}
			}
			if task.about.Asking != 360 || task.about.Entered < 180 || task.about.First != 5 || task.about.End != 10 {
				t.Errorf("the group is %+v", task.about)
			}
		})
	}
}

// A group that is answered is not answered again: its entries may be gone.
func TestAnsweredGroupsStand(t *testing.T) {
	run, set, _ := drawn(t)
	for range 2 {
		if err := Group(t.Context(), run, set, group); err != nil {
			t.Fatal(err)
		}
		if err := run.Store.Delete(t.Context(), schemas.EntriesObject("r", group, 3)); err != nil {
			t.Fatal(err)
		}
	}
	if err := run.Store.Delete(t.Context(), schemas.GroupObject("r", group)); err != nil {
		t.Fatal(err)
	}
	if err := Group(t.Context(), run, set, group); err == nil {
		t.Error("a group is answered without its entries")
	}
}
