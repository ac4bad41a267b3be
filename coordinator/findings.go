package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// findings are a report's tables as a whole, for sets that are known to be small.
type findings struct {
	images   []schemas.Verdict
	pairs    []schemas.Pair
	overlaps []schemas.Overlap
	people   []schemas.IdentityVerdict
}

// readFindings reads a report's tables.
func readFindings(ctx context.Context, st store.Store, run schemas.RunID) (f *findings, err error) {
	f = &findings{}
	for info, err := range st.List(ctx, schemas.ReportObject(run, schemas.ImagesFolder)) {
		if err != nil {
			return nil, err
		}
		rows, err := readTable(ctx, st, info.Name, schemas.ReadVerdicts)
		if err != nil {
			return nil, err
		}
		f.images = append(f.images, rows...)
	}
	if f.pairs, err = readTable(ctx, st, schemas.ReportObject(run, schemas.PairsFile), schemas.ReadPairs); err != nil {
		return nil, err
	}
	if f.people, err = readTable(ctx, st, schemas.ReportObject(run, schemas.IdentitiesFile), schemas.ReadIdentities); err != nil {
		return nil, err
	}
	f.overlaps, err = readTable(ctx, st, schemas.ReportObject(run, schemas.OverlapFile), schemas.ReadOverlaps)
	return f, err
}

// names are the people's names by label, where the set ships them.
func (f *findings) names() map[string]string {
	m := map[string]string{}
	for _, p := range f.people {
		if p.Name != nil {
			m[p.Identity] = *p.Name
		}
	}
	return m
}

// typical are up to n images of a label, those that are most like all the others:
// what the label stands for.
func (f *findings) typical(identity string, n int) []string {
	var own []schemas.Verdict
	for _, v := range f.images {
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
