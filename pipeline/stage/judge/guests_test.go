package judge

import (
	"testing"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/calibrate"
	"github.com/facesieve/facesieve/schemas"
)

// Where another face of the picture is looked for, an image of a guest's group stays
// with a person.
func TestAGuestsWrongFaceStays(t *testing.T) {
	p, suggested := float32(.6), float32(.99)
	run := &runstore.Run{Spec: schemas.Spec{Judge: schemas.JudgeSpec{Review: "0.5"}}}
	j := &judgement{run: run, around: []*runstore.Around{nil}, tables: &Tables{set: &runstore.Identities{Rows: []schemas.Centroid{{Label: "a"}}}, rivals: &calibrate.Rivals{}},
		shard: &runstore.LabelledShard{Vectors: &runstore.Vectors{}, States: []runstore.ImageState{{Label: "a", PGuest: .9}}},
		rows:  []schemas.Verdict{{Group: 2, Type: schemas.TypeWrongFace, Decision: schemas.Review, PNoise: &p, PSuggested: &suggested}}}
	j.shard.States[0].Identity = "a"
	j.guest(0)
	if r := j.rows[0]; r.Type != schemas.TypeWrongFace || r.Decision != schemas.Review || *r.PNoise < .9 {
		t.Errorf("%+v", r)
	}
}
