package cluster

import (
	"cmp"
	"slices"
)

// Median returns the upper median of numbers, of which there is one at least.
func Median[T cmp.Ordered](x []T) T {
	s := slices.Clone(x)
	slices.Sort(s)
	return s[len(s)/2]
}
