package judge

import (
	"fmt"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/calibrate"
	"github.com/facesieve/facesieve/schemas"
)

// otherIsLabel says whether the best other identity of row i is a label's own person: a
// guest under a label is nobody that an image can be given to.
func (j *judgement) otherIsLabel(i int) bool {
	if j.other[i] == nil {
		return false
	}
	_, group := schemas.CutGroup(*j.other[i])
	return group < 2
}

// guest turns the verdict on an image among its group into that on its label, where the
// group is not the label's person. What is in doubt of the label as a whole is for review;
// an image of a person who has a label of his own goes there.
func (j *judgement) guest(i int) {
	r := &j.rows[i]
	if r.Group < 2 {
		return
	}
	name, same := j.namesake(i)
	two := j.shard.States[i].PGuest
	if name != nil { // that the group is a person of another label tells that it is not this one's
		two = 1 - float32((1-two)*(1-float32(same*(1-j.hostIs(i, *name)))))
	}
	among, found := *r.PNoise, r.Type
	p := j.asGuest(i, two, among, name == nil)
	r.PNoise = &p
	if p < float32(j.tables.noise.ReviewFrom(j.run.Spec.Judge.Review.Float())) {
		j.rightLabel(i)
		return
	}
	if found == schemas.TypeWrongFace || j.hostFace(i) {
		r.Type, r.Decision, r.SuggestedIdentity, r.PSuggested = schemas.TypeWrongFace, schemas.Review, nil, nil
		return
	}
	if found == schemas.TypeFlip && *r.PSuggested >= p*(1-among) { // neither the label's person nor the group's
		third := min(*r.PSuggested, p)
		r.PSuggested, r.Decision = &third, schemas.Review
		if j.suffices(i, third) {
			r.Decision = schemas.Relabel
		}
		return
	}
	r.Type, r.Decision, r.SuggestedIdentity, r.PSuggested = schemas.TypeOutlier, schemas.Review, nil, nil
	j.withheld[i] = false // what was weighed is who the image shows among its group
	flip := float32(float32(p*same) * (1 - among))
	if name == nil || flip < p/2 {
		return
	}
	r.Type, r.SuggestedIdentity, r.PSuggested = schemas.TypeFlip, name, &flip
	score := cluster.Dot(j.shard.Vectors.Embeddings[i].Vector, j.tables.set.Trimmed.Row(j.tables.set.Find(*name)))
	r.OtherIdentity, r.OtherScore, j.other[i] = name, &score, name // what speaks against the label are that one's images
	if j.suffices(i, flip) {
		r.Decision = schemas.Relabel
	}
}

// guestOdds returns by how much it raises the odds of an image to show another person than
// its label's that a group of so many images does: of 46 images of groups of two and three in
// CelebA 11 showed the label's person all the same, of 437 in groups of four to seven 13, of
// 1,254 in groups up to 15 three, and of 3,250 in groups of 32 and more of VGGFace2 two. The
// judge's prior stays beside it, for groups are made of the very cosines that the judge weighs.
func guestOdds(images int32) float64 { return float64(images) * float64(images) }

// asGuest returns how probable it is that an image of a guest's group does not show its
// label's person. Where the group is another person, with probability two, the judge says
// it of the image under the label's person; else it is as the image stands in its group,
// among.
func (j *judgement) asGuest(i int, two, among float32, unnamed bool) float32 {
	host, identity := j.host(i)
	if host == nil || j.around[i] == nil {
		return two
	}
	x := j.shard.Vectors.Embeddings[i].Vector
	var cosines []float32
	for _, n := range cluster.NearestRows(x, host.Vectors, labelnoise.Neighbours, nil) {
		cosines = append(cosines, n.Score)
	}
	m := &j.tables.noise
	e := calibrate.UnderHost(j.around[i], calibrate.FaceEvidence(&j.shard.Vectors.Embeddings[i]), j.usual(host),
		cluster.Dot(x, j.tables.set.Trimmed.Row(identity)), cosines, j.tables.rivals.Sure(identity), unnamed)
	p := m.Judge(&e).Noise
	wrong := float64(guestOdds(j.tables.set.Usable[j.label(i)]) * p)
	apart := wrong / (wrong + 1 - p)
	return float32(float64(float64(two)*apart) + float64((1-float64(two))*float64(among)))
}

// host returns the images of row i's label that are of its own person, the first group, and
// that one's position in the set's identities; nil where there are none.
func (j *judgement) host(i int) (*runstore.Members, int) {
	label := j.shard.States[i].Label
	identity := j.tables.set.Find(label)
	host, err := j.shard.Members(label)
	if err != nil || identity < 0 {
		return nil, -1
	}
	return host, identity
}

// rightLabel gives row i, which shows its label's person, its type and decision.
func (j *judgement) rightLabel(i int) {
	r := &j.rows[i]
	r.Type, r.Decision, r.SuggestedIdentity, r.PSuggested = schemas.TypeClean, schemas.Keep, nil, nil
	j.withheld[i] = false
	if j.shard.Vectors.Joined(i) {
		r.Type = schemas.TypeHardClean
	}
}

// namesake returns the label whose person row i's group most probably is, and how
// probable that is; nil where none may be.
func (j *judgement) namesake(i int) (name *string, p float32) {
	for _, x := range j.tables.rivals.Of(j.label(i)) {
		label := j.tables.set.Rows[x.Identity].Label
		_, group := schemas.CutGroup(label)
		if group < 2 && label != j.shard.States[i].Label && x.P > p {
			name, p = &label, x.P
		}
	}
	return name, p
}

// hostIs returns how probable it is that the person of row i's label is that of another
// label.
func (j *judgement) hostIs(i int, other string) float32 {
	own, identity := j.tables.set.Find(j.shard.States[i].Label), j.tables.set.Find(other)
	if own < 0 {
		return 0
	}
	for _, x := range j.tables.rivals.Of(own) {
		if int(x.Identity) == identity {
			return x.P
		}
	}
	return 0
}

// guestReason says why an image of a further group of a merged label is flagged.
func (j *judgement) guestReason(i int) string {
	r := &j.rows[i]
	text := fmt.Sprintf("of %s under %s, group %d, who are rather another person than the rest",
		images(j.own[i].Vectors.Rows), schemas.EscapePath(j.shard.States[i].Label), r.Group)
	if r.Type.RightLabel() {
		return text + fmt.Sprintf(", yet it rather shows the label's person: wrong only with p %.3f", *r.PNoise)
	}
	if cosine, ok := j.faces[i]; ok && r.Type == schemas.TypeWrongFace {
		text += fmt.Sprintf(", yet another face of the picture looks like them or like the label's person (%.2f)", cosine)
	} else if r.SuggestedIdentity != nil {
		text += fmt.Sprintf(", %s with p %.2f", schemas.EscapePath(*r.SuggestedIdentity), *r.PSuggested)
	} else {
		text += ", and nobody who has a label is known to be that one"
	}
	return text + fmt.Sprintf(": wrong with p %.3f", *r.PNoise) + j.qualityReason(i)
}
