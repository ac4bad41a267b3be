package command

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
	"github.com/facesieve/facesieve/coordinator/score"
	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/pipeline/dataset/synth"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/program"
)

// demoOptions are the flags of the demo command.
type demoOptions struct {
	out   string
	set   synth.Options
	sheet bool
}

func demoCommand(s *session) *cobra.Command {
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
				s.store.url = filepath.Join(o.out, "store")
			}
			return o.demo(cmd.Context(), s)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// AddFlags defines the flags, with the values that o has as defaults.
func (o *demoOptions) AddFlags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVar(&o.out, "out", "facesieve-demo",
		"folder that everything is written to, the store too where --store is not given")
	f.Uint64Var(&o.set.Seed, "seed", o.set.Seed, "another seed draws other people and plants other faults")
	f.IntVar(&o.set.Identities, "identities", o.set.Identities, "labels of the set")
	f.IntVar(&o.set.Images, "images", o.set.Images, "images of a label, on average")
	f.BoolVar(&o.sheet, "sheet", true, "draw flips beside their evidence into flagged.jpg")
}

func (o *demoOptions) demo(ctx context.Context, s *session) error {
	if o.out == "" {
		return program.Usagef("nowhere to draw to: name a folder with --out")
	}
	made, err := o.drawSet(ctx, &s.console)
	if err != nil {
		return err
	}
	r, err := cleanSet(ctx, made, s)
	if r == nil {
		return err
	}
	return errors.Join(unfinished(err), o.show(ctx, made, r, s))
}

// drawSet makes the set, or finds it made.
func (o *demoOptions) drawSet(ctx context.Context, c *console) (synth.Made, error) {
	set := o.set
	set.Out = filepath.Join(o.out, "data")
	if err := set.Validate(); err != nil {
		return synth.Made{}, program.Usage(err)
	}
	ui := c.progress()
	defer ui.Close()
	set.Progress = ui.Drawing
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
		args = append(args, "--reference", demoReference+"="+made.Reference,
			"--reference-manifest", demoReference+"="+made.ReferenceManifest)
	}
	return append(args, "--model", "builtin", "--detector", "none", "--engine", "gorgonia")
}

// demoReference is the benchmark's name.
const demoReference = "lfw"

// cleanSet does what coordinator run does with demoArgs, but for printing.
func cleanSet(ctx context.Context, made synth.Made, s *session) (*report.Report, error) {
	o, f := defaultRun(), pflag.NewFlagSet("run", pflag.ContinueOnError)
	o.AddFlags(f)
	if err := f.Parse(demoArgs(made)); err != nil {
		return nil, err
	}
	r, err := o.run(ctx, &s.store, &s.console)
	return r, advise(err, advice{numericKind: "or name another folder with --store",
		landmarks: "name another folder with --out"})
}

// show compares a report with the truth and prints both.
func (o *demoOptions) show(ctx context.Context, made synth.Made, r *report.Report, s *session) error {
	result := demo.Result{Made: made}
	rows, err := truth.Read(made.Truth)
	switch {
	case err == nil:
		if result.Comparison, err = score.Compare(ctx, r, rows); err != nil {
			return err
		}
		result.Explain = score.Explain(rows)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	examples, err := screen.Surest(ctx, r)
	if err != nil {
		return err
	}
	result.Flips = examples[schemas.TypeFlip]
	flagged, err := o.drawFlips(ctx, r, result.Flips)
	if err != nil {
		return err
	}
	out := &s.console.out
	if out.JSON {
		return out.Value(struct {
			Run        schemas.RunID     `json:"run"`
			Report     string            `json:"report"`
			Set        synth.Made        `json:"set"`
			Comparison *score.Comparison `json:"comparison"` // null: truth.csv is gone
			Sheet      string            `json:"sheet,omitempty"`
		}{r.Run(), r.URL(), made, result.Comparison, flagged})
	}
	next, err := demoNext(ctx, r, s)
	if err != nil {
		return err
	}
	return out.Text("%s%s%s\n%s\n", demo.Text(&result), demoFiles(&result, flagged), next, r.URL())
}

// drawFlips draws flips beside their evidence, and returns the file; "" where none
// is drawn.
func (o *demoOptions) drawFlips(
	ctx context.Context, r *report.Report, flips []schemas.Verdict,
) (file string, err error) {
	if !o.sheet || len(flips) == 0 {
		return "", nil
	}
	evidence, err := demo.ReadEvidence(ctx, r, flips)
	if err != nil {
		return "", err
	}
	file = filepath.Join(o.out, "flagged.jpg")
	return file, demo.DrawFlips(file, evidence, func(identity, path string) ([]byte, error) {
		return r.ReadImage(ctx, identity, path)
	})
}

// demoFiles says where everything is.
func demoFiles(r *demo.Result, flagged string) string {
	files := [][2]string{{flagged, "these flips beside their evidence"},
		{r.Made.Data, "the pictures of the set"}, {r.Made.Reference, "those of the benchmark"}}
	if r.Comparison != nil {
		files = append(files, [2]string{r.Made.Truth, "what was planted"})
	}
	files = slices.DeleteFunc(files, func(f [2]string) bool { return f[0] == "" })
	return "\nLook at\n" + columns(files)
}

// demoNext says what to do next.
func demoNext(ctx context.Context, r *report.Report, s *session) (string, error) {
	st, err := s.store.openExisting(ctx)
	if err != nil {
		return "", err
	}
	reports, err := admin.Reported(ctx, st)
	if err != nil {
		return "", err
	}
	command := s.caller.name() + " report"
	if len(reports) > 1 {
		command += " " + string(r.Run())
	}
	commands := [][2]string{{command + s.store.again(), "the whole report"},
		{s.caller.name() + " run --help", "your own pictures"}}
	return "Next\n" + columns(commands) + "The report:", nil
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
