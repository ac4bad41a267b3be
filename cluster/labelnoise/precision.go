package labelnoise

import (
	"cmp"
	"slices"
)

// AveragePrecision returns the area under the precision-recall curve of score as a
// detector of positive, as a sum over the distinct scores: precision at a score
// times the recall that it adds. Images of one score enter together, so a score
// that says nothing has the share of positives. It is 0 where none is positive.
func AveragePrecision(score []float32, positive []bool) float64 {
	order := make([]int, len(score))
	total := 0
	for i := range order {
		order[i] = i
		if positive[i] {
			total++
		}
	}
	if total == 0 {
		return 0
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(score[b], score[a]) })
	var area float64
	hits, before := 0, 0
	for j, i := range order {
		if positive[i] {
			hits++
		}
		if j+1 < len(order) && score[order[j+1]] == score[i] {
			continue
		}
		area += float64(hits) / float64(j+1) * float64(hits-before) / float64(total)
		before = hits
	}
	return area
}
