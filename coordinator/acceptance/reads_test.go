//go:build acceptance

package acceptance

import (
	"testing"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/judge"
	"github.com/facesieve/facesieve/pipeline/stage/match"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/store/storetest"
	"github.com/facesieve/facesieve/schemas"
)

// TestTasksReadEachShardOnce: with a cache that holds a single shard, no match or
// judge task of real faces reads a shard twice.
func TestTasksReadEachShardOnce(t *testing.T) {
	prepared(t)
	st, err := store.Open(t.Context(), base.folder, store.Options{Existing: true})
	if err != nil {
		t.Fatal(err)
	}
	log := storetest.CountReads(st, schemas.VectorsFolder)
	run, err := runstore.Load(t.Context(), log, base.vggface2.id)
	if err != nil {
		t.Fatal(err)
	}
	shards := runstore.NewShards(run)
	shards.CachedImages = 1
	pairs, err := match.LoadTables(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	verdicts, err := judge.LoadTables(t.Context(), run, pairs.Identities[schemas.Set])
	if err != nil {
		t.Fatal(err)
	}
	for _, sh := range run.Set().Shards {
		for stage, do := range map[schemas.Stage]func() error{
			schemas.StageMatch: func() error { return match.Shard(t.Context(), shards, pairs, sh.Index) },
			schemas.StageJudge: func() error { return judge.Shard(t.Context(), shards, verdicts, sh.Index) },
		} {
			log.Take()
			if err := do(); err != nil {
				t.Fatal(err)
			}
			total := 0
			reads := log.Take()
			for name, n := range reads {
				total += n
				if n > 1 {
					t.Errorf("the %s task of shard %d reads %s %d times", stage, sh.Index, name, n)
				}
			}
			t.Logf("%s task of shard %d: %d objects, %d reads", stage, sh.Index, len(reads), total)
		}
	}
}
