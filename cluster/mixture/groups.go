package mixture

import (
	"cmp"
	"slices"

	"github.com/facesieve/facesieve/cluster"
)

const (
	// Merged is the probability from which a label counts as two people's.
	Merged = .5
	// MostGroups is the number of groups that a label is cut into at most.
	MostGroups = 8
	leastGroup = 2 // images of a group
	settling   = 3 // rounds in which images find the nearer group
)

// Group is the images of one person under a label.
type Group struct {
	Rows []int // ascending
	// P is the probability that its images and those of the first group are two people; of
	// the first, that those of any other are another person's; of one that is alone, that it
	// is two people's all the same.
	P float64
}

// Groups cuts the images of a label, by their unit vectors, into one group a person,
// largest first: one where the label is rather one person's. Every row is in one group.
// beside says what other labels tell; nil: nothing.
func (m Model) Groups(v cluster.Matrix, beside Beside) []Group {
	all := make([]int, v.Rows)
	for i := range all {
		all[i] = i
	}
	groups := m.rejoin(v, m.cut(v, Group{Rows: all}, MostGroups, beside), beside)
	slices.SortStableFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(len(b.Rows), len(a.Rows)), cmp.Compare(a.Rows[0], b.Rows[0]))
	})
	m.weigh(v, groups, beside)
	return groups
}

// weigh compares groups with the first one, where there are more than two: cutting gave
// each its probability beside the group that it was cut from.
func (m Model) weigh(v cluster.Matrix, groups []Group, beside Beside) {
	if len(groups) < 3 {
		return
	}
	groups[0].P = 0
	for k := range groups[1:] {
		g := &groups[k+1]
		g.P = m.apart(v, groups[0].Rows, g.Rows, beside)
		groups[0].P = max(groups[0].P, g.P)
	}
}

// cut returns the groups of a group's images, most at the most.
func (m Model) cut(v cluster.Matrix, g Group, most int, beside Beside) []Group {
	if most < 2 || len(g.Rows) < leastDistinct {
		return []Group{g}
	}
	splits := splitsOf(v, someOf(g.Rows))
	i, p := m.likeliest(splits, beside)
	if i < 0 {
		return []Group{g}
	}
	if p < Merged {
		g.P = max(p, g.P)
		return []Group{g}
	}
	a, b := settle(v, g.Rows, splits[i].A, splits[i].B)
	if len(a) < leastGroup || len(b) < leastGroup {
		return []Group{g}
	}
	if len(a) < len(b) {
		a, b = b, a
	}
	out := m.cut(v, Group{Rows: a, P: max(p, g.P)}, most-1, beside)
	return append(out, m.cut(v, Group{Rows: b, P: p}, most-len(out), beside)...)
}

// rejoin joins groups again that are rather one person beside each other: a person's
// images may have left a crowd of several people in two parts. The least likely pair
// goes first.
func (m Model) rejoin(v cluster.Matrix, groups []Group, beside Beside) []Group {
	for len(groups) > 1 {
		first, second, least := -1, -1, Merged
		for b := range groups {
			for a := range b {
				if p := m.apart(v, groups[a].Rows, groups[b].Rows, beside); p < least {
					first, second, least = a, b, p
				}
			}
		}
		if first < 0 {
			break
		}
		g := &groups[first]
		g.Rows = append(slices.Clone(g.Rows), groups[second].Rows...)
		slices.Sort(g.Rows)
		g.P = max(g.P, groups[second].P)
		groups = slices.Delete(groups, second, second+1)
		if len(groups) == 1 {
			groups[0].P = least
		}
	}
	return groups
}

// apart returns the probability that two groups of rows are two people.
func (m Model) apart(v cluster.Matrix, a, b []int, beside Beside) float64 {
	return m.heard(m.Units.between(v, a, b), a, b, beside)
}

// between returns the log-ratio of two groups of rows.
func (u Units) between(v cluster.Matrix, a, b []int) float64 {
	x, y := collapse(v, someOf(a)), collapse(v, someOf(b))
	if len(x) < len(y) {
		x, y = y, x
	}
	if len(y) < leastGroup {
		return unlikely
	}
	pictures := slices.Concat(x, y)
	n := len(pictures)
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	s := measure(meanCosines(v, pictures), n, all[:len(x)], all[len(x):], pictures)
	return u.LogRatio(&s)
}

// someOf returns an even sample of rows.
func someOf(rows []int) []int {
	out := evenly(len(rows))
	for i, k := range out {
		out[i] = rows[k]
	}
	return out
}

// settle puts every row to the more similar of two people, each known by some rows at
// first.
func settle(v cluster.Matrix, rows, a, b []int) (nearA, nearB []int) {
	for range settling {
		x, y := meanOf(v, a), meanOf(v, b)
		nearA, nearB = nil, nil
		for _, r := range rows {
			if cluster.Dot(v.Row(r), x) >= cluster.Dot(v.Row(r), y) {
				nearA = append(nearA, r)
			} else {
				nearB = append(nearB, r)
			}
		}
		if len(nearA) == 0 || len(nearB) == 0 || slices.Equal(a, nearA) {
			break
		}
		a, b = nearA, nearB
	}
	return nearA, nearB
}

// meanOf returns the direction of the mean of some rows.
func meanOf(v cluster.Matrix, rows []int) []float32 {
	kept := make([]bool, v.Rows)
	for _, r := range rows {
		kept[r] = true
	}
	return cluster.KeptCentroid(v, kept).Vector
}
