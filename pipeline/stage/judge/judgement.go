package judge

import (
	"context"
	"math"
	"slices"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/facequality"
	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/calibrate"
	"github.com/facesieve/facesieve/schemas"
)

// judgement is the judging of one shard.
type judgement struct {
	run       *runstore.Run
	tables    *Tables
	shard     *runstore.LabelledShard
	around    []*runstore.Around // of each row; nil: the image is not usable
	rows      []schemas.Verdict
	other     []*string           // the identity of each row's OtherIdentity: a label, or a group of one
	own       []*runstore.Members // of each row's label; nil: not known yet, or the image is not usable
	opinions  []labelnoise.Opinion
	qualities []facequality.Quality
	withheld  []bool                        // of rows that are for review since their quality is low
	typical   map[*runstore.Members]float32 // median own score
	faces     map[int]float32               // of rows that show a face more like their label's: its cosine
}

func newJudgement(
	run *runstore.Run, t *Tables, v *runstore.LabelledShard, around []*runstore.Around,
) *judgement {
	n := len(v.States)
	j := &judgement{run: run, tables: t, shard: v, around: around, rows: make([]schemas.Verdict, n),
		own: make([]*runstore.Members, n), other: make([]*string, n), opinions: make([]labelnoise.Opinion, n),
		qualities: make([]facequality.Quality, n), withheld: make([]bool, n),
		typical: map[*runstore.Members]float32{}, faces: map[int]float32{}}
	for i := range j.rows {
		row := &v.Vectors.Rows[i]
		object, objectRow := v.Vectors.Location(i)
		j.rows[i] = schemas.Verdict{Embedding: v.Vectors.Embeddings[i], Identity: row.Identity,
			VectorObject: object, VectorRow: objectRow}
		state := &v.States[i]
		cut := t.groups[state.Label] > 1 && (state.Override == nil || state.Override.Decision != schemas.Drop)
		if cut && state.Usable && state.Label == row.Identity { // one that a person drops is of no group
			_, j.rows[i].Group = schemas.CutGroup(state.Identity)
		}
		j.rows[i].Embedding.Path, j.rows[i].Embedding.Vector = row.Path, nil
		if q := t.quality(&j.rows[i].Embedding); q.Known() {
			j.qualities[i], j.rows[i].Quality = q, &q.Score
		}
	}
	return j
}

// compareOthers names the best other identity of every usable image, rivals that are
// rather the same person left out.
func (j *judgement) compareOthers() {
	for i, a := range j.around {
		if a == nil {
			continue
		}
		sure := j.tables.rivals.Sure(j.label(i))
		for k := range a.Centroids {
			n := &a.Centroids[k]
			if !slices.Contains(sure, n.Identity) {
				j.other[i] = &j.tables.set.Rows[n.Identity].Label
				label, _ := schemas.CutGroup(*j.other[i])
				j.rows[i].OtherIdentity = &label
				j.rows[i].OtherScore = &n.Cosine
				break
			}
		}
	}
}

// label returns the identity of row i's label, a position in the set's identities.
func (j *judgement) label(i int) int { return j.tables.set.Find(j.shard.States[i].Identity) }

// elsewhere says whether a person moved a usable image to an identity, which may
// be of another shard.
func (j *judgement) elsewhere(i int) bool {
	state := &j.shard.States[i]
	return state.Usable && state.Label != j.shard.Vectors.Rows[i].Identity
}

// judgeAmongOwn gives row i its verdict where that needs this shard alone.
func (j *judgement) judgeAmongOwn(i int) error {
	if j.elsewhere(i) {
		return nil
	}
	if j.shard.States[i].Usable {
		own, err := j.shard.Members(j.shard.States[i].Identity)
		if err != nil {
			return err
		}
		j.scoreOwn(i, own)
	}
	j.decide(i)
	return nil
}

// scoreOwn gives row i its score among its label's members, and names the nearest ones.
func (j *judgement) scoreOwn(i int, own *runstore.Members) {
	r, x := &j.rows[i], j.shard.Vectors.Embeddings[i].Vector
	self := own.Index(r.Embedding.Path)
	j.own[i] = own
	if a := j.around[i]; a != nil && !math.IsNaN(float64(a.Own)) {
		r.Score = &a.Own
	}
	r.EvidenceFor = nearestPaths(x, own, func(k int) bool { return k == self })
}

// usual returns the median own score of an identity's images, which is computed once.
func (j *judgement) usual(m *runstore.Members) float32 {
	x, ok := j.typical[m]
	if !ok {
		x = calibrate.Typical(m)
		j.typical[m] = x
	}
	return x
}

// askOtherShards completes the rows that other shards are needed for: the own
// score of images that a person moved, and the evidence against those that a
// person is asked to do something about. Each shard is read once.
func (j *judgement) askOtherShards(ctx context.Context, shards *runstore.Shards, shard int) error {
	wanted := map[runstore.ShardKey][]int{}
	want := func(label string, row int) {
		key := j.shardOf(label)
		if rows := wanted[key]; len(rows) == 0 || rows[len(rows)-1] != row {
			wanted[key] = append(rows, row)
		}
	}
	for i := range j.rows {
		moved := j.elsewhere(i)
		if moved {
			want(j.shard.States[i].Identity, i)
		}
		if other := j.other[i]; other != nil && (moved || j.rows[i].Decision != schemas.Keep) {
			want(*other, i)
		}
	}
	held := map[runstore.ShardKey]*runstore.LabelledShard{{Source: schemas.Set, Shard: shard}: j.shard}
	return shards.Visit(ctx, held, wanted,
		func(key runstore.ShardKey, v *runstore.LabelledShard, rows []int) error {
			for _, i := range rows {
				if err := j.complete(i, key, v); err != nil {
					return err
				}
			}
			return nil
		})
}

// complete gives row i what shard v knows of it.
func (j *judgement) complete(i int, key runstore.ShardKey, v *runstore.LabelledShard) error {
	r, label := &j.rows[i], j.shard.States[i].Identity
	if j.elsewhere(i) && j.shardOf(label) == key {
		own, err := v.Members(label)
		if err != nil {
			return err
		}
		j.scoreOwn(i, own)
		j.decide(i)
	}
	if name := j.other[i]; name != nil && j.shardOf(*name) == key {
		other, err := v.Members(*name)
		if err != nil {
			return err
		}
		r.EvidenceAgainst = nearestPaths(j.shard.Vectors.Embeddings[i].Vector, other, nil)
	}
	return nil
}

// shardOf returns the shard of a label of the set.
func (j *judgement) shardOf(label string) runstore.ShardKey {
	return runstore.ShardKey{Source: schemas.Set, Shard: j.tables.set.ShardOf(j.tables.set.Find(label))}
}

// evidenceCount is how many images stand for a label, and against it.
const evidenceCount = 3

// nearestPaths returns the paths of the members most similar to an image, nearest first.
func nearestPaths(x []float32, m *runstore.Members, skip func(int) bool) []string {
	var out []string
	for _, n := range cluster.NearestRows(x, m.Vectors, evidenceCount, skip) {
		out = append(out, m.Paths[n.Index])
	}
	return out
}
