// Package demo shows what a run has found in a set whose faults are known: in words,
// and in a picture of flagged images.
package demo

import (
	"cmp"
	"context"
	"slices"

	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/schemas"
)

// shownImages is how many images stand for a label on the sheet of flagged images.
const shownImages = 3

// Evidence is what the sheet of flagged images shows: flips, and what their labels
// stand for.
type Evidence struct {
	Flips   []schemas.Verdict
	Typical map[string][]string // by label of a flip: the paths of images that are most like all its others
	Names   map[string]string   // people's names by label, where the set ships them
}

// ReadEvidence reads from a report what the sheet shows beside flips.
func ReadEvidence(ctx context.Context, r *report.Report, flips []schemas.Verdict) (*Evidence, error) {
	e := &Evidence{Flips: flips, Typical: map[string][]string{}, Names: map[string]string{}}
	people, err := r.Identities(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		if p.Name != nil {
			e.Names[p.Identity] = *p.Name
		}
	}
	clean := map[string][]schemas.Verdict{}
	for _, v := range flips {
		clean[v.Identity] = nil
	}
	for v, err := range r.Images(ctx) {
		if err != nil {
			return nil, err
		}
		if best, wanted := clean[v.Identity]; wanted && v.Type.RightLabel() && v.Score != nil {
			clean[v.Identity] = mostTypical(append(best, v))
		}
	}
	for label, best := range clean {
		for _, v := range best {
			e.Typical[label] = append(e.Typical[label], v.Embedding.Path)
		}
	}
	return e, nil
}

// mostTypical are the images with the highest scores, as many as are shown.
func mostTypical(own []schemas.Verdict) []schemas.Verdict {
	slices.SortStableFunc(own, func(a, b schemas.Verdict) int { return cmp.Compare(*b.Score, *a.Score) })
	return own[:min(shownImages, len(own))]
}
