package embed

import (
	"cmp"
	"math"
	"slices"
)

// Detection's outputs, for each of strides: how likely a face is there, how good
// its box is, the box, five landmarks.
var (
	strides = [3]int{8, 16, 32}
	heads   = []string{"cls_8", "cls_16", "cls_32", "obj_8", "obj_16", "obj_32", "bbox_8", "bbox_16", "bbox_32", "kps_8", "kps_16", "kps_32"}
)

// headSize is the number of values of head i for one image of size x size.
func headSize(i, size int) int {
	side := size / strides[i%3]
	return side * side * [4]int{1, 1, 4, 10}[i/3]
}

// face is a detected face: box x, y, w, h and landmarks x, y in pixels.
type face struct {
	score     float32
	box       [4]float32
	landmarks [10]float32
}

// decodeHeads gives image i's faces in pixels of the detector's input of
// size x size, best first, overlaps removed. It decodes YuNet's heads as
// libfacedetection does: a cell's box centre is its column and row plus an
// offset, width and height are exponentials, all times the stride; the score is
// the geometric mean of class and objectness.
func decodeHeads(out [][]float32, i, size int, threshold, nms float32) []face {
	var faces []face
	for s, stride := range strides {
		side := size / stride
		cells := side * side
		cls, obj := out[s][i*cells:(i+1)*cells], out[3+s][i*cells:(i+1)*cells]
		box, kps := out[6+s][i*cells*4:(i+1)*cells*4], out[9+s][i*cells*10:(i+1)*cells*10]
		for c := range cells {
			product := min(max(cls[c], 0), 1) * min(max(obj[c], 0), 1)
			if !(product >= threshold*threshold) { // NaN is no face
				continue
			}
			f := decodeCell(box[c*4:c*4+4], kps[c*10:c*10+10], c%side, c/side, stride)
			f.score = float32(math.Sqrt(float64(product)))
			faces = append(faces, f)
		}
	}
	slices.SortStableFunc(faces, func(a, b face) int { return cmp.Compare(b.score, a.score) })
	return suppress(faces, nms)
}

func decodeCell(box, kps []float32, col, row, stride int) face {
	var f face
	s, x, y := float32(stride), float32(col), float32(row)
	w := float32(math.Exp(float64(box[2]))) * s
	h := float32(math.Exp(float64(box[3]))) * s
	f.box = [4]float32{(x+box[0])*s - w/2, (y+box[1])*s - h/2, w, h}
	for k := range 5 {
		f.landmarks[2*k] = (kps[2*k] + x) * s
		f.landmarks[2*k+1] = (kps[2*k+1] + y) * s
	}
	return f
}

// suppress keeps, of faces sorted by score, those that overlap no better one by
// more than limit (intersection over union).
func suppress(faces []face, limit float32) []face {
	var kept []face
	for _, f := range faces {
		if !slices.ContainsFunc(kept, func(k face) bool { return overlap(k.box, f.box) > limit }) {
			kept = append(kept, f)
		}
	}
	return kept
}

func overlap(a, b [4]float32) float32 {
	w := min(a[0]+a[2], b[0]+b[2]) - max(a[0], b[0])
	h := min(a[1]+a[3], b[1]+b[3]) - max(a[1], b[1])
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / (a[2]*a[3] + b[2]*b[3] - w*h)
}

// scaled gives faces found in an image that was scaled by scale in the pixels of
// the image itself.
func scaled(faces []face, scale float32) []face {
	for i := range faces {
		for k := range faces[i].box {
			faces[i].box[k] /= scale
		}
		for k := range faces[i].landmarks {
			faces[i].landmarks[k] /= scale
		}
	}
	return faces
}

// choose gives the face that an image of w x h pixels is about: the one nearest
// to the hint where that is believable, else the one with the largest area minus
// twice the squared distance of its centre from the image's (InsightFace's
// rule). faces is not empty.
func choose(faces []face, w, h int, hint *[10]float32) face {
	if hint != nil && usable(hint, w, h) {
		near := slices.MinFunc(faces, func(a, b face) int {
			return cmp.Compare(distance(a.landmarks, *hint), distance(b.landmarks, *hint))
		})
		if distance(near.landmarks, *hint) < float64(near.box[2]*near.box[3]) {
			return near
		}
	}
	return slices.MaxFunc(faces, func(a, b face) int {
		return cmp.Compare(prominence(a.box, w, h), prominence(b.box, w, h))
	})
}

func prominence(box [4]float32, w, h int) float64 {
	dx := float64(box[0]+box[2]/2) - float64(w)/2
	dy := float64(box[1]+box[3]/2) - float64(h)/2
	return float64(box[2])*float64(box[3]) - 2*(dx*dx+dy*dy)
}

// distance is the mean squared distance of two sets of landmarks.
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
func usable(hint *[10]float32, w, h int) bool {
	for k := 0; k < 10; k += 2 {
		if !(hint[k] >= 0 && hint[k] < float32(w) && hint[k+1] >= 0 && hint[k+1] < float32(h)) {
			return false
		}
	}
	return math.Hypot(float64(hint[2]-hint[0]), float64(hint[3]-hint[1])) > minEyes
}
