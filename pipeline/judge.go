package pipeline

import (
	"context"
	"io"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/schemas"
)

// JudgeMethod is the version of the judge, a part of every Spec: it changes
// whenever verdicts on the same vectors may.
const JudgeMethod = "1"

const (
	leastJudged   = 3 // usable images of an identity below which its images are not judged
	evidenceCount = 3 // images for and against
)

// judging is what all judge tasks of a run share.
type judging struct {
	*known
	noise  labelnoise.Model
	rivals rivals
}

func (s *session) judgingTables(ctx context.Context) (*judging, error) {
	k, err := s.knownTables(ctx)
	if err != nil {
		return nil, err
	}
	s.judgeMu.Lock()
	defer s.judgeMu.Unlock()
	if s.judging != nil {
		return s.judging, nil
	}
	j := &judging{known: k}
	var file calibration
	if err := getJSON(ctx, s.store, schemas.CalibrationObject(s.run), &file); err != nil {
		return nil, err
	}
	j.noise = file.Noise
	pairs, err := getTable(ctx, s.store, schemas.ReportObject(s.run, schemas.PairsFile), schemas.ReadPairs)
	if err != nil {
		return nil, err
	}
	j.rivals = newRivals(k.folded[schemas.Set], pairs)
	s.judging = j
	return j, nil
}

// judge gives every image of a shard its verdict.
func (s *session) judge(ctx context.Context, t schemas.Task) error {
	j, err := s.judgingTables(ctx)
	if err != nil {
		return err
	}
	v, err := s.views.get(ctx, schemas.Set, t.Shard)
	if err != nil {
		return err
	}
	b := bench{session: s, judging: j, view: v, rows: make([]schemas.Verdict, len(v.rows)), best: make([]cluster.Neighbour, len(v.rows))}
	if err := b.score(ctx); err != nil {
		return err
	}
	for i := range v.rows {
		b.decide(i)
	}
	if err := b.evidence(ctx); err != nil {
		return err
	}
	return putTable(ctx, s.store, schemas.VerdictsObject(s.run, t.Shard), func(w io.Writer) error {
		return schemas.WriteVerdicts(w, b.rows)
	})
}

// bench is a shard before the judge.
type bench struct {
	*session
	*judging
	view *view
	rows []schemas.Verdict
	best []cluster.Neighbour // best other identity of each row
	own  []*group            // group of each row's label
	pos  []int               // place in it; -1: not part of it
}

// score fills in what is measured: the scores to the own and the best other
// centroid.
func (b *bench) score(ctx context.Context) error {
	v := b.view
	b.own, b.pos = make([]*group, len(v.rows)), make([]int, len(v.rows))
	scores := map[*group][]float32{}
	centroids := map[*group]cluster.Centroid{}
	var asked []int
	for i := range v.rows {
		object, row := v.at(i)
		b.rows[i] = schemas.Verdict{Embedding: v.embs[i], Identity: v.rows[i].Identity, VectorObject: object, VectorRow: row}
		b.rows[i].Path, b.rows[i].Vector = v.rows[i].Path, nil
		b.best[i].Index, b.pos[i] = -1, -1
		if !v.image[i].usable {
			continue
		}
		g, err := b.find(ctx, schemas.Set, v.image[i].label)
		if err != nil {
			return err
		}
		if _, ok := scores[g]; !ok {
			centroids[g] = cluster.TrimmedCentroid(g.vectors)
			scores[g] = centroids[g].Scores(g.vectors)
		}
		b.own[i], b.pos[i] = g, g.index(v.rows[i].Path)
		if b.pos[i] >= 0 && g.vectors.Rows > 1 {
			b.rows[i].Score = &scores[g][b.pos[i]]
		} else if b.pos[i] < 0 && g.vectors.Rows > 0 {
			x := cluster.Dot(v.embs[i].Vector, centroids[g].Vector)
			b.rows[i].Score = &x
		}
		asked = append(asked, i)
	}
	b.nearest(asked)
	return nil
}

// nearest finds the best other identity of the asked rows.
func (b *bench) nearest(asked []int) {
	set := b.folded[schemas.Set]
	queries := cluster.NewMatrix(len(asked), set.centroids.Cols)
	own := make([]int, len(asked))
	for k, i := range asked {
		copy(queries.Row(k), b.view.embs[i].Vector)
		own[k] = set.find(b.view.image[i].label)
	}
	found := cluster.Nearest(queries, set.centroids, func(q, c int) bool {
		return !b.rivals.compete(own[q], c)
	})
	for k, i := range asked {
		b.best[i] = found[k]
		if found[k].Index >= 0 {
			b.rows[i].OtherIdentity = &set.rows[found[k].Index].Label
			b.rows[i].OtherScore = &found[k].Score
		}
	}
}

// decide gives row i its type, decision and reason (FORMAT.md, types).
func (b *bench) decide(i int) {
	r, st := &b.rows[i], &b.view.image[i]
	switch {
	case r.Error == schemas.FaultNoFace:
		r.Type, r.Decision = schemas.TypeNoFace, schemas.Review
	case r.Error != schemas.FaultNone:
		r.Type, r.Decision = schemas.TypeUnreadable, schemas.Drop
	case st.copyOf != "":
		r.Type, r.Decision, r.DuplicateOf = schemas.TypeDuplicate, schemas.Drop, &st.copyOf
	case r.Score == nil || b.own[i].vectors.Rows < leastJudged:
		r.Type, r.Decision = schemas.TypeUnjudged, schemas.Keep
	default:
		b.weigh(i)
	}
	if st.shared && r.Error == schemas.FaultNone {
		r.Decision = schemas.Review
	}
	r.Reason = b.reason(i)
	if o := st.override; o != nil {
		r.Decision = o.Decision
		r.Reason = "by hand: " + string(o.Decision) + "; the machine: " + r.Reason
		if o.Decision == schemas.Relabel {
			r.SuggestedIdentity, r.PSuggested = &o.Identity, nil
		}
	}
}

// weigh turns a usable image's scores into its verdict.
func (b *bench) weigh(i int) {
	r, other := &b.rows[i], float32(b.noise.Mean)
	if r.OtherScore != nil {
		other = *r.OtherScore
	}
	p, flip := b.noise.Judge(*r.Score, other, b.own[i].vectors.Rows)
	r.PNoise = &p
	drop, review := float32(b.spec.Judge.Drop.Float()), float32(b.spec.Judge.Review.Float())
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

// evidence names the nearest images with the same label and, where a person is
// asked to do something, the nearest images of the best other identity.
func (b *bench) evidence(ctx context.Context) error {
	for i := range b.rows {
		r := &b.rows[i]
		if !b.view.image[i].usable {
			continue
		}
		x, self := b.view.embs[i].Vector, b.pos[i]
		r.EvidenceFor = nearestPaths(x, b.own[i], func(k int) bool { return k == self })
		if r.Decision == schemas.Keep || r.OtherIdentity == nil {
			continue
		}
		g, err := b.find(ctx, schemas.Set, *r.OtherIdentity)
		if err != nil {
			return err
		}
		r.EvidenceAgainst = nearestPaths(x, g, nil)
	}
	return nil
}

func nearestPaths(x []float32, g *group, skip func(int) bool) []string {
	var out []string
	for _, n := range cluster.NearestRows(x, g.vectors, evidenceCount, skip) {
		out = append(out, g.paths[n.Index])
	}
	return out
}
