package embed

import (
	"cmp"
	"math"
	"slices"

	"github.com/facesieve/facesieve/embed/detect"
)

// choose gives the face that an image of w x h pixels is about: the one nearest to
// the data set's landmarks (nil: it has none) where they can be true and are near a
// face, else the most prominent one. faces is not empty.
func choose(faces []detect.Face, w, h int, landmarks *[10]float32) detect.Face {
	if landmarks != nil && usable(landmarks, w, h) {
		near := slices.MinFunc(faces, func(a, b detect.Face) int {
			return cmp.Compare(distance(a.Landmarks, *landmarks), distance(b.Landmarks, *landmarks))
		})
		if distance(near.Landmarks, *landmarks) < float64(near.Box[2]*near.Box[3]) {
			return near
		}
	}
	return slices.MaxFunc(faces, func(a, b detect.Face) int {
		return cmp.Compare(prominence(a.Box, w, h), prominence(b.Box, w, h))
	})
}

// prominence is a face's area minus twice the squared distance of its centre from
// the image's, in pixels (InsightFace's rule).
func prominence(box [4]float32, w, h int) float64 {
	dx := float64(box[0]+box[2]/2) - float64(w)/2
	dy := float64(box[1]+box[3]/2) - float64(h)/2
	return float64(box[2])*float64(box[3]) - 2*(dx*dx+dy*dy)
}

// distance is the mean squared distance of two sets of landmarks, in squared pixels.
func distance(a, b [10]float32) float64 {
	var d float64
	for k := range a {
		d += float64(a[k]-b[k]) * float64(a[k]-b[k])
	}
	return d / 5
}

// minEyes is the distance of the eyes, in pixels, below which landmarks that a
// data set ships align nothing.
const minEyes = 8

// usable says whether landmarks that a data set ships can be this image's: all
// five inside it, the eyes far enough apart.
func usable(landmarks *[10]float32, w, h int) bool {
	for k := 0; k < 10; k += 2 {
		if !(landmarks[k] >= 0 && landmarks[k] < float32(w) && landmarks[k+1] >= 0 && landmarks[k+1] < float32(h)) {
			return false
		}
	}
	return math.Hypot(float64(landmarks[2]-landmarks[0]), float64(landmarks[3]-landmarks[1])) > minEyes
}

// takeShipped takes the landmarks that the data set has for a job's image, where
// they can be true. It says whether it did.
func (j *job) takeShipped() bool {
	landmarks := j.shipped()
	if landmarks == nil || !usable(landmarks, j.picture.Width, j.picture.Height) {
		return false
	}
	j.landmarks = *landmarks
	j.result().Landmarks = *landmarks
	return true
}
