package command

import (
	"context"
	"slices"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/dataset/simulate"
	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/program"
)

// source lists what a set is made of, and counts the images to leave out that it does
// not have.
func (o *simulateFlags) source(ctx context.Context, s *session) (
	src simulate.Source, from simulate.Origin, unknown int, err error) {
	if src.Images, from.Data, err = listImages(ctx, dataset.Options{URL: o.data, Layout: o.layout}); err != nil {
		return src, from, 0, err
	}
	if o.leaveOut != "" {
		out, err := dataset.ReadPaths(ctx, o.leaveOut, s.store.s3)
		if err != nil {
			return src, from, 0, program.WithHint(err, "give a table with a column path to --leave-out")
		}
		before := len(src.Images)
		src.Images = slices.DeleteFunc(src.Images, func(im simulate.Image) bool { return out[im.Path] })
		unknown = len(out) - (before - len(src.Images))
	}
	if o.strangers != "" {
		src.Strangers, from.Strangers, err = listImages(ctx, dataset.Options{URL: o.strangers})
		if err != nil {
			return src, from, 0, program.WithHint(err, "check --outliers-from")
		}
	}
	if o.options.HardFlips > 0 {
		r, err := findReport(ctx, s, o.report)
		if err != nil {
			return src, from, 0, err
		}
		if src.Nearest, err = nearestIdentities(ctx, r); err != nil {
			return src, from, 0, err
		}
	}
	return src, from, unknown, nil
}

// listImages lists a folder, and says which it is.
func listImages(ctx context.Context, o dataset.Options) (all []simulate.Image, folder string, err error) {
	d, err := dataset.Open(ctx, o)
	if err != nil {
		return nil, "", err
	}
	for im, err := range d.Rows(ctx) {
		if err != nil {
			return nil, "", err
		}
		all = append(all, simulate.Image{Path: im.Path, Identity: im.Identity, Landmarks: im.Landmarks})
	}
	return all, d.URL(), nil
}

// nearestIdentities returns the identity that is nearest to each, by a report. A label
// that is the same person as the nearest one has none: its images would be no flips
// there.
func nearestIdentities(ctx context.Context, r *report.Report) (map[string]string, error) {
	rows, err := r.Identities(ctx)
	if err != nil {
		return nil, err
	}
	pairs, err := r.Pairs(ctx)
	if err != nil {
		return nil, err
	}
	one := map[[2]string]bool{}
	for _, p := range pairs {
		if p.Kind == schemas.PairSplit {
			one[[2]string{p.AIdentity, p.BIdentity}], one[[2]string{p.BIdentity, p.AIdentity}] = true, true
		}
	}
	nearest := map[string]string{}
	for _, v := range rows {
		if n := v.NearestIdentity; n != nil && !one[[2]string{v.Identity, *n}] {
			nearest[v.Identity] = *n
		}
	}
	return nearest, nil
}
