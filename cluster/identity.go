package cluster

import "math"

// softRows is the number of usable rows up to which rows are weighed, not trimmed.
const softRows = 8

// leastWeight is the weight of a row that is no more like the others than strangers are.
const leastWeight = .02

// IdentityCentroid returns the centroid that images are scored against, of the unit
// vectors of one identity. Of more than eight usable rows it is their TrimmedCentroid.
// Of fewer, where one row more or less would move it far, every usable row counts by
// its leave-one-out cosine to the plain mean of the others, so that a small change of
// the vectors changes the scores little.
func IdentityCentroid(v Matrix) Centroid {
	usable := v.UsableRows()
	if len(usable) > softRows {
		return TrimmedCentroid(v)
	}
	c := Centroid{Kept: make([]bool, v.Rows)}
	c.Usable = len(usable)
	for _, i := range usable {
		c.Kept[i] = true
	}
	c.sum(v)
	if len(usable) < 3 {
		return c
	}
	c.Weight = c.Scores(v)
	for i, w := range c.Weight {
		c.Weight[i] = max(w, leastWeight)
	}
	c.sum(v)
	return c
}

// weight returns how much row i counts for, if it is kept.
func (c *Centroid) weight(i int) float64 {
	if c.Weight == nil {
		return 1
	}
	return float64(c.Weight[i])
}

// score returns the cosine of a row and the centroid without it, from its products
// with the sum (xs) and with itself (xx) and from the sum's square (ss).
func (c *Centroid) score(i int, xs, xx, ss float64) float64 {
	rest := ss
	if c.Kept[i] {
		w := c.weight(i)
		rest = ss - float64(float64(2*w)*xs) + float64(float64(w*w)*xx)
		xs -= float64(w * xx)
	}
	return xs / (math.Sqrt(math.Max(rest, 0)) * math.Sqrt(xx))
}
