package command

import (
	"errors"
	"io/fs"

	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/embed"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/worker/program"
)

// embeddingFlags decide vectors, and how many a task makes.
type embeddingFlags struct {
	shardImages int
	model       string
	detector    string
	mirror      bool // each face is embedded with its mirror image
}

// AddFlags defines the flags.
func (f *embeddingFlags) AddFlags(fs *pflag.FlagSet) {
	fs.IntVar(&f.shardImages, "shard-images", plan.DefaultShardImages, "images of a shard, about")
	fs.StringVar(&f.model, "model", embed.DefaultModel,
		"embedding model: a name (coordinator models lists them) or an .onnx file")
	fs.StringVar(&f.detector, "detector", embed.DefaultDetector,
		"face detector: a name, an .onnx file, or none: landmarks of a manifest or of the set's own table are "+
			"used, and images without are no-face")
}

// addMirror defines the flag that has each face embedded twice.
func (f *embeddingFlags) addMirror(fs *pflag.FlagSet) {
	fs.BoolVar(&f.mirror, mirrorFlag, false,
		"embed each face and its mirror image and take their sum: slower, and a little surer")
}

// mirrorFlag is the name of that flag.
const mirrorFlag = "mirror"

// check refuses numbers that no run can have.
func (f *embeddingFlags) check() error {
	if f.shardImages < 1 {
		return program.Usagef("--shard-images %d: give at least 1", f.shardImages)
	}
	return nil
}

// used are the flags whose values are not the defaults.
func (f *embeddingFlags) used() (set []string) {
	for _, x := range []struct {
		flag string
		used bool
	}{
		{"--shard-images", f.shardImages != plan.DefaultShardImages}, {"--model", f.model != embed.DefaultModel},
		{"--detector", f.detector != embed.DefaultDetector}, {"--" + mirrorFlag, f.mirror},
	} {
		if x.used {
			set = append(set, x.flag)
		}
	}
	return set
}

// add completes a request whose sources are known with what embeds them, and returns
// the models that this takes.
func (f *embeddingFlags) add(q *plan.Request) ([]embed.Model, error) {
	model, err := resolve(f.model)
	if err != nil {
		return nil, err
	}
	needed := []embed.Model{model}
	var detector embed.Model
	if f.detector != noDetector && needsDetector(q) {
		if detector, err = resolve(f.detector); err != nil {
			return nil, err
		}
		needed = append(needed, detector)
	}
	switch {
	case model.Role != embed.RoleEmbed:
		return nil, program.Usagef("--model %s is a detector; name an embedding model", f.model)
	case detector.Role == embed.RoleEmbed:
		return nil, program.Usagef("--detector %s is an embedding model; name a detector", f.detector)
	}
	q.Embed = embed.Spec(model, detector)
	if f.mirror {
		q.Embed.Flip = embed.FlipSum
	}
	if f.detector == noDetector {
		q.Set.NeedsLandmarks = !q.Set.Aligned && q.Set.Vectors == ""
		for i := range q.References {
			q.References[i].NeedsLandmarks = !q.References[i].Aligned && q.References[i].Vectors == ""
		}
	}
	return needed, nil
}

// noDetector in place of a detector's name means that none runs.
const noDetector = "none"

// resolve finds a model by its name or path.
func resolve(name string) (embed.Model, error) {
	m, err := embed.Resolve(name)
	if errors.Is(err, embed.ErrUnknownModel) {
		return m, program.Usage(err)
	}
	if errors.Is(err, fs.ErrNotExist) && !errors.Is(err, embed.ErrContract) {
		return m, program.WithHint(err, "check the path, or name a model that coordinator models lists")
	}
	return m, err
}

// needsDetector says whether a source has images that are not aligned.
func needsDetector(q *plan.Request) bool {
	for _, s := range append([]plan.SourceRequest{q.Set}, q.References...) {
		if s.Vectors == "" && !s.Aligned {
			return true
		}
	}
	return false
}
