package mixture

import (
	"cmp"
	"slices"

	"github.com/facesieve/facesieve/cluster"
)

const (
	sampled       = 512 // images of a label that are compared with each other, at most
	nearDuplicate = .95 // cosine from which two images count once
	leastDistinct = 4   // images of a label that can be split, near-duplicates counted once
	mostSplits    = 6   // of a label
	smallLabel    = 30  // images below which a group of two counts; in larger labels three make one
)

// Splits returns the splits of a label that are worth weighing, by the unit vectors of
// its images: from the last join downwards, always further into the larger side. Of very
// many images an even sample is looked at.
func Splits(v cluster.Matrix) []Split {
	rows := evenly(v.Rows)
	return splitsOf(v, rows)
}

// evenly returns so many of the numbers below n as are compared, at even distances.
func evenly(n int) []int {
	k := min(n, sampled)
	rows := make([]int, k)
	for i := range rows {
		rows[i] = i * n / k
	}
	return rows
}

// splitsOf returns the splits of some rows.
func splitsOf(v cluster.Matrix, rows []int) []Split {
	if len(rows) < leastDistinct {
		return nil
	}
	pictures := collapse(v, rows)
	n := len(pictures)
	if n < leastDistinct {
		return nil
	}
	least := 3
	if len(rows) < smallLabel {
		least = 2
	}
	cosines := meanCosines(v, pictures)
	children := linkage(cosines, n)
	var out []Split
	for node := 2*n - 2; node >= n && len(out) < mostSplits; {
		larger, smaller := children[node-n][0], children[node-n][1]
		a, b := leaves(children, larger, n), leaves(children, smaller, n)
		if len(a) < len(b) {
			larger, a, b = smaller, b, a
		}
		if len(b) >= least {
			out = append(out, measure(cosines, n, a, b, pictures))
		}
		node = larger
	}
	return out
}

// collapse returns the rows by picture: those that are near-duplicates of each other, by
// way of others too, together; in the order of their first.
func collapse(v cluster.Matrix, rows []int) [][]int {
	first := make([]int, len(rows))
	for i := range first {
		first[i] = i
	}
	root := func(i int) int {
		for first[i] != i {
			i = first[i]
		}
		return i
	}
	for i := range rows {
		for j := range i {
			if cluster.Dot(v.Row(rows[i]), v.Row(rows[j])) >= nearDuplicate {
				a, b := root(i), root(j)
				first[max(a, b)] = min(a, b)
			}
		}
	}
	at := map[int]int{}
	var out [][]int
	for i, row := range rows {
		r := root(i)
		if _, ok := at[r]; !ok {
			at[r] = len(out)
			out = append(out, nil)
		}
		out[at[r]] = append(out[at[r]], row)
	}
	return out
}

// meanCosines returns the cosines between the mean vectors of all pictures, n by n.
func meanCosines(v cluster.Matrix, pictures [][]int) []float64 {
	n := len(pictures)
	means := cluster.NewMatrix(n, v.Cols)
	for i, rows := range pictures {
		for _, r := range rows {
			for j, x := range v.Row(r) {
				means.Row(i)[j] += x
			}
		}
		cluster.Normalize(means.Row(i))
	}
	out := make([]float64, n*n)
	line := make([]float32, n)
	for i := range n {
		cluster.Dots(line, means.Row(i), means, 0)
		for j, x := range line {
			out[i*n+j] = float64(x)
		}
	}
	return out
}

// measure describes a split of n pictures into a and b.
func measure(cosines []float64, n int, a, b []int, pictures [][]int) Split {
	cross := make([]float64, 0, len(a)*len(b))
	for _, i := range a {
		for _, j := range b {
			cross = append(cross, cosines[i*n+j])
		}
	}
	s := Split{NA: len(a), NB: len(b), OwnA: within(cosines, n, a), OwnB: within(cosines, n, b), Join: mean(cross)}
	slices.SortFunc(cross, func(x, y float64) int { return cmp.Compare(y, x) })
	s.Top = mean(cross[:min(len(a), len(b))])
	for _, i := range a {
		s.A = append(s.A, pictures[i]...)
	}
	for _, i := range b {
		s.B = append(s.B, pictures[i]...)
	}
	return s
}

// within returns the mean cosine of the pairs of some of n pictures.
func within(cosines []float64, n int, of []int) float64 {
	var sum float64
	for k, i := range of {
		for _, j := range of[:k] {
			sum += cosines[i*n+j]
		}
	}
	return 2 * sum / float64(len(of)*(len(of)-1))
}

func mean(x []float64) (sum float64) {
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}
