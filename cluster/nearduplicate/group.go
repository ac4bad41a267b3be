package nearduplicate

import "slices"

// Groups sorts pictures, numbered from 0 to n-1, into groups that show the same. pairs
// are pairs of them that were confirmed, compare orders pictures, and the first one of
// a group is its representative: with it each member was confirmed or is by confirm,
// so that no chain of small differences leads to another picture. Of what pairs bring
// together, the first picture takes all that are confirmed with it, the first of the
// others what it can of the rest, and so on. Pictures that are alone are in no group. Groups come in
// the order of their representatives, members in the order of compare.
func Groups(n int, pairs [][2]int32, compare func(a, b int32) int, confirm func(a, b int32) bool) [][]int32 {
	f := newForest(n)
	for _, p := range pairs {
		f.join(p[0], p[1])
	}
	direct := map[[2]int32]bool{}
	for _, p := range pairs {
		direct[[2]int32{min(p[0], p[1]), max(p[0], p[1])}] = true
	}
	together := func(a, b int32) bool {
		return direct[[2]int32{min(a, b), max(a, b)}] || confirm(a, b)
	}
	var groups [][]int32
	for _, left := range f.trees() {
		slices.SortFunc(left, compare)
		for len(left) > 1 {
			group, rest := left[:1:1], []int32(nil)
			for _, i := range left[1:] {
				if together(left[0], i) {
					group = append(group, i)
				} else {
					rest = append(rest, i)
				}
			}
			if len(group) > 1 {
				groups = append(groups, group)
			}
			left = rest
		}
	}
	slices.SortFunc(groups, func(a, b []int32) int { return compare(a[0], b[0]) })
	return groups
}

// forest holds which pictures pairs bring together.
type forest struct{ parent []int32 }

func newForest(n int) *forest {
	f := &forest{parent: make([]int32, n)}
	for i := range f.parent {
		f.parent[i] = int32(i)
	}
	return f
}

func (f *forest) root(i int32) int32 {
	for f.parent[i] != i {
		f.parent[i] = f.parent[f.parent[i]]
		i = f.parent[i]
	}
	return i
}

// join brings two pictures together; the lower number becomes the root.
func (f *forest) join(a, b int32) {
	a, b = f.root(a), f.root(b)
	f.parent[max(a, b)] = min(a, b)
}

// trees returns what is together, of two pictures and more, by the lowest number.
func (f *forest) trees() (all [][]int32) {
	at := map[int32]int{}
	for i := range int32(len(f.parent)) {
		r := f.root(i)
		if r == i {
			continue
		}
		k, known := at[r]
		if !known {
			k = len(all)
			at[r] = k
			all = append(all, []int32{r})
		}
		all[k] = append(all[k], i)
	}
	return all
}
