package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/schemas"
)

// sources turns the flags about places into the set and its references.
func (a *app) sources(ctx context.Context, f *runFlags, q *plan.Request) error {
	q.Set = plan.SourceRequest{Vectors: f.vectors, Aligned: f.aligned, Dataset: dataset.Options{
		URL: f.data, Layout: f.layout, Manifest: f.manifest, SkipUnlistable: f.skipUnlistable, S3: a.s3}}
	switch {
	case f.vectors != "":
	case f.dataset != "":
		if err := a.fromCatalogue(ctx, f, &q.Set); err != nil {
			return err
		}
	case f.data == "" && f.manifest != "":
		return fmt.Errorf("%w: --manifest %s: name the folder that its images stand in with --data", errUsage, f.manifest)
	case f.data == "":
		return fmt.Errorf("%w: nothing to clean: name a folder with --data, a data set with --dataset, or vectors with --vectors", errUsage)
	}
	return a.references(f, q)
}

// references turns the flags about benchmarks into the references.
func (a *app) references(f *runFlags, q *plan.Request) error {
	index := map[string]int{}
	for _, r := range f.references {
		name, url, ok := strings.Cut(r, "=")
		_, twice := index[name]
		if !ok || url == "" || schemas.Source(name) == schemas.Set || schemas.Source(name).Validate() != nil || twice {
			return fmt.Errorf("%w: --reference %q: write NAME=URL, each name once and of a-z 0-9 - _, as lfw=/data/lfw", errUsage, r)
		}
		index[name] = len(q.References)
		q.References = append(q.References, plan.SourceRequest{Name: schemas.Source(name), Aligned: slices.Contains(f.referenceAligned, name),
			Dataset: dataset.Options{URL: url, SkipUnlistable: f.skipUnlistable, S3: a.s3}})
	}
	for _, name := range f.referenceAligned {
		if _, there := index[name]; !there {
			return fmt.Errorf("%w: --reference-aligned %q: there is no --reference of that name", errUsage, name)
		}
	}
	for _, m := range f.manifests {
		name, file, ok := strings.Cut(m, "=")
		i, there := index[name]
		switch {
		case !ok || file == "":
			return fmt.Errorf("%w: --reference-manifest %q: write NAME=FILE, as lfw=/data/lfw.csv", errUsage, m)
		case !there:
			return fmt.Errorf("%w: --reference-manifest %q: there is no --reference %s", errUsage, m, name)
		case q.References[i].Dataset.Manifest != "":
			return fmt.Errorf("%w: --reference-manifest %q: %s has a manifest already", errUsage, m, name)
		}
		q.References[i].Dataset.Manifest = file
	}
	return nil
}

func (a *app) fromCatalogue(ctx context.Context, f *runFlags, src *plan.SourceRequest) error {
	all, err := dataset.LoadCatalogue(ctx, f.datasets, a.s3)
	if err != nil {
		return err
	}
	entry, err := all.Find(f.dataset)
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	if src.Dataset.URL == "" {
		if src.Dataset.URL, err = entry.Locate(); err != nil {
			return err
		}
	}
	if src.Dataset.Layout == "" {
		src.Dataset.Layout = entry.Layout
	}
	src.Aligned = src.Aligned || entry.Aligned
	return nil
}
