package judge

import (
	"context"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/calibrate"
	"github.com/facesieve/facesieve/schemas"
)

// judgement is the judging of one shard.
type judgement struct {
	run    *runstore.Run
	tables *Tables
	shard  *runstore.LabelledShard
	rows   []schemas.Verdict
	own    []*runstore.Members // of each row's label; nil: not known yet, or the image is not usable
	index  []int               // of each row's image among own; -1: it is none of them
	scores map[*runstore.Members]identityScores
}

// identityScores is an identity's trimmed centroid and its members' leave-one-out
// scores.
type identityScores struct {
	centroid cluster.Centroid
	members  []float32
}

func newJudgement(run *runstore.Run, t *Tables, v *runstore.LabelledShard) *judgement {
	n := len(v.States)
	j := &judgement{run: run, tables: t, shard: v, rows: make([]schemas.Verdict, n),
		own: make([]*runstore.Members, n), index: make([]int, n), scores: map[*runstore.Members]identityScores{}}
	for i := range j.rows {
		row := &v.Vectors.Rows[i]
		object, objectRow := v.Vectors.Location(i)
		j.rows[i] = schemas.Verdict{Embedding: v.Vectors.Embeddings[i], Identity: row.Identity,
			VectorObject: object, VectorRow: objectRow}
		j.rows[i].Embedding.Path, j.rows[i].Embedding.Vector = row.Path, nil
		j.index[i] = -1
	}
	return j
}

// scoreOthers finds the best other identity of every usable image.
func (j *judgement) scoreOthers() {
	set := j.tables.set
	var asked []int
	for i := range j.rows {
		if j.shard.States[i].Usable {
			asked = append(asked, i)
		}
	}
	queries := cluster.NewMatrix(len(asked), set.Trimmed.Cols)
	own := make([]int, len(asked))
	for k, i := range asked {
		copy(queries.Row(k), j.shard.Vectors.Embeddings[i].Vector)
		own[k] = set.Find(j.shard.States[i].Label)
	}
	found := cluster.Nearest(queries, set.Trimmed, func(q, c int) bool {
		return !j.tables.competitors.Compete(own[q], c)
	})
	for k, i := range asked {
		if found[k].Index >= 0 {
			j.rows[i].OtherIdentity = &set.Rows[found[k].Index].Label
			j.rows[i].OtherScore = &found[k].Score
		}
	}
}

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
		own, err := j.shard.Members(j.shard.States[i].Label)
		if err != nil {
			return err
		}
		j.scoreOwn(i, own)
	}
	j.decide(i)
	return nil
}

// scoreOwn scores row i against its label's members, and names the nearest ones.
func (j *judgement) scoreOwn(i int, own *runstore.Members) {
	s, ok := j.scores[own]
	if !ok {
		s.centroid = cluster.TrimmedCentroid(own.Vectors)
		s.members = s.centroid.Scores(own.Vectors)
		j.scores[own] = s
	}
	r, x := &j.rows[i], j.shard.Vectors.Embeddings[i].Vector
	self := own.Index(r.Embedding.Path)
	j.own[i], j.index[i] = own, self
	if self >= 0 && own.Vectors.Rows > 1 {
		r.Score = &s.members[self]
	} else if self < 0 && own.Vectors.Rows > 0 {
		score := cluster.Dot(x, s.centroid.Vector)
		r.Score = &score
	}
	r.EvidenceFor = nearestPaths(x, own, func(k int) bool { return k == self })
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
			want(j.shard.States[i].Label, i)
		}
		if other := j.rows[i].OtherIdentity; other != nil && (moved || j.rows[i].Decision != schemas.Keep) {
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
	r, label := &j.rows[i], j.shard.States[i].Label
	if j.elsewhere(i) && j.shardOf(label) == key {
		own, err := v.Members(label)
		if err != nil {
			return err
		}
		j.scoreOwn(i, own)
		j.decide(i)
	}
	if r.OtherIdentity != nil && j.shardOf(*r.OtherIdentity) == key {
		other, err := v.Members(*r.OtherIdentity)
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

// decide gives row i its type, decision and reason (FORMAT.md, types).
func (j *judgement) decide(i int) {
	r, state := &j.rows[i], &j.shard.States[i]
	switch {
	case r.Embedding.Error == schemas.FaultNoFace:
		r.Type, r.Decision = schemas.TypeNoFace, schemas.Review
	case r.Embedding.Error != schemas.FaultNone:
		r.Type, r.Decision = schemas.TypeUnreadable, schemas.Drop
	case state.CopyOf != "":
		r.Type, r.Decision, r.DuplicateOf = schemas.TypeDuplicate, schemas.Drop, &state.CopyOf
	case r.Score == nil || j.own[i].Vectors.Rows < calibrate.LeastJudged:
		r.Type, r.Decision = schemas.TypeUnjudged, schemas.Keep
	default:
		j.weigh(i)
	}
	if state.Shared && r.Embedding.Error == schemas.FaultNone {
		r.Decision = schemas.Review
	}
	r.Reason = j.reason(i)
	if o := state.Override; o != nil {
		r.Decision = o.Decision
		r.Reason = "by hand: " + string(o.Decision) + "; the machine: " + r.Reason
		if o.Decision == schemas.Relabel {
			r.SuggestedIdentity, r.PSuggested = &o.Identity, nil
		}
	}
}

// weigh turns a usable image's scores into its verdict.
func (j *judgement) weigh(i int) {
	r, other := &j.rows[i], float32(j.tables.noise.Mean)
	if r.OtherScore != nil {
		other = *r.OtherScore
	}
	p, flip := j.tables.noise.Judge(*r.Score, other, j.own[i].Vectors.Rows)
	r.PNoise = &p
	drop, review := float32(j.run.Spec.Judge.Drop.Float()), float32(j.run.Spec.Judge.Review.Float())
	if p < review {
		r.Type, r.Decision = schemas.TypeClean, schemas.Keep
		return
	}
	r.Type, r.Decision = schemas.TypeOutlier, schemas.Review
	if p >= drop {
		r.Decision = schemas.Drop
	}
	if r.OtherIdentity != nil && flip >= p/2 {
		r.Type, r.SuggestedIdentity, r.PSuggested = schemas.TypeFlip, r.OtherIdentity, &flip
		if flip >= drop {
			r.Decision = schemas.Relabel
		}
	}
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
