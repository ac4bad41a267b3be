package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/embed"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/stage/judge"
	"github.com/facesieve/facesieve/schemas"
)

// runFlags are the flags that say what is run.
type runFlags struct {
	dataset          string
	datasets         string
	data             string
	layout           string
	manifest         string
	aligned          bool
	vectors          string
	references       []string
	referenceAligned []string
	manifests        []string // of references
	overrides        string
	from             string
	shardImages      int
	skipUnlistable   bool

	model    string
	detector string

	drop, review      float64
	certain, probable float64
	mixed             bool
	rekind            bool
}

func (f *runFlags) addSources(fs *pflag.FlagSet) {
	fs.StringVar(&f.dataset, "dataset", "", "a data set by name (coordinator datasets lists them)")
	fs.StringVar(&f.datasets, "datasets", "", "a catalogue of your own; default $XDG_CONFIG_HOME/facesieve/datasets.yaml")
	fs.StringVar(&f.data, "data", "", "where the images are: a folder or s3://bucket/prefix; default: where the catalogue says")
	fs.StringVar(&f.layout, "layout", "", strings.Join(layout.Names(), ", ")+"; default: found out by looking")
	fs.StringVar(&f.manifest, "manifest", "", "an Arrow or CSV table (path, identity, ...) that replaces listing")
	fs.BoolVar(&f.aligned, "aligned", false, "the images are aligned 112x112 faces already: no detector runs")
	fs.StringVar(&f.vectors, "vectors", "", "an Arrow file of ready vectors (path, identity, vector): judge these, without images")
	fs.StringArrayVar(&f.references, "reference", nil, "a benchmark NAME=URL to look for in the set; repeatable")
	fs.StringArrayVar(&f.referenceAligned, "reference-aligned", nil, "a benchmark NAME whose images are aligned already; repeatable")
	fs.StringArrayVar(&f.manifests, "reference-manifest", nil, "a benchmark's manifest, NAME=FILE; repeatable")
	fs.BoolVar(&f.skipUnlistable, "skip-unlistable", false, "count folders that can't be listed instead of stopping")
	f.addEmbedding(fs)
}

// addEmbedding defines what decides vectors and how they are shared.
func (f *runFlags) addEmbedding(fs *pflag.FlagSet) {
	fs.IntVar(&f.shardImages, "shard-images", plan.DefaultShardImages, "images of a shard, about")
	fs.StringVar(&f.model, "model", embed.DefaultModel, "embedding model: a name (coordinator models lists them) or an .onnx file")
	fs.StringVar(&f.detector, "detector", embed.DefaultDetector, "face detector: a name, an .onnx file, or none: landmarks of a manifest or of the set's own table are used, and images without are no-face")
}

func (f *runFlags) addJudging(fs *pflag.FlagSet) {
	fs.StringVar(&f.overrides, "overrides", "", "a person's decisions (path, decision, identity; CSV or Arrow), which win")
	fs.StringVar(&f.from, "from", "", "judge that run's vectors again: no images, models or engine are needed")
	fs.Float64Var(&f.drop, "drop", .95, "p_noise from which an image is dropped or relabelled")
	fs.Float64Var(&f.review, "review", .5, "p_noise from which a person should look")
	fs.Float64Var(&f.certain, "certain", .01, "false matches of the whole run that tier certain may hold, expected")
	fs.Float64Var(&f.probable, "probable", .5, "the same for tier probable")
	fs.BoolVar(&f.mixed, "mixed", false, "allow workers of several processor or GPU types; reports may then differ in the last bits")
	fs.BoolVar(&f.rekind, "rekind", false, "start over with vectors of this machine's processor or GPU type; it must have an engine")
}

// request is what the flags ask for, and the models it needs.
func (a *app) request(ctx context.Context, f *runFlags) (plan.Request, []embed.Model, error) {
	q := plan.Request{ShardImages: f.shardImages, From: schemas.RunID(f.from), Judge: schemas.JudgeSpec{
		Method: judge.Method, Drop: schemas.NewDecimal(f.drop), Review: schemas.NewDecimal(f.review),
		Certain: schemas.NewDecimal(f.certain), Probable: schemas.NewDecimal(f.probable), Mixed: f.mixed}}
	err := f.check()
	if err != nil {
		return q, nil, err
	}
	if f.overrides != "" {
		if q.Overrides, _, err = dataset.ReadOverrides(ctx, f.overrides, a.s3); err != nil {
			return q, nil, err
		}
	}
	if f.layout != "" && !slices.Contains(layout.Names(), f.layout) {
		return q, nil, fmt.Errorf("%w: --layout %q: one of %s", errUsage, f.layout, strings.Join(layout.Names(), ", "))
	}
	if f.rekind && (f.from != "" || f.vectors != "" || f.mixed) {
		return q, nil, fmt.Errorf("%w: --rekind computes vectors anew, with one kind; leave --from, --vectors and --mixed out", errUsage)
	}
	if f.from != "" {
		if q.From.Validate() != nil {
			return q, nil, fmt.Errorf("%w: --from %q is no run id; coordinator status lists the runs", errUsage, f.from)
		}
		return q, nil, nil
	}
	if err := a.sources(ctx, f, &q); err != nil {
		return q, nil, err
	}
	if q.Set.Vectors != "" && len(q.References) == 0 {
		return q, nil, nil
	}
	return a.models(f, q)
}

