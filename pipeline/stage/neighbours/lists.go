package neighbours

import (
	"cmp"
	"context"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// lists are entered images of a group, list by list, and in a list by their position.
type lists struct {
	first   int            // first identity of the group
	start   []int          // of each list, its first image; one more at the end
	vectors cluster.Matrix // a row an image
	images  []entered
}

// entered is an image in a list.
type entered struct {
	list     int32 // identity whose list it is
	identity int32 // of the image's label
	second   int32 // whose centroid is second nearest; -1: there is none
	position int64 // in the set's order
}

// load reads a block of entered images: of all, in the order of shards and rows, those
// from the start-th on. The first call counts them and those that ask.
func (t *task) load(ctx context.Context, start int) (*lists, error) {
	counting := t.before == nil
	if counting {
		t.before = []int{0}
	}
	wanted := func(k int) bool {
		return counting || t.before[k] < start+t.block && t.before[k+1] > start
	}
	var images []entered
	var vectors []float32
	err := t.eachShard(ctx, wanted, func(k int, rows []schemas.Entry) {
		n := t.before[k]
		for i := range rows {
			e := &rows[i]
			if int(e.List) < t.about.First || int(e.List) >= t.about.End {
				continue
			}
			if n >= start && n < start+t.block {
				position := t.position[t.shards[k]] + int64(e.Row)
				images = append(images, entered{e.List, e.Identity, e.Second, position})
				vectors = append(vectors, e.Vector...)
			}
			n++
		}
		if counting {
			t.before, t.rows = append(t.before, n), append(t.rows, len(rows))
		}
	})
	if err != nil {
		return nil, err
	}
	return t.sorted(images, cluster.Matrix{Rows: len(images), Cols: t.dim, Data: vectors}), nil
}

// eachShard calls f with the entries of every wanted shard, in order, and reads
// several at a time.
func (t *task) eachShard(ctx context.Context, wanted func(k int) bool, f func(k int, rows []schemas.Entry)) error {
	wave := runtime.GOMAXPROCS(0)
	for first := 0; first < len(t.shards); first += wave {
		read := make([][]schemas.Entry, min(wave, len(t.shards)-first))
		g, gctx := errgroup.WithContext(ctx)
		for i := range read {
			if wanted(first + i) {
				g.Go(func() (err error) { read[i], err = t.read(gctx, first+i); return err })
			}
		}
		if err := g.Wait(); err != nil {
			return err
		}
		for i, rows := range read {
			if wanted(first + i) {
				f(first+i, rows)
			}
		}
	}
	return nil
}

// read reads what the k-th of the shards gives the group.
func (t *task) read(ctx context.Context, k int) ([]schemas.Entry, error) {
	name := schemas.EntriesObject(t.run.ID, t.group, t.shards[k])
	rows, err := runstore.GetTable(ctx, t.run.Store, name, schemas.ReadEntries)
	if err == nil && len(rows) > 0 && len(rows[0].Vector) != t.dim {
		err = origin.Errorf("pipeline", "%s has vectors of %d elements; want %d", name, len(rows[0].Vector), t.dim)
	}
	return rows, err
}

// sorted returns images, which have the rows of v, list by list.
func (t *task) sorted(images []entered, v cluster.Matrix) *lists {
	order := make([]int, len(images))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(images[a].list, images[b].list), cmp.Compare(images[a].position, images[b].position))
	})
	l := &lists{first: t.about.First, start: make([]int, t.about.End-t.about.First+1),
		vectors: cluster.NewMatrix(v.Rows, v.Cols), images: make([]entered, len(images))}
	for to, from := range order {
		copy(l.vectors.Row(to), v.Row(from))
		l.images[to] = images[from]
		l.start[int(images[from].list)-l.first+1] = to + 1
	}
	for k := 1; k < len(l.start); k++ {
		l.start[k] = max(l.start[k], l.start[k-1]) // an empty list
	}
	return l
}

// list returns the first image of an identity's list and the one after its last; there
// is none where the identity is of another group.
func (l *lists) list(identity int32) (from, to int) {
	k := int(identity) - l.first
	if k < 0 || k >= len(l.start)-1 {
		return 0, 0
	}
	return l.start[k], l.start[k+1]
}
