package command

import (
	"context"
	"slices"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/dataset/simulate"
	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/program"
)

// source lists what a set is made of, and counts the images to leave out that it does
// not have.
func (o *simulateFlags) source(ctx context.Context, s *session) (
	src simulate.Source, from simulate.Origin, unknown int, err error) {
	set, err := listImages(ctx, dataset.Options{URL: o.data, Layout: o.layout, S3: s.store.s3})
	if err != nil {
		return src, from, 0, err
	}
	src.Images, from.Data = set.images, set.url
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
		others, err := listImages(ctx, dataset.Options{URL: o.strangers})
		if err != nil {
			return src, from, 0, program.WithHint(err, "check the folder that --outliers-from names")
		}
		src.Strangers, from.Strangers = others.images, others.url
	}
	if o.reference.url != "" {
		benchmark, err := listImages(ctx, dataset.Options{URL: o.reference.url})
		if err != nil {
			return src, from, 0, program.WithHint(err, "check the folder that --overlap names")
		}
		src.Reference, from.Reference, from.ReferenceName = benchmark.images, benchmark.url, o.reference.name
		o.reference.listed = benchmark.layout == layout.LFW
	}
	if o.options.HardFlips > 0 || o.options.AlikeGuests > 0 {
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

// listed is a collection that was listed.
type listed struct {
	images []simulate.Image
	url    string // a folder's absolute path, or s3://bucket/prefix
	layout string
}

// listImages lists a collection.
func listImages(ctx context.Context, o dataset.Options) (all listed, err error) {
	d, err := dataset.Open(ctx, o)
	if err != nil {
		return all, err
	}
	all.url, all.layout = d.URL(), d.Layout()
	last, name := "", ""
	for im, err := range d.Rows(ctx) {
		if err != nil {
			return all, err
		}
		if im.Identity != last {
			last, name = im.Identity, d.Name(im.Identity)
		}
		all.images = append(all.images, simulate.Image{Path: im.Path, Identity: im.Identity, Name: name,
			Size: im.Size, Tag: im.Tag, Landmarks: im.Landmarks})
	}
	return all, nil
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
