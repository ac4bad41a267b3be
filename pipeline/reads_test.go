package pipeline_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/calibrate"
	"github.com/facesieve/facesieve/pipeline/stage/judge"
	"github.com/facesieve/facesieve/pipeline/stage/match"
	"github.com/facesieve/facesieve/pipeline/stage/nearest"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/store/storetest"
	"github.com/facesieve/facesieve/schemas"
)

// mixedUp is a set in which images of every identity stand under others, all over
// its shards, and people under two labels.
func mixedUp() tree {
	const people = 24
	set := crowd(people, 8)
	for i := range people {
		for j := range 2 {
			other := (i + 5 + 7*j) % people
			set[fmt.Sprintf("p%03d/wrong%d.jpg", i, j)] = portrait(fmt.Sprintf("somebody-%03d", other), 100+j)
		}
	}
	for i := range 4 {
		for shot := range 6 {
			set[fmt.Sprintf("again-%03d/%d.jpg", i, shot)] = portrait(fmt.Sprintf("somebody-%03d", 6*i+1), 200+shot)
		}
	}
	return set
}

// A match, nearest or judge task reads each shard at most once, however little the cache
// holds and however many of its images ask for other shards.
func TestTasksReadEachShardOnce(t *testing.T) {
	l := newHarness(t)
	q := ask(mixedUp().write(t, t.TempDir()))
	q.Overrides = []schemas.Override{
		{Path: "p001/001.jpg", Decision: schemas.Relabel, Identity: "p020"},
		{Path: "p001/002.jpg", Decision: schemas.Relabel, Identity: "p002"},
		{Path: "p001/003.jpg", Decision: schemas.Drop},
	}
	planned, _ := l.must(q)
	log := storetest.CountReads(l.store, schemas.VectorsFolder)
	run, err := runstore.Load(t.Context(), log, planned.ID)
	if err != nil {
		t.Fatal(err)
	}
	shards := runstore.NewShards(run)
	shards.CachedImages = 1
	tables, err := match.LoadTables(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	verdicts, err := judge.LoadTables(t.Context(), run, tables.Identities[schemas.Set])
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range l.names(schemas.NearestFolder(planned.ID)) {
		if err := l.store.Delete(t.Context(), name); err != nil { // else these tasks are done
			t.Fatal(err)
		}
	}
	most := map[schemas.Stage]int{}
	for _, sh := range run.Set().Shards {
		for _, task := range []struct {
			stage schemas.Stage
			do    func() error
		}{
			{schemas.StageMatch, func() error { return match.Shard(t.Context(), shards, tables, sh.Index) }},
			{schemas.StageNearest, func() error {
				return nearest.Shard(t.Context(), shards, tables.Identities[schemas.Set], sh.Index)
			}},
			{schemas.StageJudge, func() error { return judge.Shard(t.Context(), shards, verdicts, sh.Index) }},
		} {
			stage := task.stage
			log.Take()
			if err := task.do(); err != nil {
				t.Fatal(err)
			}
			reads := log.Take()
			most[stage] = max(most[stage], len(reads))
			for name, n := range reads {
				if n > 1 {
					t.Errorf("the %s task of shard %d reads %s %d times", stage, sh.Index, name, n)
				}
			}
		}
	}
	if most[schemas.StageMatch] < 2 || most[schemas.StageNearest] < 2 || most[schemas.StageJudge] < 4 {
		t.Errorf("tasks read at most %v shards: the set asks too little of them", most)
	}
}

// gate is a store whose vectors wait until it is opened.
type gate struct {
	store.Store
	open  chan struct{}
	reads atomic.Int64
}

func (g *gate) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if strings.HasPrefix(name, schemas.VectorsFolder) {
		g.reads.Add(1)
		<-g.open
	}
	return g.Store.Get(ctx, name)
}

// Who asks for a shard while somebody reads it waits for that reading.
func TestReadersOfOneShardShareTheReading(t *testing.T) {
	l := newHarness(t)
	planned, _ := l.must(ask(crowd(4, 5).write(t, t.TempDir())))
	synctest.Test(t, func(t *testing.T) {
		g := &gate{Store: l.store, open: make(chan struct{})}
		run, err := runstore.Load(t.Context(), g, planned.ID)
		if err != nil {
			t.Fatal(err)
		}
		shards := runstore.NewShards(run)
		var group errgroup.Group
		for range 8 {
			group.Go(func() error {
				_, err := shards.Get(t.Context(), runstore.ShardKey{})
				return err
			})
		}
		synctest.Wait()
		close(g.open)
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		if parts := int64(len(run.Set().Shards[0].Parts)); g.reads.Load() != parts {
			t.Errorf("eight readers read %d objects of a shard that has %d", g.reads.Load(), parts)
		}
	})
}

// Fitting the judge reads what is around a shard's images once, however many identities
// the shard has.
func TestCalibrationReadsEachShardOnce(t *testing.T) {
	l := newHarness(t)
	planned, _ := l.must(ask(mixedUp().write(t, t.TempDir())))
	if err := l.store.Delete(t.Context(), schemas.CalibrationObject(planned.ID)); err != nil {
		t.Fatal(err)
	}
	log := storetest.CountReads(l.store, schemas.NearestFolder(planned.ID))
	run, err := runstore.Load(t.Context(), log, planned.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := calibrate.Fit(t.Context(), runstore.NewShards(run)); err != nil {
		t.Fatal(err)
	}
	reads := log.Take()
	for name, n := range reads {
		if n > 1 {
			t.Errorf("%s is read %d times", name, n)
		}
	}
	if len(reads) < len(run.Set().Shards) {
		t.Errorf("%d of %d shards are read", len(reads), len(run.Set().Shards))
	}
}

// Who visits all shards takes those in memory before reading others drives them out.
func TestShardsInMemoryAreVisitedFirst(t *testing.T) {
	l := newHarness(t)
	planned, _ := l.must(ask(mixedUp().write(t, t.TempDir())))
	log := storetest.CountReads(l.store, schemas.VectorsFolder)
	run, err := runstore.Load(t.Context(), log, planned.ID)
	if err != nil {
		t.Fatal(err)
	}
	shards := runstore.NewShards(run)
	wanted, half := map[runstore.ShardKey][]int{}, 0
	for k, sh := range run.Set().Shards {
		wanted[runstore.ShardKey{Source: schemas.Set, Shard: sh.Index}] = nil
		if 2*k < len(run.Set().Shards) {
			half += sh.Images
		}
	}
	shards.CachedImages = half
	var reads [2]int
	for round := range reads {
		visited := 0
		err := shards.Visit(t.Context(), nil, wanted, func(runstore.ShardKey, *runstore.LabelledShard, []int) error {
			visited++
			return nil
		})
		if err != nil || visited != len(wanted) {
			t.Fatalf("%d of %d shards visited: %v", visited, len(wanted), err)
		}
		reads[round] = len(log.Take())
	}
	if reads[1] > reads[0]*3/4 {
		t.Errorf("%d objects are read first, and %d again", reads[0], reads[1])
	}
}
