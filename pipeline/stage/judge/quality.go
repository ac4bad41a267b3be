package judge

import (
	"fmt"
	"strings"

	"github.com/facesieve/facesieve/cluster/facequality"
	"github.com/facesieve/facesieve/schemas"
)

// quality returns how good the face of an embedding is, beside those of its set.
func (t *Tables) quality(e *schemas.Embedding) facequality.Quality {
	if e.Error != schemas.FaultNone {
		return facequality.Quality{}
	}
	f := facequality.Face{Landmarks: e.Landmarks, Sharpness: e.Sharpness, Length: e.Length}
	if e.HasDetScore {
		f.Detector = e.DetScore
	}
	return facequality.Measure(f, facequality.Usual{Detector: t.noise.Units.Detector, LogLength: t.noise.Units.LogLength})
}

// suffices says whether row i is dropped or relabelled for a probability: from the Spec's
// limit on, and from a higher one where its quality is low. It notes where that is why not.
func (j *judgement) suffices(i int, p float32) bool {
	drop := float32(j.run.Spec.Judge.Drop.Float())
	limit := j.limit(i)
	if p >= drop && p < limit {
		j.withheld[i] = true
	}
	return p >= limit
}

// limit returns the probability from which row i is dropped or relabelled.
func (j *judgement) limit(i int) float32 {
	return float32(j.qualities[i].Limit(j.run.Spec.Judge.Drop.Float()))
}

// lowQuality turns a right label's image into one of low quality where its face is worse
// than what the run asks for, which then drops it, or than the limit of those who ask for
// nothing.
func (j *judgement) lowQuality(i int) {
	r := &j.rows[i]
	if !r.Type.RightLabel() || r.Quality == nil {
		return
	}
	least, asked := float32(facequality.Low), j.run.Spec.Judge.MinQuality
	if asked != "" {
		least = float32(asked.Float())
	}
	if *r.Quality >= least {
		return
	}
	r.Type = schemas.TypeLowQuality
	if asked != "" {
		r.Decision = schemas.Drop
	}
}

// qualityReason says what a row's quality changes.
func (j *judgement) qualityReason(i int) string {
	r := &j.rows[i]
	switch {
	case r.Type == schemas.TypeLowQuality:
		return fmt.Sprintf("; of low quality (%.2f): %s", *r.Quality, lowest(j.qualities[i]))
	case j.withheld[i] && r.Decision == schemas.Review:
		return fmt.Sprintf("; of low quality (%.2f: %s), so that a person should look up to p %.4f", *r.Quality,
			lowest(j.qualities[i]), j.limit(i))
	}
	return ""
}

// lowest names what is low of a face.
func lowest(q facequality.Quality) string {
	var all []string
	for _, p := range q.Lowest() {
		all = append(all, partReason(p))
	}
	return strings.Join(all, ", ")
}

// partReason names a component of a face in words.
func partReason(p facequality.Part) string {
	switch p.Component {
	case facequality.Size:
		return fmt.Sprintf("%.0f px between the eyes", p.Value)
	case facequality.Sharpness:
		return fmt.Sprintf("sharpness %.2f", p.Value)
	case facequality.Yaw:
		return fmt.Sprintf("turned by %.0f degrees", p.Value)
	case facequality.Pitch:
		return fmt.Sprintf("looking up or down by %.0f degrees", p.Value)
	case facequality.Roll:
		return fmt.Sprintf("leaning by %.0f degrees", p.Value)
	case facequality.Detector:
		return fmt.Sprintf("detector's score %.2f", p.Value)
	}
	return fmt.Sprintf("a vector of %.2f times the usual length", p.Value)
}
