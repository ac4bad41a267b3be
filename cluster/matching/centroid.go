package matching

import (
	"slices"

	"github.com/facesieve/facesieve/cluster"
)

const (
	outlierRatio  = 2.6 // images so many times further from the centroid than the median are left out
	outlierRounds = 3
)

// Centroid returns the centroid that identities are compared by, of v, whose rows
// are the unit vectors of one identity. It starts from cluster.TrimmedCentroid and
// takes back the images that are unusual but probably of the same person: noise is
// judged best against the densest part, while two sources share a person most surely
// over all that is known of them. Kept are the images whose distance from the
// others' centroid, one minus the cosine, is at most 2.6 times the median distance;
// distances shrink together where all vectors have a direction in common, so no
// cosine is fixed. With one or two images nothing is left out.
func Centroid(v cluster.Matrix) cluster.Centroid {
	c := cluster.TrimmedCentroid(v)
	if c.Usable < 3 {
		return c
	}
	usable := v.UsableRows()
	for range outlierRounds {
		scores := c.Scores(v)
		s := make([]float32, len(usable))
		for j, i := range usable {
			s[j] = scores[i]
		}
		slices.Sort(s)
		cut := 1 - float32(outlierRatio*(1-s[len(s)/2]))
		changed := false
		for _, i := range usable {
			// The median stays though rounding lifts the cut over it.
			keep := scores[i] >= min(cut, s[len(s)/2])
			changed = changed || keep != c.Kept[i]
			c.Kept[i] = keep
		}
		if !changed {
			break
		}
		c = cluster.KeptCentroid(v, c.Kept)
	}
	return c
}
