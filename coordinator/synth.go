package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/facesieve/facesieve/pipeline/dataset/synth"
)

// synthOptions are the flags of the synth command.
type synthOptions struct {
	set   synth.Options
	sheet string
}

func (a *app) synthCommand() *cobra.Command {
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
  coordinator synth --out training --identities 2000 --images 20 --clean --references 600 --reference-siblings .3 --pairs 3000`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, share := range []string{"flips", "hard-flips", "outliers"} {
				if o.set.Clean && cmd.Flags().Changed(share) {
					return fmt.Errorf("%w: --clean plants nothing: leave --%s out", errUsage, share)
				}
			}
			return a.synth(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	s := &o.set
	f.StringVar(&s.Out, "out", "", "folder to write to: absent, empty, or with this set half made")
	f.Uint64Var(&s.Seed, "seed", s.Seed, "another seed draws other people and plants other faults")
	f.IntVar(&s.Identities, "identities", s.Identities, "labels of the set")
	f.IntVar(&s.Images, "images", s.Images, "images of a label, on average")
	f.Float64Var(&s.Siblings, "siblings", s.Siblings, "share of labels whose person has a look-alike in the set")
	f.Float64Var(&s.Apart, "apart", s.Apart, "how far look-alikes are apart: at 1 people are unsure, strangers are at about 4")
	f.BoolVar(&s.Clean, "clean", false, "plant nothing; nobody of the reference is in the set")
	f.Float64Var(&s.Flips, "flips", s.Flips, "share of images that show the person of another label")
	f.Float64Var(&s.HardFlips, "hard-flips", s.HardFlips, "share of images that show a sibling of their label's person")
	f.Float64Var(&s.Outliers, "outliers", s.Outliers, "share of images that show nobody else of the set")
	f.IntVar(&s.References, "references", s.References, "people of the reference; 0: none")
	f.Float64Var(&s.ReferenceSiblings, "reference-siblings", 0, "share of them with a look-alike in the reference; pairs-siblings.txt then compares these, too")
	f.IntVar(&s.Pairs, "pairs", 0, "comparisons in the reference's pairs.txt; default: as many as it has, up to 6000")
	f.IntVar(&s.Parallel, "parallel", 0, "pictures drawn at a time; default: one per processor")
	f.StringVar(&o.sheet, "sheet", "", "write a PNG too, on which the pictures of a few people stand in rows")
	return cmd
}

func (a *app) synth(ctx context.Context, o *synthOptions) error {
	if o.set.Out == "" {
		return fmt.Errorf("%w: nowhere to draw to: name a folder with --out", errUsage)
	}
	if err := o.set.Validate(); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	ui := newDisplay(a)
	defer ui.close()
	set := o.set
	set.Progress = ui.drawing
	made, err := synth.Make(ctx, set)
	if err != nil {
		return err
	}
	if o.sheet != "" {
		if err := sheetOf(o); err != nil {
			return err
		}
	}
	ui.close()
	if a.json {
		return a.printJSON(made)
	}
	return a.print("%s", a.synthText(made, o.sheet))
}

// How much a sheet shows.
const (
	sheetPeople = 8
	sheetImages = 10
)

// sheetOf draws a few people of a set into one picture.
func sheetOf(o *synthOptions) (err error) {
	rows, err := synth.Example(o.set, sheetPeople, sheetImages)
	if err != nil {
		return err
	}
	f, err := os.Create(o.sheet)
	if err != nil {
		return fmt.Errorf("%w; name a file that can be written with --sheet", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return synth.Sheet(f, rows)
}

// planted says of each issue what was planted.
func planted(i synth.Issue) string {
	return map[synth.Issue]string{
		synth.Flip:            "show the person of another label",
		synth.HardFlip:        "show a sibling of their label's person",
		synth.Outlier:         "show nobody of set or reference",
		synth.Merge:           "show a guest, who has no label",
		synth.Split:           "people under two labels",
		synth.Duplicate:       "copies under the same label",
		synth.DuplicateAcross: "copies under another label",
		synth.Faceless:        "show no face",
		synth.Broken:          "are no images",
		synth.Overlap:         "people of the set are in the reference",
		synth.Homonym:         "people of the reference have the name of somebody else in the set",
		synth.SameImage:       "are in the reference, too",
	}[i]
}

// synthText is a set that was made for a person.
func (a *app) synthText(m synth.Made, sheet string) string {
	var b strings.Builder
	head := "drew"
	if m.Reused {
		head = "this set was drawn before:"
	}
	fmt.Fprintf(&b, "%s %s of %s\n  %s\n  %s\n", head, plural(m.Images, "image"), plural(m.Identities, "identity"), m.Data, m.Manifest)
	if m.ReferencePeople > 0 {
		siblings := ""
		if m.SiblingPairs > 0 {
			siblings = fmt.Sprintf("; pairs-siblings.txt has %s of siblings", plural(m.SiblingPairs, "pair"))
		}
		fmt.Fprintf(&b, "reference of %s images of %s people, %s%s\n  %s\n  %s\n", count(m.ReferenceImages), count(m.ReferencePeople),
			plural(m.Pairs, "pair"), siblings, m.Reference, m.ReferenceManifest)
	}
	if len(m.Issues) == 0 {
		b.WriteString("nothing is planted\n")
	} else {
		b.WriteString("planted\n")
		for _, issue := range synth.Issues() {
			if n := m.Issues[issue]; n > 0 {
				fmt.Fprintf(&b, "  %-16s %6s  %s\n", issue, count(n), planted(issue))
			}
		}
		fmt.Fprintf(&b, "the truth\n  %s\n", m.Truth)
	}
	if sheet != "" {
		fmt.Fprintf(&b, "a few of the people\n  %s\n", sheet)
	}
	b.WriteString("Next: clean it\n  " + a.synthNext(m) + "\n")
	return b.String()
}

// synthNext is the command that cleans a set which was drawn. Landmarks come from
// the manifests: the built-in model needs neither a detector nor a library.
func (a *app) synthNext(m synth.Made) string {
	next := a.called() + " run --data " + quoted(m.Data) + " --manifest " + quoted(m.Manifest)
	if m.ReferencePeople > 0 {
		next += " --reference " + quoted("drawn="+m.Reference) + " --reference-manifest " + quoted("drawn="+m.ReferenceManifest)
	}
	return next + " --model builtin --detector none --engine gorgonia"
}
