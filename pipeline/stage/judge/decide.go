package judge

import (
	"fmt"
	"slices"

	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/pipeline/stage/calibrate"
	"github.com/facesieve/facesieve/schemas"
)

// decide gives row i its type, decision and reason (FORMAT.md, types).
func (j *judgement) decide(i int) {
	r, state := &j.rows[i], &j.shard.States[i]
	switch {
	case r.Embedding.Error == schemas.FaultNoFace:
		r.Type, r.Decision = schemas.TypeNoFace, schemas.Review
	case r.Embedding.Error.NotRead():
		r.Type, r.Decision = schemas.TypeUnreadable, schemas.Review
	case r.Embedding.Error != schemas.FaultNone:
		r.Type, r.Decision = schemas.TypeUnreadable, schemas.Drop
	case j.poorFace(i):
		r.Type, r.Decision = schemas.TypePoorFace, schemas.Review
	case state.CopyOf != "":
		r.Type, r.Decision, r.DuplicateOf = schemas.TypeDuplicate, schemas.Drop, &state.CopyOf
	case r.Score == nil || j.own[i].Vectors.Rows < calibrate.LeastJudged:
		r.Type, r.Decision = schemas.TypeUnjudged, schemas.Keep
	default:
		j.weigh(i)
		j.guest(i)
		j.lowQuality(i)
	}
	j.photograph(i)
	if state.Shared && r.Embedding.Error == schemas.FaultNone {
		r.Decision = schemas.Review
	}
	j.explain(i)
}

// photograph gives row i, once it is judged, what follows from other images that show its
// photograph: under its label it is for review or, where the run asks for it, dropped;
// where one stands under another label it is not known here which label is right, so that
// the image is not dropped, but for its quality. What is hardly a face stays that.
func (j *judgement) photograph(i int) {
	r, state := &j.rows[i], &j.shard.States[i]
	if !state.Usable {
		return
	}
	if first := j.tables.photos.Representative(r.Embedding.Path); first != "" && r.Type != schemas.TypePoorFace {
		r.Type, r.Decision, r.DuplicateOf = schemas.TypeNearDuplicate, schemas.Review, &first
		if j.run.Spec.Judge.DropNearDuplicates {
			r.Decision = schemas.Drop
			return
		}
	}
	_, twin := j.tables.photos.Twin(r.Embedding.Path)
	if twin && r.Decision == schemas.Drop && r.Type != schemas.TypeLowQuality {
		r.Decision = schemas.Review
	}
}

// explain gives row i its reason, and a person's decision where there is one.
func (j *judgement) explain(i int) {
	r := &j.rows[i]
	r.Reason = j.reason(i)
	if o := j.shard.States[i].Override; o != nil {
		r.Decision = o.Decision
		r.Reason = "by hand: " + string(o.Decision) + "; the machine: " + r.Reason
		if o.Decision == schemas.Relabel {
			r.SuggestedIdentity, r.PSuggested = &o.Identity, nil
		}
	}
}

// opinion returns what the model says of row i. Where its label may be one person with
// another label, it is the mean of what it says with and without that one among the
// others, by the probability that they are.
func (j *judgement) opinion(i int) labelnoise.Opinion {
	m, a := &j.tables.noise, j.around[i]
	face, typical := calibrate.FaceEvidence(&j.shard.Vectors.Embeddings[i]), j.usual(j.own[i])
	rivals := slices.Clone(j.tables.rivals.Siblings(j.label(i)))
	e := calibrate.AsItStands(a, face, typical, rivals)
	apart := m.Judge(&e)
	var same float64
	others := j.tables.rivals.Of(j.label(i))
	for _, r := range others {
		rivals = append(rivals, r.Identity)
		same = max(same, float64(r.P))
	}
	if len(others) == 0 {
		return apart
	}
	e = calibrate.AsItStands(a, face, typical, rivals)
	one := m.Judge(&e)
	mean := func(x, y float64) float64 { return float64(same*x) + float64((1-same)*y) }
	return labelnoise.Opinion{Noise: mean(one.Noise, apart.Noise), Flip: mean(one.Flip, apart.Flip)}
}

// leastSuggested is the share of p_noise that an identity has at least where it is
// suggested.
const leastSuggested = .05

// unsure is the share of p_noise that a suggestion has at least where a wrong image is
// not dropped without a look.
const unsure = .25

// weigh turns what is around a usable image into its verdict.
func (j *judgement) weigh(i int) {
	r, o := &j.rows[i], j.opinion(i)
	j.opinions[i] = o
	p, flip := float32(o.Noise), float32(o.Flip)
	r.PNoise = &p
	review := float32(j.tables.noise.ReviewFrom(j.run.Spec.Judge.Review.Float()))
	if p < review {
		j.rightLabel(i)
		return
	}
	if j.anotherFace(i) {
		r.Type, r.Decision = schemas.TypeWrongFace, schemas.Review
		return
	}
	r.Type, r.Decision = schemas.TypeOutlier, schemas.Review
	if flip < p*unsure && j.suffices(i, p) { // dropping it would lose an image that may have a place
		r.Decision = schemas.Drop
	}
	if !j.otherIsLabel(i) || flip < leastSuggested*p {
		return
	}
	r.SuggestedIdentity, r.PSuggested = r.OtherIdentity, &flip
	if flip >= p/2 {
		r.Type = schemas.TypeFlip
	}
	if j.suffices(i, flip) {
		r.Decision = schemas.Relabel
	}
}

// pairLabels reviews the images of labels of two of which one may be wrong: it is not
// known which, unless it surely shows another identity.
func (j *judgement) pairLabels() {
	rows := map[string][]int{}
	for i := range j.rows {
		if j.own[i] != nil && j.own[i].Vectors.Rows == 2 && j.rows[i].Group < 2 && j.rows[i].PNoise != nil {
			rows[j.own[i].Label] = append(rows[j.own[i].Label], i)
		}
	}
	for label, pair := range rows {
		right := 1.0 // probability that those that stay are right
		for _, i := range pair {
			if r := &j.rows[i]; r.Decision != schemas.Relabel {
				right *= 1 - float64(*r.PNoise)
			}
		}
		disagree := 1-right >= j.run.Spec.Judge.Review.Float()
		for _, i := range pair {
			r := &j.rows[i]
			if disagree && (r.Decision == schemas.Keep || r.Decision == schemas.Drop) && j.shard.States[i].Override == nil {
				r.Decision = schemas.Review
				r.Reason += fmt.Sprintf("; the two images of %s disagree, and either may be the wrong one",
					schemas.EscapePath(label))
			}
		}
	}
}
