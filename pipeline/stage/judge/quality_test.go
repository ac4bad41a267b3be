package judge

import (
	"math"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/cluster/facequality"
	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// ofQuality is a judgement of one row whose face has an embedding's quality.
func ofQuality(e schemas.Embedding, spec schemas.JudgeSpec) *judgement {
	run := &runstore.Run{Spec: schemas.Spec{Judge: spec}}
	t := &Tables{noise: labelnoise.Model{Units: labelnoise.Units{Detector: .94, LogLength: math.Log(16)}}}
	j := &judgement{run: run, tables: t, rows: []schemas.Verdict{{Embedding: e}},
		qualities: []facequality.Quality{t.quality(&e)}, withheld: make([]bool, 1)}
	if q := &j.qualities[0]; q.Known() {
		j.rows[0].Quality = &q.Score
	}
	return j
}

func poorOne() schemas.Embedding {
	return schemas.Embedding{DetScore: .8, HasDetScore: true, Length: 9, Landmarks: [10]float32{50, 50, 62, 50, 56, 57, 52, 64, 60, 64}}
}

func goodOne() schemas.Embedding {
	return schemas.Embedding{DetScore: .95, HasDetScore: true, Length: 17, Sharpness: .3}
}

// Evidence that does for a good face does not for a bad one.
func TestLowQualityAsksForMore(t *testing.T) {
	spec := schemas.JudgeSpec{Drop: "0.95"}
	for _, c := range []struct {
		name               string
		e                  schemas.Embedding
		p                  float32
		suffices, withheld bool
	}{
		{"good", goodOne(), .951, true, false},
		{"good, unsure", goodOne(), .949, false, false},
		{"poor", poorOne(), .951, false, true},
		{"poor, unsure", poorOne(), .949, false, false},
		{"poor, sure", poorOne(), .999, true, false},
		{"unknown", schemas.Embedding{}, .951, true, false},
	} {
		j := ofQuality(c.e, spec)
		if got := j.suffices(0, c.p); got != c.suffices || j.withheld[0] != c.withheld {
			t.Errorf("%s: quality %v, limit %v: %v, withheld %v", c.name, j.qualities[0].Score, j.limit(0), got, j.withheld[0])
		}
		j.rows[0].Type, j.rows[0].Decision = schemas.TypeOutlier, schemas.Review
		if said := strings.HasPrefix(j.qualityReason(0), "; of low quality ("); said != c.withheld {
			t.Errorf("%s: %q", c.name, j.qualityReason(0))
		}
	}
}

// Images with right labels are of low quality below the Spec's limit, or below the usual
// one, and only the Spec's drops them.
func TestLowQuality(t *testing.T) {
	for _, c := range []struct {
		name     string
		e        schemas.Embedding
		found    schemas.Type
		asked    schemas.Decimal
		want     schemas.Type
		decision schemas.Decision
	}{
		{"poor", poorOne(), schemas.TypeClean, "", schemas.TypeLowQuality, schemas.Keep},
		{"poor, hard", poorOne(), schemas.TypeHardClean, "", schemas.TypeLowQuality, schemas.Keep},
		{"poor, asked", poorOne(), schemas.TypeClean, "0.5", schemas.TypeLowQuality, schemas.Drop},
		{"poor, little asked", poorOne(), schemas.TypeClean, "0.01", schemas.TypeClean, schemas.Keep},
		{"poor, wrong", poorOne(), schemas.TypeOutlier, "0.5", schemas.TypeOutlier, schemas.Keep},
		{"good", goodOne(), schemas.TypeClean, "0.5", schemas.TypeClean, schemas.Keep},
		{"good, all asked", goodOne(), schemas.TypeClean, "1", schemas.TypeLowQuality, schemas.Drop},
		{"unknown", schemas.Embedding{}, schemas.TypeClean, "1", schemas.TypeClean, schemas.Keep},
	} {
		j := ofQuality(c.e, schemas.JudgeSpec{Drop: "0.95", MinQuality: c.asked})
		r := &j.rows[0]
		r.Type, r.Decision = c.found, schemas.Keep
		j.lowQuality(0)
		if r.Type != c.want || r.Decision != c.decision {
			t.Errorf("%s: %s, %s; want %s, %s", c.name, r.Type, r.Decision, c.want, c.decision)
		}
		text := j.qualityReason(0)
		if low := r.Type == schemas.TypeLowQuality; low != strings.Contains(text, "of low quality") {
			t.Errorf("%s: %q", c.name, text)
		}
		if c.name == "poor" && (!strings.Contains(text, "12 px between the eyes") || !strings.Contains(text, "a vector of 0.56 times the usual length")) {
			t.Errorf("%s: %q names not what is low", c.name, text)
		}
	}
}

// An image without a face has no quality.
func TestNoFaceHasNoQuality(t *testing.T) {
	e := goodOne()
	e.Error = schemas.FaultNoFace
	if j := ofQuality(e, schemas.JudgeSpec{Drop: "0.95"}); j.rows[0].Quality != nil {
		t.Errorf("quality %v", *j.rows[0].Quality)
	}
}

// Each component has words of its own.
func TestPartsHaveWords(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range []facequality.Component{facequality.Size, facequality.Sharpness, facequality.Yaw, facequality.Pitch,
		facequality.Roll, facequality.Detector, facequality.Length} {
		text := partReason(facequality.Part{Component: c, Value: 60})
		if seen[text] || !strings.Contains(text, "60") {
			t.Errorf("%s: %q", c, text)
		}
		seen[text] = true
	}
	if got := partReason(facequality.Part{Component: facequality.Yaw, Value: 59.7}); got != "turned by 60 degrees" {
		t.Error(got)
	}
}
