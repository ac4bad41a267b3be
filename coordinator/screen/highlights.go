package screen

import (
	"cmp"
	"context"
	"slices"

	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/schemas"
)

// How much of a report its summary shows.
const (
	shownExamples   = 3
	shownIdentities = 5
	shownPairs      = 5
	shownOverlaps   = 10 // of each tier
)

// Highlights are what of a report's tables its summary shows.
type Highlights struct {
	Examples   map[schemas.Type][]schemas.Verdict // a few images of each type, the surest
	Identities []schemas.IdentityVerdict          // the worst
	Splits     []schemas.Pair
	Shared     []schemas.Pair // near-duplicates under two labels
	Overlaps   []schemas.Overlap
}

// ReadHighlights reads a report's tables and keeps what is shown.
func ReadHighlights(ctx context.Context, r *report.Report) (*Highlights, error) {
	h := &Highlights{}
	ids, err := r.Identities(ctx)
	if err != nil {
		return nil, err
	}
	h.Identities = worst(ids)
	pairs, err := r.Pairs(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range pairs {
		if p.Kind == schemas.PairNearDuplicate && p.AIdentity != p.BIdentity {
			h.Shared = append(h.Shared, p)
		}
	}
	h.Splits = slices.DeleteFunc(pairs, func(p schemas.Pair) bool { return p.Kind != schemas.PairSplit })
	slices.SortStableFunc(h.Splits, func(a, b schemas.Pair) int { return cmp.Compare(b.P, a.P) })
	if h.Overlaps, err = r.Overlaps(ctx); err != nil {
		return nil, err
	}
	slices.SortStableFunc(h.Overlaps, func(a, b schemas.Overlap) int {
		return cmp.Or(cmp.Compare(b.P, a.P), cmp.Compare(b.Score, a.Score))
	})
	h.Examples, err = Surest(ctx, r)
	return h, err
}

// Surest returns a few images of each type: those that are most surely wrong, the
// first where none is surer.
func Surest(ctx context.Context, r *report.Report) (map[schemas.Type][]schemas.Verdict, error) {
	examples := map[schemas.Type][]schemas.Verdict{}
	for row, err := range r.Images(ctx) {
		if err != nil {
			return nil, err
		}
		examples[row.Type] = insertSurer(examples[row.Type], row)
	}
	return examples, nil
}

// insertSurer puts a row behind those that are as surely wrong, and keeps as many
// rows as are shown.
func insertSurer(rows []schemas.Verdict, row schemas.Verdict) []schemas.Verdict {
	at := len(rows)
	for at > 0 && pNoise(rows[at-1]) < pNoise(row) {
		at--
	}
	if at == shownExamples {
		return rows
	}
	rows = slices.Insert(rows, at, row)
	return rows[:min(len(rows), shownExamples)]
}

// pNoise is the probability that an image is wrong; below 0 where there is none.
func pNoise(v schemas.Verdict) float32 {
	if v.PNoise == nil {
		return -1
	}
	return *v.PNoise
}

// leastRate is the share of wrong images from which an identity is shown.
const leastRate = .05

// worst are the identities with the greatest share of wrong images.
func worst(all []schemas.IdentityVerdict) []schemas.IdentityVerdict {
	all = slices.DeleteFunc(all, func(v schemas.IdentityVerdict) bool {
		return v.NoiseRate == nil || *v.NoiseRate < leastRate
	})
	slices.SortStableFunc(all, func(a, b schemas.IdentityVerdict) int {
		return cmp.Compare(*b.NoiseRate, *a.NoiseRate)
	})
	return all[:min(len(all), shownIdentities)]
}
