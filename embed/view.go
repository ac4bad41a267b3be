package embed

import (
	"math"
	"slices"

	"github.com/facesieve/facesieve/embed/detect"
	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/schemas"
)

// A second look tries other turns and sizes of the picture where the first look's score
// is below sureScore, or that of the level view below levelScore: a face that lies or
// stands on its head is found with landmarks of an upright one, and scores less than that
// with its eyes level.
const (
	sureScore  = .88
	levelScore = .91
)

// view is one way to lay a picture before the detector.
type view struct {
	name schemas.View
	to   photo.Similarity // from the picture to the square, positions as in photo.WarpSmooth
}

// firstViews are those that a second look begins with, before a detector whose input has
// size x size pixels: that of the first look's face, and the whole picture where that had
// several.
func firstViews(first *schemas.Embedding, size int) (all []view) {
	if v, ok := levelView(first, size); ok {
		all = append(all, v)
	}
	if first.Faces > 1 {
		all = append(all, view{name: schemas.ViewWhole})
	}
	return all
}

// unsure says whether a second look should try all views of a picture, after what it
// found in the first ones.
func unsure(first *schemas.Embedding, found []foundFace) bool {
	if !(first.HasDetScore && first.DetScore >= sureScore) {
		return true
	}
	return !slices.ContainsFunc(found, func(f foundFace) bool {
		return f.view == schemas.ViewLevel && f.Score >= levelScore
	})
}

// levelView is the first look's face, if it found one, turned so that its eyes are level,
// in the middle of the square and half as wide. It says whether there is one.
func levelView(first *schemas.Embedding, size int) (view, bool) {
	l, box := &first.Landmarks, first.Box
	dx, dy := float64(l[2])-float64(l[0]), float64(l[3])-float64(l[1])
	eyes := math.Sqrt(dx*dx + dy*dy)
	width := math.Sqrt(max(0, float64(box[2])) * max(0, float64(box[3])))
	x, y := float64(box[0])+float64(box[2])/2, float64(box[1])+float64(box[3])/2
	if width == 0 { // landmarks that the set ships
		width = faceWidth * eyes
		x, y = 0, 0
		for k := 0; k < len(l); k += 2 {
			x, y = x+float64(l[k])/5, y+float64(l[k+1])/5
		}
	}
	scale := float64(size) / 2 / width
	a, b := scale*dx/eyes, scale*dy/eyes
	middle := float64(size) / 2
	to := photo.Similarity{
		float32(a), float32(b), float32(middle - a*x - b*y),
		float32(-b), float32(a), float32(middle + b*x - a*y),
	}
	for _, v := range to {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return view{}, false
		}
	}
	return view{schemas.ViewLevel, to}, to.Scale() > 0
}

// faceWidth is about how many times as wide as its eyes are apart a face is.
const faceWidth = 2.2

// wholeViews are the views that show all of a picture of w x h pixels, alone or together.
func wholeViews(w, h, size int) []view {
	x, y, side := float64(w), float64(h), float64(size)
	r := side / max(x, y)
	similarity := func(a, b, dx, dy float64) photo.Similarity {
		return photo.Similarity{float32(a), float32(-b), float32(dx), float32(b), float32(a), float32(dy)}
	}
	all := []view{
		{schemas.ViewPadded, similarity(r/2, 0, (side-r/2*x)/2, (side-r/2*y)/2)},
		{schemas.ViewTurned90, similarity(0, r, r*y, 0)},
		{schemas.ViewTurned180, similarity(-r, 0, r*x, r*y)},
		{schemas.ViewTurned270, similarity(0, -r, 0, r*x)},
	}
	for _, top := range tiles(2*r*y, side) {
		for _, left := range tiles(2*r*x, side) {
			all = append(all, view{schemas.ViewTile, similarity(2*r, 0, -left, -top)})
		}
	}
	return all
}

// tiles are the positions at which squares begin that cover a length; half of each is
// covered by the next one, too.
func tiles(length, side float64) []float64 {
	rest := math.Ceil(length) - side
	if rest <= 0 {
		return []float64{0}
	}
	n := math.Ceil(rest / (side / 2))
	var at []float64
	for i := range int(n) + 1 {
		at = append(at, rest*float64(i)/n)
	}
	return at
}

// ofPicture moves faces from the square of a view to the picture. A box keeps its size
// and its middle, and turns by quarters alone.
func (v view) ofPicture(faces []detect.Face) {
	if v.name == schemas.ViewWhole {
		return
	}
	scale := float32(v.to.Scale())
	lying := math.Abs(float64(v.to[1])) > math.Abs(float64(v.to[0]))
	for i := range faces {
		f := &faces[i]
		w, h := f.Box[2]/scale, f.Box[3]/scale
		x, y := v.to.Source(f.Box[0]+f.Box[2]/2, f.Box[1]+f.Box[3]/2)
		if lying {
			w, h = h, w
		}
		f.Box = [4]float32{x - w/2, y - h/2, w, h}
		for k := 0; k < len(f.Landmarks); k += 2 {
			f.Landmarks[k], f.Landmarks[k+1] = v.to.Source(f.Landmarks[k], f.Landmarks[k+1])
		}
	}
}
