package diversity

import (
	"github.com/facesieve/facesieve/cluster/facequality"
	"github.com/facesieve/facesieve/schemas"
)

// The degrees from which a face is half-turned, and in profile: from there on the nose
// lies outside of the eyes.
const (
	halfTurned = 24
	profile    = 48
)

// Pose returns how far a face is turned to its side, by its five landmarks: frontal,
// half-turned or profile, and unknown where it has none. A head that leans to its
// shoulder is not turned.
func Pose(e *schemas.Embedding) string {
	switch yaw, known := facequality.Turned(&e.Landmarks); {
	case !known:
		return schemas.StratumUnknown
	case yaw < halfTurned:
		return schemas.PoseFrontal
	case yaw < profile:
		return schemas.PoseHalfTurned
	}
	return schemas.PoseProfile
}
