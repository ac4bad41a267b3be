package cluster

import (
	"math"
	"slices"
)

const (
	trimRounds   = 6    // at most so many trimming rounds
	trimSpread   = 3.0  // rows whose score is lower than the median by so many spreads are trimmed
	seedColumns  = 1024 // rows that the density of each row is measured against
	seedFraction = 0.5  // share of the rows that are kept first
)

// Centroid is the centroid of the kept rows of a matrix: the images of one
// identity without those that are left out.
type Centroid struct {
	Vector []float32 // the sum, scaled to unit length; zero where no row is kept
	Sum    []float32 // sum of the kept rows
	Kept   []bool    // for each row: it is part of the centroid
	Weight []float32 // for each kept row: what it counts for; nil: 1
	Usable int       // rows that are finite and not zero
	N      int       // kept rows
	Rho    float32   // mean cosine between kept rows; 0 where N < 2 or where they have weights
}

// TrimmedCentroid returns the centroid of the densest part of v, whose rows are the
// unit vectors of one identity. It starts from the images nearest to the image
// with the densest neighbourhood, and then keeps, for at most six rounds, the
// rows whose leave-one-out cosine lies no further below the kept rows' median
// than their own spread explains. No cosine is fixed. At least half of the
// usable rows are kept. Rows that are zero or not finite are never kept.
func TrimmedCentroid(v Matrix) Centroid {
	c := Centroid{Kept: make([]bool, v.Rows)}
	usable := v.UsableRows()
	c.Usable = len(usable)
	for _, i := range densestRows(v, usable) {
		c.Kept[i] = true
	}
	c.sum(v)
	for range trimRounds {
		if c.Usable < 3 || !c.trim(v, usable) {
			break
		}
	}
	return c
}

// KeptCentroid returns the centroid of the rows of v for which kept, of one
// element a row, is true. The result holds kept itself as its Kept.
func KeptCentroid(v Matrix, kept []bool) Centroid {
	c := Centroid{Kept: kept, Usable: len(v.UsableRows())}
	c.sum(v)
	return c
}

// Scores returns, for each row of v, the matrix that c was made of, the cosine
// between the row and the centroid of the kept rows without that row. A row
// that is alone, or not usable, has 0.
func (c Centroid) Scores(v Matrix) []float32 {
	out := make([]float32, v.Rows)
	ss := float64(Dot(c.Sum, c.Sum))
	for i := range out {
		x := v.Row(i)
		xs, xx := float64(Dot(x, c.Sum)), float64(Dot(x, x))
		if c.Kept[i] && c.N < 2 {
			continue
		}
		s := c.score(i, xs, xx, ss)
		if !math.IsNaN(s) && !math.IsInf(s, 0) {
			out[i] = float32(min(max(s, -1), 1))
		}
	}
	return out
}

// sum fills everything that follows from Kept, adding rows in their order.
func (c *Centroid) sum(v Matrix) {
	c.Sum, c.N = make([]float32, v.Cols), 0
	var squares float64
	for i, kept := range c.Kept {
		if !kept {
			continue
		}
		row, w := v.Row(i), float32(c.weight(i))
		for j, x := range row {
			c.Sum[j] += float32(w * x)
		}
		squares += float64(Dot(row, row))
		c.N++
	}
	c.Vector = slices.Clone(c.Sum)
	Normalize(c.Vector)
	c.Rho = 0
	if c.N > 1 && c.Weight == nil {
		pairs := float64(c.N) * float64(c.N-1)
		c.Rho = float32((float64(Dot(c.Sum, c.Sum)) - squares) / pairs)
	}
}

// trim chooses the kept rows again and says whether any changed.
func (c *Centroid) trim(v Matrix, usable []int) bool {
	scores := c.Scores(v)
	cut := trimCut(scores, usable)
	changed := false
	for _, i := range usable {
		keep := scores[i] >= cut
		changed = changed || keep != c.Kept[i]
		c.Kept[i] = keep
	}
	if changed {
		c.sum(v)
	}
	return changed
}

// trimCut returns the lowest score to keep. The spread is that of the better half, so
// that wrong images, which are all in the worse half, do not widen it; the
// median itself is always kept.
func trimCut(scores []float32, usable []int) float32 {
	s := make([]float32, len(usable))
	for j, i := range usable {
		s[j] = scores[i]
	}
	slices.Sort(s)
	median, high := s[(len(s)-1)/2], s[(len(s)-1)*5/6]
	return median - float32(trimSpread*(high-median))
}

// densestRows returns the row whose mean cosine to its nearest half of the others is
// highest, and that half, as indices of rows of v.
func densestRows(v Matrix, usable []int) []int {
	if len(usable) < 3 {
		return usable
	}
	columns := usable
	if len(usable) > seedColumns {
		columns = make([]int, seedColumns)
		for j := range columns {
			columns[j] = usable[j*len(usable)/seedColumns]
		}
	}
	k := max(int(seedFraction*float64(len(columns))), 1)
	best, seed := math.Inf(-1), usable[0]
	others := NewMatrix(len(columns), v.Cols)
	for j, row := range columns {
		copy(others.Row(j), v.Row(row))
	}
	scores, cosines := make([]float32, len(columns)), make([]float32, 0, len(columns))
	for _, i := range usable {
		Dots(scores, v.Row(i), others, 0)
		cosines = cosines[:0]
		for j, row := range columns {
			if row != i {
				cosines = append(cosines, scores[j])
			}
		}
		slices.Sort(cosines)
		var density float64
		for n := range k {
			density += float64(cosines[len(cosines)-1-n])
		}
		if density > best {
			best, seed = density, i
		}
	}
	near := NearestRows(v.Row(seed), v, max(int(math.Ceil(seedFraction*float64(len(usable)))), 2),
		func(i int) bool { _, ok := slices.BinarySearch(usable, i); return !ok })
	rows := make([]int, len(near))
	for j, nb := range near {
		rows[j] = nb.Index
	}
	return rows
}
