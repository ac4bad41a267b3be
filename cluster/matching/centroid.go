package matching

import (
	"math"
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
//
// lengths are the Euclidean norms of the images' vectors before they were scaled to 1, which
// tell how much of a face the network saw (Meng et al. 2021, MagFace); what Vector is the direction of is
// the sum of the vectors as long as they were. Where lengths is nil, or one of them unknown (0), all images
// count alike. The other fields are those of the images alike.
func Centroid(v cluster.Matrix, lengths []float32) cluster.Centroid {
	c := keptCentroid(v)
	for i, kept := range c.Kept {
		if kept && (i >= len(lengths) || !(lengths[i] > 0) || math.IsInf(float64(lengths[i]), 0)) {
			return c
		}
	}
	sum := make([]float32, v.Cols)
	for i, kept := range c.Kept {
		if kept {
			for j, x := range v.Row(i) {
				sum[j] += float32(lengths[i] * x)
			}
		}
	}
	cluster.Normalize(sum)
	c.Vector = sum
	return c
}

// keptCentroid is Centroid without lengths.
func keptCentroid(v cluster.Matrix) cluster.Centroid {
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
