package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/coordinator/demo"
	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/pipeline/dataset/synth"
	"github.com/facesieve/facesieve/schemas"
)

// demoOptions are the flags of the demo command.
type demoOptions struct {
	out   string
	set   synth.Options
	sheet bool
}

func (a *app) demoCommand() *cobra.Command {
	o := &demoOptions{set: synth.Defaults()}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Clean a drawn set whose faults are known, and say how many were found",
		Long: `demo shows the whole program at work without a photograph, a model file, a
network or a library:

1. It draws faces: a set in VGGFace2's layout and a benchmark in LFW's, with
   faults planted. Images stand under somebody else's label (flips, some of them
   under a look-alike's) or show nobody of the set (outliers); one label has a
   guest, one person has two labels; there are copies, files that are no
   pictures, people of the benchmark, and one namesake of such a person.
2. It cleans the set as "coordinator run" does, with the model that is built
   into this program and the engine that needs no library. The run is given the
   pictures and their landmarks alone. What was planted stands in a folder apart
   that no part of the run reads, data/truth: delete it, and the report is the
   same to the byte.
3. It reads data/truth/truth.csv and prints the report beside it.

The folder of --out then holds data (the pictures and the truth), store (the
report and what it was made from) and flagged.jpg (flips beside images of both
labels). The same command again shows the result at once.

In the table an image with a wrong label counts as found where the report calls
it a flip or an outlier; wrong are images called so that are neither. Images of
a guest, copies under another label and images of a person with two labels count
in their own lines only. Pictures without a face are left out: it takes a face
detector to find them, which the demo does without.`,
		Example: `  coordinator demo
  coordinator demo --seed 7 --out /tmp/demo-7`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("store") {
				a.storeURL = filepath.Join(o.out, "store")
			}
			return a.demo(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.out, "out", "facesieve-demo", "folder that everything is written to, the store too where --store is not given")
	f.Uint64Var(&o.set.Seed, "seed", o.set.Seed, "another seed draws other people and plants other faults")
	f.IntVar(&o.set.Identities, "identities", o.set.Identities, "labels of the set")
	f.IntVar(&o.set.Images, "images", o.set.Images, "images of a label, on average")
	f.BoolVar(&o.sheet, "sheet", true, "draw flips beside their evidence into flagged.jpg")
	return cmd
}

func (a *app) demo(ctx context.Context, o *demoOptions) error {
	if o.out == "" {
		return fmt.Errorf("%w: nowhere to draw to: name a folder with --out", errUsage)
	}
	made, err := a.drawSet(ctx, o)
	if err != nil {
		return err
	}
	done, err := a.cleanSet(ctx, made)
	if done == nil {
		return err
	}
	return errors.Join(err, a.showDemo(ctx, o, made, done))
}

// drawSet makes the set, or finds it made.
func (a *app) drawSet(ctx context.Context, o *demoOptions) (synth.Made, error) {
	set := o.set
	set.Out = filepath.Join(o.out, "data")
	if err := set.Validate(); err != nil {
		return synth.Made{}, fmt.Errorf("%w: %w", errUsage, err)
	}
	ui := newDisplay(a)
	defer ui.close()
	set.Progress = ui.drawing
	made, err := synth.Make(ctx, set)
	if err != nil {
		err = fmt.Errorf("%w (--out %s)", err, quoted(o.out))
	}
	return made, err
}

// demoArgs are the arguments of the run that cleans the set.
func demoArgs(made synth.Made) []string {
	args := []string{"--data", made.Data, "--manifest", made.Manifest}
	if made.Reference != "" {
		args = append(args, "--reference", demoReference+"="+made.Reference, "--reference-manifest", demoReference+"="+made.ReferenceManifest)
	}
	return append(args, "--model", "builtin", "--detector", "none", "--engine", "gorgonia")
}

// demoReference is the benchmark's name.
const demoReference = "lfw"

// cleanSet does what coordinator run does with demoArgs, but for printing.
func (a *app) cleanSet(ctx context.Context, made synth.Made) (*outcome, error) {
	o, f := &runOptions{}, pflag.NewFlagSet("run", pflag.ContinueOnError)
	if err := o.add(f); err != nil {
		return nil, err
	}
	if err := f.Parse(demoArgs(made)); err != nil {
		return nil, err
	}
	return a.carryOut(ctx, o)
}

// demoResult is what the demo has to show.
type demoResult struct {
	made       synth.Made
	truth      []synth.Truth
	comparison *demo.Comparison  // nil: the truth is gone
	flips      []schemas.Verdict // the surest
	sheet      string            // "": none was drawn
	run        schemas.RunID     // "": the store has no other report
}

// showDemo compares the report with the truth and prints both.
func (a *app) showDemo(ctx context.Context, o *demoOptions, made synth.Made, done *outcome) error {
	r := demoResult{made: made}
	report, err := readReport(ctx, done.store, done.run)
	if err != nil {
		return err
	}
	r.truth, err = synth.ReadTruth(made.Truth)
	switch {
	case err == nil:
		r.comparison = demo.Compare(r.truth, report)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	flips := slices.DeleteFunc(slices.Clone(report.Images), func(v schemas.Verdict) bool { return v.Type != schemas.TypeFlip })
	r.flips = mostSure(flips)
	if o.sheet && len(r.flips) > 0 {
		r.sheet = filepath.Join(o.out, "flagged.jpg")
		if err := demo.DrawFlips(r.sheet, made.Data, r.flips, report); err != nil {
			return err
		}
	}
	reports, err := admin.Reported(ctx, done.store)
	if err != nil {
		return err
	}
	if len(reports) > 1 {
		r.run = done.run
	}
	url := admin.ReportURL(done.store, done.run)
	if a.json {
		return a.printJSON(struct {
			Run        schemas.RunID    `json:"run"`
			Report     string           `json:"report"`
			Set        synth.Made       `json:"set"`
			Comparison *demo.Comparison `json:"comparison"` // null: truth.csv is gone
			Sheet      string           `json:"sheet,omitempty"`
		}{done.run, url, made, r.comparison, r.sheet})
	}
	return a.print("%s%s\n%s\n", demoText(&r), a.demoNext(&r), url)
}

// demoNext says where everything is and what to do next.
func (a *app) demoNext(r *demoResult) string {
	places := [][2]string{{r.sheet, "these flips beside their evidence"}, {r.made.Data, "the pictures of the set"}, {r.made.Reference, "those of the benchmark"}}
	if r.comparison != nil {
		places = append(places, [2]string{r.made.Truth, "what was planted"})
	}
	places = slices.DeleteFunc(places, func(p [2]string) bool { return p[0] == "" })
	report := a.called() + " report"
	if r.run != "" {
		report += " " + string(r.run)
	}
	report += a.where()
	commands := [][2]string{{report, "the whole report"}, {a.called() + " run --help", "your own pictures"}}
	return "\nLook at\n" + columns(places) + "Next\n" + columns(commands) + "The report:"
}

// columns are lines of two texts each, the second ones below each other.
func columns(lines [][2]string) string {
	width := 0
	for _, l := range lines {
		width = max(width, len(l[0]))
	}
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "  %-*s  %s\n", width, l[0], l[1])
	}
	return b.String()
}
