// Package demo sets a run's report beside what was planted in the set that the run
// cleaned: in numbers, and in a picture.
package demo

import (
	"cmp"
	"slices"

	"github.com/facesieve/facesieve/schemas"
)

// Report is a report's tables as a whole, of a set that is known to be small.
type Report struct {
	Images     []schemas.Verdict
	Pairs      []schemas.Pair
	Overlaps   []schemas.Overlap
	Identities []schemas.IdentityVerdict
}

// names are the people's names by label, where the set ships them.
func (r *Report) names() map[string]string {
	m := map[string]string{}
	for _, p := range r.Identities {
		if p.Name != nil {
			m[p.Identity] = *p.Name
		}
	}
	return m
}

// typical are up to n images of a label, those that are most like all the others:
// what the label stands for.
func (r *Report) typical(identity string, n int) []string {
	var own []schemas.Verdict
	for _, v := range r.Images {
		if v.Identity == identity && v.Type == schemas.TypeClean && v.Score != nil {
			own = append(own, v)
		}
	}
	slices.SortStableFunc(own, func(a, b schemas.Verdict) int { return cmp.Compare(*b.Score, *a.Score) })
	var paths []string
	for _, v := range own[:min(n, len(own))] {
		paths = append(paths, v.Path)
	}
	return paths
}
