package nearduplicate

import (
	"context"
	"slices"
)

// Groups sorts pictures, numbered from 0 to n-1, into groups that show the same. pairs
// are pairs of them that were confirmed, compare orders pictures, and the first one of
// a group is its representative: with it each member was confirmed or is by confirm,
// so that no chain of small differences leads to another picture. The first picture of all
// takes those that are confirmed with it, as far as pairs of such lead, the first of the
// others what it can of the rest, and so on. Pictures that are alone are in no group. Groups come in
// the order of their representatives, members in the order of compare.
func Groups(
	ctx context.Context, n int, pairs [][2]int32, compare func(a, b int32) int, confirm func(a, b int32) bool,
) ([][]int32, error) {
	l := newLinks(n, pairs)
	var order []int32
	for i := range int32(n) {
		if len(l.of(i)) > 0 {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, compare)
	taken := make([]bool, n)
	var groups [][]int32
	for _, first := range order {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if taken[first] {
			continue
		}
		taken[first] = true
		group := l.take(first, taken, confirm)
		if len(group) > 1 {
			slices.SortFunc(group[1:], compare)
			groups = append(groups, group)
		}
	}
	return groups, nil
}

// links are the pictures that each one is in a pair with.
type links struct {
	first []int // of each picture, where its own begin; one more at the end
	other []int32
}

func newLinks(n int, pairs [][2]int32) *links {
	l := &links{first: make([]int, n+1), other: make([]int32, 2*len(pairs))}
	for _, p := range pairs {
		l.first[p[0]+1]++
		l.first[p[1]+1]++
	}
	for i := range n {
		l.first[i+1] += l.first[i]
	}
	next := slices.Clone(l.first)
	for _, p := range pairs {
		for k, i := range p {
			l.other[next[i]] = p[1-k]
			next[i]++
		}
	}
	return l
}

func (l *links) of(i int32) []int32 { return l.other[l.first[i]:l.first[i+1]] }

// take returns a representative and those that are confirmed with it: the ones in a pair
// with it, and of those in a pair with a member the ones that confirm says.
func (l *links) take(representative int32, taken []bool, confirm func(a, b int32) bool) []int32 {
	group := []int32{representative}
	refused := map[int32]bool{}
	for k := 0; k < len(group); k++ {
		for _, i := range l.of(group[k]) {
			if taken[i] || refused[i] {
				continue
			}
			if k > 0 && !confirm(representative, i) {
				refused[i] = true
				continue
			}
			taken[i] = true
			group = append(group, i)
		}
	}
	return group
}
