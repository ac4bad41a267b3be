package plan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// cutAll cuts identities of the given sizes, and gives each shard's labels.
func cutAll(t *testing.T, target int, ids []schemas.Identity) [][]string {
	t.Helper()
	var shards [][]string
	c := newCutter(target, func(rows []schemas.Image, ids []schemas.Identity) error {
		var labels []string
		n := 0
		for _, id := range ids {
			labels = append(labels, id.Label)
			n += id.Images
		}
		if n != len(rows) || n == 0 {
			t.Errorf("a shard of %d rows whose identities have %d", len(rows), n)
		}
		shards = append(shards, labels)
		return nil
	})
	for _, id := range ids {
		rows := make([]schemas.Image, id.Images)
		for i := range rows {
			rows[i] = schemas.Image{Path: fmt.Sprintf("%s/%d", id.Label, i), Identity: id.Label}
		}
		if err := c.add(id, rows); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.close(); err != nil {
		t.Fatal(err)
	}
	return shards
}

func people(r *rand.Rand, n, most int) []schemas.Identity {
	ids := make([]schemas.Identity, n)
	for i := range ids {
		ids[i] = schemas.Identity{Label: fmt.Sprintf("n%06d-%x", i, r.Uint32()), Images: 1 + r.IntN(most)}
	}
	return ids
}

// changed is how many shards of b are not in a.
func changed(a, b [][]string) int {
	known := map[string]bool{}
	for _, s := range a {
		known[fmt.Sprint(s)] = true
	}
	n := 0
	for _, s := range b {
		if !known[fmt.Sprint(s)] {
			n++
		}
	}
	return n
}

func TestOneMoreIdentityChangesFewShards(t *testing.T) {
	worst := 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		ids := people(r, 600, 60)
		before := cutAll(t, 256, ids)
		at := r.IntN(len(ids) + 1)
		grown := slices.Insert(slices.Clone(ids), at, schemas.Identity{Label: fmt.Sprintf("n%06d-new", at), Images: 1 + r.IntN(200)})
		after := cutAll(t, 256, grown)
		n := changed(before, after)
		if n > 3 {
			t.Errorf("seed %d: %d of %d shards changed", seed, n, len(after))
		}
		worst = max(worst, n)
	}
	if worst == 0 {
		t.Error("no shard ever changed: the test sees nothing")
	}
}

func TestShardsHoldEveryIdentityOnceInOrderAndNearTheTarget(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		ids := people(r, 1000, 40)
		total := 0
		size := map[string]int{}
		for _, id := range ids {
			size[id.Label] = id.Images
			total += id.Images
		}
		shards := cutAll(t, 512, ids)
		k := 0
		for _, s := range shards {
			n := 0
			for _, label := range s {
				if label != ids[k].Label {
					t.Fatalf("identity %d is %s; want %s", k, label, ids[k].Label)
				}
				n += size[label]
				k++
			}
			if n > 4*512 {
				t.Errorf("seed %d: a shard of %d images for a target of 512", seed, n)
			}
		}
		if k != len(ids) {
			t.Errorf("%d of %d identities", k, len(ids))
		}
		if mean := float64(total) / float64(len(shards)); mean < 256 || mean > 1024 {
			t.Errorf("seed %d: shards of %.0f images on the average for a target of 512", seed, mean)
		}
	}
}

func TestBoundariesDoNotDependOnWhatIsFarBefore(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	tail := people(r, 400, 30)
	for i := range tail {
		tail[i].Label = "z" + tail[i].Label
	}
	alone := cutAll(t, 256, tail)
	for seed := range uint64(10) {
		both := cutAll(t, 256, append(people(rand.New(rand.NewPCG(seed, 4)), 100+int(seed)*7, 30), tail...))
		if n := changed(both, alone); n > 2 {
			t.Errorf("seed %d: %d of the tail's %d shards depend on what stands before", seed, n, len(alone))
		}
	}
}

func TestPartsOfALargeIdentity(t *testing.T) {
	rows := make([]schemas.Image, 25)
	for i := range rows {
		rows[i].Path = fmt.Sprint(i)
	}
	for _, c := range []struct {
		ids  []schemas.Identity
		want int
	}{
		{[]schemas.Identity{{Images: 10}, {Images: 10}, {Images: 5}}, 1},
		{[]schemas.Identity{{Images: 25}}, 3},
		{[]schemas.Identity{{Images: 14}, {Images: 11}}, 3},
	} {
		all := parts(rows, c.ids, 10)
		sh := schemas.Shard{Rows: schemas.RowsID(rows), Images: len(rows), Parts: all}
		if err := sh.Validate(); err != nil || len(all) != c.want {
			t.Errorf("%v: %d parts, %v; want %d", c.ids, len(all), err, c.want)
		}
		for _, p := range all {
			if p.Listed != schemas.ListedID(rows[p.Start:p.End]) {
				t.Errorf("part %+v names other rows", p)
			}
		}
	}
}
