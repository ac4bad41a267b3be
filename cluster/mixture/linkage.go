package mixture

import "slices"

// linkage joins n pictures by average linkage of their cosines (a nearest-neighbour
// chain: Murtagh 1983) and returns the two children of each join: numbers below n are
// pictures, n and up the joins, in an order in which children come first. The last join
// is the root. Of equal cosines the lowest number counts.
func linkage(cosines []float64, n int) [][2]int {
	s := slices.Clone(cosines)
	node, size := make([]int, n), make([]int, n) // of each line of s that is left
	left := make([]int, n)
	for i := range n {
		node[i], size[i], left[i] = i, 1, i
	}
	children := make([][2]int, 0, n-1)
	var chain []int
	for len(left) > 1 {
		if len(chain) == 0 {
			chain = append(chain, left[0])
		}
		i := chain[len(chain)-1]
		last := -1
		if len(chain) > 1 {
			last = chain[len(chain)-2]
		}
		j := nearest(s, n, i, last, left)
		if j != last {
			chain = append(chain, j)
			continue
		}
		chain = chain[:len(chain)-2]
		children = append(children, [2]int{node[i], node[j]})
		keep, gone := min(i, j), max(i, j)
		left = slices.DeleteFunc(left, func(k int) bool { return k == gone })
		a, b := float64(size[keep]), float64(size[gone])
		for _, k := range left {
			x := (float64(a*s[keep*n+k]) + float64(b*s[gone*n+k])) / (a + b)
			s[keep*n+k], s[k*n+keep] = x, x
		}
		node[keep], size[keep] = n+len(children)-1, size[keep]+size[gone]
	}
	return children
}

// nearest returns the most similar other line to i among those left; last where it is as
// similar as any.
func nearest(s []float64, n, i, last int, left []int) int {
	best := last
	for _, k := range left {
		if k != i && (best < 0 || s[i*n+k] > s[i*n+best]) {
			best = k
		}
	}
	return best
}

// leaves returns the pictures below a node, ascending.
func leaves(children [][2]int, node, n int) []int {
	var out []int
	open := []int{node}
	for len(open) > 0 {
		k := open[len(open)-1]
		open = open[:len(open)-1]
		if k < n {
			out = append(out, k)
			continue
		}
		open = append(open, children[k-n][0], children[k-n][1])
	}
	slices.Sort(out)
	return out
}
