// Package judge is the stage that gives every image of the set its verdict. A task
// for each shard does it.
package judge

import (
	"bytes"
	"context"
	"io"

	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/calibrate"
	"github.com/facesieve/facesieve/schemas"
)

// Method is the version of the judge, a part of every Spec: it changes whenever
// verdicts on the same vectors may.
const Method = "5"

// CheckPrior refuses weights that no judge can start from (Spec's prior).
func CheckPrior(data []byte) error {
	_, err := labelnoise.ReadPrior(bytes.NewReader(data))
	return err
}

// Tables is what all judge tasks of a run share.
type Tables struct {
	set    *runstore.Identities
	noise  labelnoise.Model
	rivals *calibrate.Rivals
	photos *runstore.Photographs
	groups map[string]int32 // of merged labels: how many each has
}

// LoadTables returns what all judge tasks of a run share, once the calibration is
// written; set is the set's identities.
func LoadTables(ctx context.Context, run *runstore.Run, set *runstore.Identities) (*Tables, error) {
	c, err := calibrate.Load(ctx, run)
	if err != nil {
		return nil, err
	}
	rivals, err := calibrate.LoadRivals(ctx, run, set)
	if err != nil {
		return nil, err
	}
	photos, err := run.Photographs(ctx)
	t := &Tables{set: set, noise: c.Noise, rivals: rivals, photos: photos, groups: map[string]int32{}}
	for i := range set.Rows {
		if label, group := schemas.CutGroup(set.Rows[i].Label); group > 1 {
			t.groups[label] = max(t.groups[label], group)
		}
	}
	return t, err
}

// Shard judges every image of a shard of the set, counted from 0, and writes the
// verdicts: that shard's part of the report's images table (schemas.VerdictsObject).
func Shard(ctx context.Context, shards *runstore.Shards, t *Tables, shard int) error {
	v, err := shards.Get(ctx, runstore.ShardKey{Source: schemas.Set, Shard: shard})
	if err != nil {
		return err
	}
	around, err := shards.Run.Around(ctx, shard)
	if err != nil {
		return err
	}
	t.photos.CountOnce(around, runstore.FirstImages(shards.Run.Set())[shard])
	j := newJudgement(shards.Run, t, v, around)
	if err := j.recall(ctx, shard); err != nil {
		return err
	}
	j.compareOthers()
	for i := range j.rows {
		if err := j.judgeAmongOwn(i); err != nil {
			return err
		}
	}
	j.pairLabels() // before evidence is asked for
	if err := j.askOtherShards(ctx, shards, shard); err != nil {
		return err
	}
	j.pairLabels() // and those that a person moved an image to
	run := shards.Run
	return runstore.PutTable(ctx, run.Store, schemas.VerdictsObject(run.ID, shard), func(w io.Writer) error {
		return schemas.WriteVerdicts(w, j.rows)
	})
}
