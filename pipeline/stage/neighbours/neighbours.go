// Package neighbours is the stage that finds the images nearest to each image, among
// those that stage nearest entered in the lists which the image asks. A task for each
// group of lists does it.
package neighbours

import (
	"context"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

const (
	blockImages  = 1 << 16 // entered images that are in memory at a time
	askingImages = 1 << 18 // images whose neighbours are in memory at a time, about
)

// Group answers the images that ask the lists of a group, counted from 0, and writes
// what it found to each shard of the set (schemas.NeighboursObject), and then what the
// group was (schemas.GroupObject). set is the set's identities. A shard whose nearest
// task was given up is left out. What is written already stands.
func Group(ctx context.Context, run *runstore.Run, set *runstore.Identities, group int) error {
	t := newTask(run, set, group)
	name := schemas.GroupObject(run.ID, group)
	if ok, err := runstore.Exists(ctx, run.Store, name); err != nil || ok {
		return err
	}
	if err := t.findShards(ctx); err != nil {
		return err
	}
	if err := t.do(ctx); err != nil {
		return err
	}
	return run.PutJSON(ctx, name, t.about)
}

// task is one task at work.
type task struct {
	run    *runstore.Run
	group  int
	dim    int
	block  int // entered images that are in memory at a time
	asking int // images whose neighbours are in memory at a time, about
	about  schemas.ListGroup

	shards   []int   // of the set, those that have entries
	position []int64 // of each shard of the set, its first image in the set's order
	before   []int   // of each of shards, images entered before it; one more at the end
	rows     []int   // of each of shards, images that ask
}

func newTask(run *runstore.Run, set *runstore.Identities, group int) *task {
	groups := run.Groups(set)
	return &task{run: run, group: group, dim: set.Trimmed.Cols, block: blockImages, asking: askingImages,
		position: runstore.FirstImages(run.Set()),
		about:    schemas.ListGroup{Groups: len(groups) - 1, First: groups[group], End: groups[group+1]}}
}

// findShards lists the shards whose nearest task is done.
func (t *task) findShards(ctx context.Context) error {
	done := map[string]bool{}
	for info, err := range t.run.Store.List(ctx, schemas.NearestFolder(t.run.ID)) {
		if err != nil {
			return err
		}
		done[info.Name] = true
	}
	for _, sh := range t.run.Set().Shards {
		if done[schemas.NearestObject(t.run.ID, sh.Index)] {
			t.shards = append(t.shards, sh.Index)
		}
	}
	return nil
}

// do answers the shards, as many at a time as their neighbours find room in memory.
func (t *task) do(ctx context.Context) error {
	block, err := t.load(ctx, 0)
	if err != nil {
		return err
	}
	t.about.Entered = t.before[len(t.shards)]
	for _, n := range t.rows {
		t.about.Asking += n
	}
	for from := 0; from < len(t.shards); {
		to, n := from, 0
		for to < len(t.shards) && (to == from || n+t.rows[to] <= t.asking) {
			n += t.rows[to]
			to++
		}
		if err := t.answer(ctx, block, from, to); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// answer compares the images of the shards from one up to another with all entered
// images, of which it has the first block, and writes what it found.
func (t *task) answer(ctx context.Context, block *lists, from, to int) error {
	found := make([]answers, to-from)
	for start := 0; ; start += t.block {
		last := start+t.block >= t.about.Entered
		if start > 0 {
			var err error
			if block, err = t.load(ctx, start); err != nil {
				return err
			}
		}
		g, gctx := errgroup.WithContext(ctx)
		g.SetLimit(runtime.GOMAXPROCS(0))
		for k := from; k < to; k++ {
			g.Go(func() error {
				rows, err := t.read(gctx, k)
				if err != nil {
					return err
				}
				near := found[k-from].among(block, rows)
				if found[k-from] = near; !last {
					return nil
				}
				found[k-from] = nil
				return t.write(gctx, k, rows, near)
			})
		}
		if err := g.Wait(); err != nil || last {
			return err
		}
	}
}

// write writes what the group knows of the k-th of the shards.
func (t *task) write(ctx context.Context, k int, rows []schemas.Entry, near answers) error {
	out := make([]schemas.ImageNeighbours, len(rows))
	for i := range out {
		out[i].Row = rows[i].Row
		for _, n := range near[i] {
			out[i].Identities = append(out[i].Identities, n.Identity)
			out[i].Cosines = append(out[i].Cosines, n.Cosine)
			out[i].Positions = append(out[i].Positions, n.Position)
			out[i].Stays = append(out[i].Stays, n.Stays)
		}
	}
	name := schemas.NeighboursObject(t.run.ID, t.group, t.shards[k])
	return runstore.PutTable(ctx, t.run.Store, name, func(w io.Writer) error {
		return schemas.WriteImageNeighbours(w, out)
	})
}
