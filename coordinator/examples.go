package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// How much of a report its summary shows.
const (
	shownExamples   = 3
	shownIdentities = 5
	shownPairs      = 5
	shownOverlaps   = 10 // of each tier
	readParts       = 4  // at a time
)

// found is what of a report's tables its summary shows.
type found struct {
	examples   map[schemas.Type][]schemas.Verdict
	identities []schemas.IdentityVerdict // the worst
	splits     []schemas.Pair
	overlaps   []schemas.Overlap
}

// find reads a report's tables part by part and keeps what is shown.
func find(ctx context.Context, st store.Store, run schemas.RunID) (*found, error) {
	f := &found{examples: map[schemas.Type][]schemas.Verdict{}}
	ids, err := readTable(ctx, st, schemas.ReportObject(run, schemas.IdentitiesFile), schemas.ReadIdentities)
	if err != nil {
		return nil, err
	}
	f.identities = worst(ids)
	pairs, err := readTable(ctx, st, schemas.ReportObject(run, schemas.PairsFile), schemas.ReadPairs)
	if err != nil {
		return nil, err
	}
	f.splits = slices.DeleteFunc(pairs, func(p schemas.Pair) bool { return p.Kind != "split" })
	slices.SortStableFunc(f.splits, func(a, b schemas.Pair) int { return cmp.Compare(b.P, a.P) })
	if f.overlaps, err = readTable(ctx, st, schemas.ReportObject(run, schemas.OverlapFile), schemas.ReadOverlaps); err != nil {
		return nil, err
	}
	slices.SortStableFunc(f.overlaps, func(a, b schemas.Overlap) int {
		return cmp.Or(cmp.Compare(b.P, a.P), cmp.Compare(b.Score, a.Score))
	})
	return f, f.readExamples(ctx, st, run)
}

// readExamples reads the parts of the images table, a few at a time.
func (f *found) readExamples(ctx context.Context, st store.Store, run schemas.RunID) error {
	var names []string
	for info, err := range st.List(ctx, schemas.ReportObject(run, schemas.ImagesFolder)) {
		if err != nil {
			return err
		}
		names = append(names, info.Name)
	}
	parts := make([]map[schemas.Type][]schemas.Verdict, len(names))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(readParts)
	for i, name := range names {
		g.Go(func() error {
			rows, err := readTable(gctx, st, name, schemas.ReadVerdicts)
			parts[i] = examples(rows)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, part := range parts {
		for t, rows := range part {
			f.examples[t] = mostSure(append(f.examples[t], rows...))
		}
	}
	return nil
}

// examples are a few rows of each type.
func examples(rows []schemas.Verdict) map[schemas.Type][]schemas.Verdict {
	m := map[schemas.Type][]schemas.Verdict{}
	for _, r := range rows {
		m[r.Type] = append(m[r.Type], r)
	}
	for t := range m {
		m[t] = slices.Clone(mostSure(m[t]))
	}
	return m
}

// mostSure are the rows that are most surely wrong, the first where none is surer.
func mostSure(rows []schemas.Verdict) []schemas.Verdict {
	p := func(v schemas.Verdict) float32 {
		if v.PNoise == nil {
			return -1
		}
		return *v.PNoise
	}
	slices.SortStableFunc(rows, func(a, b schemas.Verdict) int { return cmp.Compare(p(b), p(a)) })
	return rows[:min(len(rows), shownExamples)]
}

// leastRate is the share of wrong images from which an identity is shown.
const leastRate = .05

// worst are the identities with the greatest share of wrong images.
func worst(all []schemas.IdentityVerdict) []schemas.IdentityVerdict {
	all = slices.DeleteFunc(all, func(v schemas.IdentityVerdict) bool { return v.NoiseRate == nil || *v.NoiseRate < leastRate })
	slices.SortStableFunc(all, func(a, b schemas.IdentityVerdict) int { return cmp.Compare(*b.NoiseRate, *a.NoiseRate) })
	return all[:min(len(all), shownIdentities)]
}

func readTable[T any](ctx context.Context, st store.Store, name string, read func(io.Reader) ([]T, error)) (rows []T, err error) {
	r, err := st.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return read(r)
}
