package runstore

import "github.com/facesieve/facesieve/schemas"

// GroupImages is the number of usable images that the lists of one group hold, about,
// where Run does not say otherwise.
const GroupImages = 1 << 16

// Groups cuts the identities of a set into groups: ranges of them, in order, that
// have as many usable images each as Run.GroupImages says, or hardly more. It returns
// the first identity of each group and, at the end, the number of identities. There
// is one group at least.
func (r *Run) Groups(set *Identities) []int {
	limit := r.GroupImages
	if limit <= 0 {
		limit = GroupImages
	}
	first, n := []int{0}, 0
	for i, usable := range set.Usable {
		if n >= limit {
			first, n = append(first, i), 0
		}
		n += int(usable)
	}
	return append(first, len(set.Usable))
}

// FirstImages returns, for each shard of a source, how many images stand before it in
// the source's order.
func FirstImages(src *schemas.PlanSource) []int64 {
	first := make([]int64, len(src.Shards))
	for i := 1; i < len(first); i++ {
		first[i] = first[i-1] + int64(src.Shards[i-1].Images)
	}
	return first
}
