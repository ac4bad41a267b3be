package diversity

import (
	"math"

	"github.com/facesieve/facesieve/schemas"
)

// The nose's distance from the middle of the eyes, along the line of the eyes and in
// eye distances, is tan(yaw) times how far the nose's tip stands before the eyes, about
// .45: halfTurned is a yaw of 24 degrees, and from profile on, 48 degrees, the nose lies
// outside of the eyes.
const (
	halfTurned = .2
	profile    = .5
)

// Pose returns how far a face is turned to its side, by its five landmarks: frontal,
// half-turned or profile, and unknown where it has none. A head that leans to its
// shoulder is not turned.
func Pose(e *schemas.Embedding) string {
	x, eyes, known := turn(e)
	switch {
	case !known:
		return schemas.StratumUnknown
	case x < float64(halfTurned*eyes):
		return schemas.PoseFrontal
	case x < float64(profile*eyes):
		return schemas.PoseHalfTurned
	}
	return schemas.PoseProfile
}

// turn returns how far the nose is from the middle of the eyes along their line, times
// their distance, and the distance squared; false where there are no landmarks.
func turn(e *schemas.Embedding) (nose, eyes float64, known bool) {
	if e.Landmarks == [10]float32{} {
		return 0, 0, false
	}
	at := func(i int) (x, y float64) { return float64(e.Landmarks[2*i]), float64(e.Landmarks[2*i+1]) }
	lx, ly := at(0)
	rx, ry := at(1)
	nx, ny := at(2)
	ux, uy := rx-lx, ry-ly
	mx, my := nx-(lx+rx)/2, ny-(ly+ry)/2
	nose = math.Abs(float64(mx*ux) + float64(my*uy))
	return nose, float64(ux*ux) + float64(uy*uy), true
}

// EyeDistance returns the distance of a face's eyes in pixels of the upright image; false
// where it has no landmarks. It is the size of a face as one sees it: of a face in
// profile it is small.
func EyeDistance(e *schemas.Embedding) (float64, bool) {
	_, eyes, known := turn(e)
	return math.Sqrt(eyes), known
}
