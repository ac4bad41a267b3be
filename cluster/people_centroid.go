package cluster

import "slices"

const (
	foreignRatio  = 2.6 // images so many times further from the centroid than the median are another person's
	foreignRounds = 3
)

// PersonCentroid is the centroid that people are compared by. It starts from
// TrimmedCentroid and takes back the images that are unusual but no stranger's:
// noise is judged best against a tight core, while two sources share a person
// most surely over all that is known of him. Kept are the images whose distance
// from the others' centroid, one minus the cosine, is at most 2.6 times the
// median distance; distances shrink together where all vectors lean one way, so
// no cosine is fixed. With one or two images nothing is left out.
func PersonCentroid(v Matrix) Centroid {
	c := TrimmedCentroid(v)
	if c.Usable < 3 {
		return c
	}
	usable := personRows(v)
	for range foreignRounds {
		scores := c.Scores(v)
		s := make([]float32, len(usable))
		for j, i := range usable {
			s[j] = scores[i]
		}
		slices.Sort(s)
		cut := 1 - float32(foreignRatio*(1-s[len(s)/2]))
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
		c.sum(v)
	}
	return c
}

// personRows are the rows that are finite and not zero.
func personRows(v Matrix) []int {
	var out []int
	for i := range v.Rows {
		if x := Dot(v.Row(i), v.Row(i)); x > 0 && x-x == 0 {
			out = append(out, i)
		}
	}
	return out
}
