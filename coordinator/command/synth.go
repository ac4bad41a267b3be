package command

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/coordinator/sheet"
	"github.com/facesieve/facesieve/pipeline/dataset/synth"
	"github.com/facesieve/facesieve/worker/program"
)

// synthOptions are the flags of the synth command.
type synthOptions struct {
	set   synth.Options
	sheet string
}

func synthCommand(s *session) *cobra.Command {
	o := &synthOptions{set: synth.Defaults()}
	cmd := &cobra.Command{
		Use:   "synth --out FOLDER",
		Short: "Draw a face set whose faults are known",
		Long: `synth draws the faces of people who do not exist, and files some under wrong
labels: a set to try the program on, to measure it by, or to train a model on.
The same flags give the same bytes on any number of processors.

The folder gets faces (the set, in VGGFace2's layout), reference (a benchmark in
LFW's layout with pairs.txt, which shares some people with the set), a manifest
of each with the landmarks of every image, and, apart, truth/truth.csv with
every fault that was planted. About a third of the people have a sibling who
looks like them.

The same command again goes on where it was stopped. --clean plants nothing and
keeps the people of the reference out of the set: a set to train on and people
to test with.`,
		Example: `  # 60 people with about 25 images each, and the benchmark
  coordinator synth --out faces --sheet faces.png

  # a large one, with more flips
  coordinator synth --out large --seed 7 --identities 10000 --images 50 --flips .05

  # to train on: nothing planted, 3,000 pairs of other people, some of them siblings
  coordinator synth --out training --identities 2000 --images 20 --clean \
    --references 600 --reference-siblings .3 --pairs 3000`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, share := range []string{"flips", "hard-flips", "outliers"} {
				if o.set.Clean && cmd.Flags().Changed(share) {
					return program.Usagef("--clean plants nothing: leave --%s out", share)
				}
			}
			return o.draw(cmd.Context(), &s.console, s.caller)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// AddFlags defines the flags, with the values that o has as defaults.
func (o *synthOptions) AddFlags(f *pflag.FlagSet) {
	f.SortFlags = false
	set := &o.set
	f.StringVar(&set.Out, "out", "", "folder to write to: absent, empty, or with this set half made")
	f.Uint64Var(&set.Seed, "seed", set.Seed, "another seed draws other people and plants other faults")
	f.IntVar(&set.Identities, "identities", set.Identities, "labels of the set")
	f.IntVar(&set.Images, "images", set.Images, "images of a label, on average")
	f.Float64Var(&set.Siblings, "siblings", set.Siblings,
		"share of labels whose person has a look-alike in the set")
	f.Float64Var(&set.Apart, "apart", set.Apart,
		"how far look-alikes are apart: at 1 people are unsure, strangers are at about 4")
	f.BoolVar(&set.Clean, "clean", false, "plant nothing; nobody of the reference is in the set")
	f.Float64Var(&set.Flips, "flips", set.Flips, "share of images that show the person of another label")
	f.Float64Var(&set.HardFlips, "hard-flips", set.HardFlips,
		"share of images that show a sibling of their label's person")
	f.Float64Var(&set.Outliers, "outliers", set.Outliers, "share of images that show nobody else of the set")
	f.IntVar(&set.References, "references", set.References, "people of the reference; 0: none")
	f.Float64Var(&set.ReferenceSiblings, "reference-siblings", 0,
		"share of them with a look-alike in the reference; pairs-siblings.txt then compares these, too")
	f.IntVar(&set.Pairs, "pairs", 0,
		"comparisons in the reference's pairs.txt; default: as many as it has, up to 6000")
	f.IntVar(&set.Parallel, "parallel", 0, "pictures drawn at a time; default: one per processor")
	f.StringVar(&o.sheet, "sheet", "", "write a PNG too, on which the pictures of a few people stand in rows")
}

func (o *synthOptions) draw(ctx context.Context, c *console, by caller) error {
	if o.set.Out == "" {
		return program.Usagef("nowhere to draw to: name a folder with --out")
	}
	if err := o.set.Validate(); err != nil {
		return program.Usage(err)
	}
	ui := c.progress()
	defer ui.Close()
	set := o.set
	set.Progress = ui.Drawing
	made, err := synth.Make(ctx, set)
	if err != nil {
		return err
	}
	if o.sheet != "" {
		if err := o.drawSheet(); err != nil {
			return err
		}
	}
	ui.Close()
	return c.out.Either(made, screen.DrawnText(made, o.sheet, cleanDrawn(made, by)))
}

// How much a sheet shows.
const (
	sheetPeople = 8
	sheetImages = 10
)

// drawSheet draws a few people of the set into one picture.
func (o *synthOptions) drawSheet() (err error) {
	examples, err := synth.Example(o.set, sheetPeople, sheetImages)
	if err != nil {
		return err
	}
	var rows []sheet.Row
	for _, e := range examples {
		rows = append(rows, sheet.Row(e))
	}
	f, err := os.Create(o.sheet)
	if err != nil {
		return program.WithHint(err, "name a file that can be written with --sheet")
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return sheet.OfRows(rows).PNG(f)
}

// cleanDrawn is the command that cleans a set which was drawn. Landmarks come from
// the manifests: the built-in model needs neither a detector nor a library.
func cleanDrawn(m synth.Made, by caller) string {
	next := by.name() + " run --data " + quoted(m.Data) + " --manifest " + quoted(m.Manifest)
	if m.ReferencePeople > 0 {
		next += " --reference " + quoted("drawn="+m.Reference) + " --reference-manifest " +
			quoted("drawn="+m.ReferenceManifest)
	}
	return next + " --model builtin --detector none --engine gorgonia"
}
