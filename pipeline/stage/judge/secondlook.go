package judge

import (
	"context"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// recall notes what each row's looks were, and what the first one said.
func (j *judgement) recall(ctx context.Context, shard int) error {
	if len(j.shard.Vectors.Looks) == 0 && !j.shard.Vectors.LookGivenUp {
		return nil
	}
	doubts, err := j.run.Doubts(ctx, j.run.Set().Shards[shard])
	if err != nil {
		return err
	}
	for row, look := range j.shard.Vectors.Looks {
		switch {
		case look == nil:
		case look.Error != schemas.FaultNone:
			j.rows[row].SecondLook = string(look.Error)
		default:
			j.rows[row].SecondLook = schemas.LookTwice
		}
	}
	for _, d := range doubts {
		if j.shard.Vectors.LookGivenUp {
			j.rows[d.Row].SecondLook = schemas.LookGivenUp
		}
		if r := &j.rows[d.Row]; r.SecondLook != schemas.LookOnce {
			r.FirstPNoise = d.P
		}
	}
	return nil
}

// anotherFace says whether a second look at row i found another face that is more like
// the label's images: nearer to what is usual there than to strangers.
func (j *judgement) anotherFace(i int) bool {
	return j.faceOf(i, j.label(i), j.usual(j.own[i]), *j.rows[i].Score)
}

// hostFace says whether a second look at row i, of a guest's group, found another face
// that is more like the images of the label's person.
func (j *judgement) hostFace(i int) bool {
	host, identity := j.host(i)
	if len(j.shard.Vectors.Looks) == 0 || host == nil {
		return false
	}
	taken := cluster.Dot(j.shard.Vectors.Embeddings[i].Vector, j.tables.set.Trimmed.Row(identity))
	return j.faceOf(i, identity, j.usual(host), taken)
}

// faceOf says whether a second look at row i found another face of an identity, whose
// images' typical own score is given, and that of the face that was taken.
func (j *judgement) faceOf(i, identity int, typical, taken float32) bool {
	others := j.shard.Vectors.OtherFaces(i)
	if len(others) == 0 || typical != typical {
		return false
	}
	centroid := j.tables.set.Trimmed.Row(identity)
	least := max((typical+float32(j.tables.noise.Units.Mean))/2, taken)
	found := false
	for _, f := range others {
		if x := cluster.Dot(f.Vector, centroid); x > least {
			least, found = x, true
		}
	}
	if found {
		j.faces[i] = least
	}
	return found
}

// What is hardly a face after two looks: one below runstore.HardlyFace whose embedding is
// shorter than this share of the set's median; or one that was made large from about ten
// pixels. Measured on photographs of people, text, logos, hair and
// faces of ten pixels.
const (
	poorLength    = .8
	poorSharpness = .17
)

// poorFace says whether what was embedded for row i is hardly a face, at two looks: a
// second one that the image could not be read for says nothing.
func (j *judgement) poorFace(i int) bool {
	r := &j.rows[i]
	e := &r.Embedding
	twice := r.SecondLook == schemas.LookTwice || r.SecondLook == string(schemas.FaultNoFace)
	if !twice || e.Error != schemas.FaultNone || !e.HasDetScore {
		return false
	}
	usual := float32(cluster.Exp(j.tables.noise.Units.LogLength))
	short := e.Length > 0 && e.Length < poorLength*usual
	blurred := e.Sharpness > 0 && e.Sharpness < poorSharpness
	return blurred || short && e.DetScore < runstore.HardlyFace
}
