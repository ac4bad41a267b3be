package detect

import (
	"cmp"
	"slices"
)

// Suppress sorts faces by score, best first, and removes those that overlap a better
// one by more than limit, an intersection over union from 0 to 1 (greedy
// non-maximum suppression). Faces of equal scores keep their order.
func Suppress(faces []Face, limit float32) []Face {
	slices.SortStableFunc(faces, func(a, b Face) int { return cmp.Compare(b.Score, a.Score) })
	var kept []Face
	for _, f := range faces {
		if !slices.ContainsFunc(kept, func(k Face) bool { return iou(k.Box, f.Box) > limit }) {
			kept = append(kept, f)
		}
	}
	return kept
}

// iou is the intersection over union of two boxes.
func iou(a, b [4]float32) float32 {
	w := min(a[0]+a[2], b[0]+b[2]) - max(a[0], b[0])
	h := min(a[1]+a[3], b[1]+b[3]) - max(a[1], b[1])
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / (a[2]*a[3] + b[2]*b[3] - w*h)
}
