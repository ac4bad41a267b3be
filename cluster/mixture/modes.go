package mixture

import (
	"slices"

	"github.com/facesieve/facesieve/cluster"
)

// Modes returns the sets of images, by the rows of their unit vectors, that are alike
// among themselves: average linkage joins them as long as the mean cosine across a join is
// alike at least. Each row is in one set, alone where it is like none; rows ascend, and so
// do the sets by their first row.
func Modes(v cluster.Matrix, alike float64) [][]int {
	n := v.Rows
	if n == 0 {
		return nil
	}
	single := make([][]int, n)
	for i := range single {
		single[i] = []int{i}
	}
	cosines := meanCosines(v, single)
	children := linkage(cosines, n)
	var modes [][]int
	open := []int{n + len(children) - 1}
	for len(open) > 0 {
		k := open[len(open)-1]
		open = open[:len(open)-1]
		if k < n {
			modes = append(modes, []int{k})
			continue
		}
		a, b := leaves(children, children[k-n][0], n), leaves(children, children[k-n][1], n)
		if across(cosines, n, a, b) >= alike {
			modes = append(modes, leaves(children, k, n))
			continue
		}
		open = append(open, children[k-n][0], children[k-n][1])
	}
	slices.SortFunc(modes, func(x, y []int) int { return x[0] - y[0] })
	return modes
}

// across returns the mean cosine of the pairs of a and b.
func across(cosines []float64, n int, a, b []int) float64 {
	sum := 0.0
	for _, i := range a {
		for _, j := range b {
			sum += cosines[i*n+j]
		}
	}
	return sum / float64(len(a)*len(b))
}
