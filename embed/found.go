package embed

import (
	"cmp"
	"math"
	"slices"

	"github.com/facesieve/facesieve/embed/detect"
	"github.com/facesieve/facesieve/schemas"
)

// foundFace is a face and the view in which it was found.
type foundFace struct {
	detect.Face
	view schemas.View
}

// sameFace is the share of the smaller of two boxes that the other covers from which on
// they are one face.
const sameFace = .5

// ownOverlap is the least intersection over union of the face that a level view shows with
// the middle of the square.
const ownOverlap = .3

// own gives the face that a level view of size x size pixels was made for: the one that
// covers the middle best. It says whether there is one.
func own(faces []detect.Face, size int) (detect.Face, bool) {
	side := float32(size)
	middle := [4]float32{side / 4, side / 4, side / 2, side / 2}
	var best detect.Face
	most := float32(ownOverlap)
	for _, f := range faces {
		if both := intersection(f.Box, middle); both > most*(area(f.Box)+area(middle)-both) {
			best, most = f, both/(area(f.Box)+area(middle)-both)
		}
	}
	return best, most > ownOverlap
}

// levelAdvantage is how much better than in a level view the same face must score in
// another one to be taken from there: more than upright faces do, less than one does that
// the level view shows lying or on its head.
const levelAdvantage = .025

// distinct leaves each face of a picture once, with the landmarks of the view in which it
// has the best score, at most so many. They are sorted by the rank of their views, then
// by score, best first.
func distinct(all []foundFace, most int) []foundFace {
	all = slices.DeleteFunc(all, func(f foundFace) bool { return !sound(f.Face) })
	score := func(f foundFace) float32 {
		if f.view == schemas.ViewLevel {
			return f.Score + levelAdvantage
		}
		return f.Score
	}
	slices.SortStableFunc(all, func(a, b foundFace) int { return cmp.Compare(score(b), score(a)) })
	var kept []foundFace
	for _, f := range all {
		same := func(k foundFace) bool {
			return intersection(k.Box, f.Box) > sameFace*min(area(k.Box), area(f.Box))
		}
		if !slices.ContainsFunc(kept, same) {
			kept = append(kept, f)
		}
	}
	slices.SortStableFunc(kept, func(a, b foundFace) int {
		return cmp.Or(a.view.Rank()-b.view.Rank(), cmp.Compare(b.Score, a.Score))
	})
	return kept[:min(most, len(kept))]
}

// sound says whether a face has a box of some size and only finite numbers.
func sound(f detect.Face) bool {
	sum := float64(f.Score)
	for _, v := range f.Box {
		sum += float64(v)
	}
	for _, v := range f.Landmarks {
		sum += float64(v)
	}
	return !math.IsNaN(sum) && !math.IsInf(sum, 0) && f.Box[2] > 0 && f.Box[3] > 0
}

func area(box [4]float32) float32 { return box[2] * box[3] }

// intersection is the area that two boxes share.
func intersection(a, b [4]float32) float32 {
	w := min(a[0]+a[2], b[0]+b[2]) - max(a[0], b[0])
	h := min(a[1]+a[3], b[1]+b[3]) - max(a[1], b[1])
	return max(w, 0) * max(h, 0)
}
