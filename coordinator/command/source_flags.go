package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/program"
)

// sourceFlags say which images are cleaned, and which benchmarks are looked for in
// them.
type sourceFlags struct {
	dataset            string
	datasets           string
	data               string
	layout             string
	manifest           string
	aligned            bool
	vectors            string
	references         []string
	referenceAligned   []string
	referenceManifests []string
	skipUnlistable     bool
}

// AddFlags defines the flags.
func (f *sourceFlags) AddFlags(fs *pflag.FlagSet) {
	fs.StringVar(&f.dataset, "dataset", "", "a data set by name (coordinator datasets lists them)")
	addCatalogueFlag(fs, &f.datasets)
	fs.StringVar(&f.data, "data", "",
		"where the images are: a folder or s3://bucket/prefix; default: where the catalogue says")
	fs.StringVar(&f.layout, "layout", "", strings.Join(layout.Names(), ", ")+"; default: found out by looking")
	fs.StringVar(&f.manifest, "manifest", "",
		"an Arrow or CSV table (path, identity, ...) that replaces listing")
	fs.BoolVar(&f.aligned, "aligned", false, "the images are aligned 112x112 faces already: no detector runs")
	fs.StringVar(&f.vectors, "vectors", "",
		"an Arrow file of ready vectors (path, identity, vector; where known det_score, length, box): judge "+
			"these, without images")
	fs.StringArrayVar(&f.references, "reference", nil,
		"a benchmark NAME=URL to look for in the set; repeatable")
	fs.StringArrayVar(&f.referenceAligned, "reference-aligned", nil,
		"a benchmark NAME whose images are aligned already; repeatable")
	fs.StringArrayVar(&f.referenceManifests, "reference-manifest", nil,
		"a benchmark's manifest, NAME=FILE; repeatable")
	fs.BoolVar(&f.skipUnlistable, "skip-unlistable", false,
		"count folders that can't be listed instead of stopping")
}

// addCatalogueFlag defines the flag that names a catalogue of data sets.
func addCatalogueFlag(fs *pflag.FlagSet, file *string) {
	fs.StringVar(file, "datasets", "",
		"a catalogue of your own; default $XDG_CONFIG_HOME/facesieve/datasets.yaml")
}

// checkVectors refuses vectors beside images.
func (f *sourceFlags) checkVectors() error {
	if f.vectors != "" && (f.data != "" || f.dataset != "" || f.manifest != "" || f.layout != "" || f.aligned) {
		return program.Usagef("--vectors takes the place of images; leave --data, --dataset, --manifest, --layout and --aligned out")
	}
	return nil
}

// checkLayout refuses a layout that is not known.
func (f *sourceFlags) checkLayout() error {
	if f.layout != "" && !slices.Contains(layout.Names(), f.layout) {
		return program.Usagef("--layout %q: one of %s", f.layout, strings.Join(layout.Names(), ", "))
	}
	return nil
}

// used are the flags that were given.
func (f *sourceFlags) used() (set []string) {
	for _, x := range []struct {
		flag string
		used bool
	}{
		{"--dataset", f.dataset != ""}, {"--datasets", f.datasets != ""}, {"--data", f.data != ""},
		{"--layout", f.layout != ""}, {"--manifest", f.manifest != ""}, {"--aligned", f.aligned},
		{"--vectors", f.vectors != ""}, {"--reference", len(f.references) > 0},
		{"--reference-aligned", len(f.referenceAligned) > 0},
		{"--reference-manifest", len(f.referenceManifests) > 0},
		{"--skip-unlistable", f.skipUnlistable},
	} {
		if x.used {
			set = append(set, x.flag)
		}
	}
	return set
}

// add puts the set and its references into a request. Buckets are read with s3.
func (f *sourceFlags) add(ctx context.Context, q *plan.Request, s3 store.S3Options) error {
	q.Set = plan.SourceRequest{Vectors: f.vectors, Aligned: f.aligned, Dataset: dataset.Options{
		URL: f.data, Layout: f.layout, Manifest: f.manifest, SkipUnlistable: f.skipUnlistable, S3: s3}}
	switch {
	case f.vectors != "":
	case f.dataset != "":
		if err := f.fromCatalogue(ctx, &q.Set, s3); err != nil {
			return err
		}
	case f.data == "" && f.manifest != "":
		return program.Usagef("--manifest %s: name the folder that its images stand in with --data", f.manifest)
	case f.data == "":
		return program.Usagef("nothing to clean: name a folder with --data, a data set with --dataset, or vectors with --vectors")
	}
	return f.addReferences(q, s3)
}

// addReferences puts the benchmarks into a request.
func (f *sourceFlags) addReferences(q *plan.Request, s3 store.S3Options) error {
	index := map[string]int{}
	for _, r := range f.references {
		name, url, ok := strings.Cut(r, "=")
		_, twice := index[name]
		if !ok || url == "" || schemas.Source(name) == schemas.Set ||
			schemas.Source(name).Validate() != nil || twice {
			return program.Usagef("--reference %q: write NAME=URL, each name once and of a-z 0-9 - _, as lfw=/data/lfw", r)
		}
		index[name] = len(q.References)
		q.References = append(q.References, plan.SourceRequest{Name: schemas.Source(name),
			Aligned: slices.Contains(f.referenceAligned, name),
			Dataset: dataset.Options{URL: url, SkipUnlistable: f.skipUnlistable, S3: s3}})
	}
	for _, name := range f.referenceAligned {
		if _, there := index[name]; !there {
			return program.Usagef("--reference-aligned %q: there is no --reference of that name", name)
		}
	}
	for _, m := range f.referenceManifests {
		name, file, ok := strings.Cut(m, "=")
		i, there := index[name]
		switch {
		case !ok || file == "":
			return program.Usagef("--reference-manifest %q: write NAME=FILE, as lfw=/data/lfw.csv", m)
		case !there:
			return program.Usagef("--reference-manifest %q: there is no --reference %s", m, name)
		case q.References[i].Dataset.Manifest != "":
			return program.Usagef("--reference-manifest %q: %s has a manifest already", m, name)
		}
		q.References[i].Dataset.Manifest = file
	}
	return nil
}

// fromCatalogue completes a source with what the catalogue says of it.
func (f *sourceFlags) fromCatalogue(ctx context.Context, src *plan.SourceRequest, s3 store.S3Options) error {
	all, err := dataset.LoadCatalogue(ctx, f.datasets, s3)
	if err != nil {
		return err
	}
	entry, err := all.Find(f.dataset)
	if err != nil {
		return program.Usage(err)
	}
	if src.Dataset.URL == "" {
		if src.Dataset.URL, err = entry.Locate(); errors.Is(err, fs.ErrNotExist) {
			return program.WithHint(err, fmt.Sprintf(
				"give --data URL, or add to %s the line: %s: {data: /path/to/%[2]s}", entry.Catalogue(), entry.Name))
		} else if err != nil {
			return err
		}
	}
	if src.Dataset.Layout == "" {
		src.Dataset.Layout = entry.Layout
	}
	src.Aligned = src.Aligned || entry.Aligned
	return nil
}