// check refuses numbers that no run can have, before anything is listed.
func (f *runFlags) check() error {
	for _, x := range []struct {
		flag string
		p    float64
	}{{"drop", f.drop}, {"review", f.review}} {
		if !(x.p >= 0 && x.p <= 1) {
			return fmt.Errorf("%w: --%s %v: give a probability, 0 to 1", errUsage, x.flag, x.p)
		}
	}
	switch {
	case f.review > f.drop:
		return fmt.Errorf("%w: --review %v is above --drop %v", errUsage, f.review, f.drop)
	case !(f.certain >= 0 && f.certain <= f.probable && f.probable <= math.MaxFloat32):
		return fmt.Errorf("%w: --certain %v, --probable %v: give expected false matches, certain no more than probable", errUsage, f.certain, f.probable)
	case f.shardImages < 1:
		return fmt.Errorf("%w: --shard-images %d: give at least 1", errUsage, f.shardImages)
	}
	if set := f.given(); f.from != "" && len(set) > 0 {
		return fmt.Errorf("%w: --from takes that run's images and vectors; leave %s out", errUsage, strings.Join(set, ", "))
	}
	if f.vectors != "" && (f.data != "" || f.dataset != "" || f.manifest != "" || f.layout != "" || f.aligned) {
		return fmt.Errorf("%w: --vectors takes the place of images; leave --data, --dataset, --manifest, --layout and --aligned out", errUsage)
	}
	return nil
}

// given are the flags in use that a run made from another one takes from that.
func (f *runFlags) given() []string {
	var set []string
	for _, x := range []struct {
		flag string
		used bool
	}{
		{"--dataset", f.dataset != ""}, {"--datasets", f.datasets != ""}, {"--data", f.data != ""}, {"--layout", f.layout != ""},
		{"--manifest", f.manifest != ""}, {"--aligned", f.aligned}, {"--vectors", f.vectors != ""}, {"--reference", len(f.references) > 0},
		{"--reference-aligned", len(f.referenceAligned) > 0}, {"--reference-manifest", len(f.manifests) > 0}, {"--skip-unlistable", f.skipUnlistable},
		{"--shard-images", f.shardImages != plan.DefaultShardImages}, {"--model", f.model != embed.DefaultModel},
		{"--detector", f.detector != embed.DefaultDetector},
	} {
		if x.used {
			set = append(set, x.flag)
		}
	}
	return set
}

// models resolves the models and completes the request with them.
func (a *app) models(f *runFlags, q plan.Request) (plan.Request, []embed.Model, error) {
	model, err := resolve(f.model)
	if err != nil {
		return q, nil, err
	}
	needed := []embed.Model{model}
	var detector embed.Model
	if f.detector != noDetector && needsDetector(q) {
		if detector, err = resolve(f.detector); err != nil {
			return q, nil, err
		}
		needed = append(needed, detector)
	}
	if model.Role != embed.RoleEmbed || detector.Role == embed.RoleEmbed {
		return q, nil, fmt.Errorf("%w: --model %s, --detector %s: one is of the other's kind", errUsage, f.model, f.detector)
	}
	q.Embed = embed.Spec(model, detector)
	if f.detector == noDetector {
		q.Set.NeedsLandmarks = !q.Set.Aligned && q.Set.Vectors == ""
		for i := range q.References {
			q.References[i].NeedsLandmarks = !q.References[i].Aligned && q.References[i].Vectors == ""
		}
	}
	return q, needed, nil
}

// noDetector in place of a detector's name means that none runs.
const noDetector = "none"

// resolve finds a model by its name or path.
func resolve(name string) (embed.Model, error) {
	m, err := embed.Resolve(name)
	if errors.Is(err, embed.ErrUnknownModel) {
		return m, fmt.Errorf("%w: %w", errUsage, err)
	}
	if errors.Is(err, fs.ErrNotExist) && !errors.Is(err, embed.ErrContract) {
		return m, fmt.Errorf("%w; check the path, or name a model that coordinator models lists", err)
	}
	return m, err
}

func needsDetector(q plan.Request) bool {
	for _, s := range append([]plan.SourceRequest{q.Set}, q.References...) {
		if s.Vectors == "" && !s.Aligned {
			return true
		}
	}
	return false
}
