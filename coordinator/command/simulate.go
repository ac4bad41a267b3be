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

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/dataset/simulate"
	"github.com/facesieve/facesieve/worker/program"
)

// simulateFlags are the flags of the simulate command, shares as they are written.
type simulateFlags struct {
	data, layout, out          string
	flips, hardFlips, outliers string
	mates, mode, collisions    string
	strangers, leaveOut        string
	report                     string
	options                    simulate.Options
}

// usualShare is a guest's share of a label's images where none is given.
const usualShare = .3

func simulateCommand(s *session) *cobra.Command {
	o := &simulateFlags{}
	cmd := &cobra.Command{
		Use:   "simulate --data FOLDER --out DIR",
		Short: "Copy a set with simulated noise, to learn how far to trust a report",
		Long: `simulate makes, of a set of yours, one whose faults are known: some of its
images stand under wrong labels. Clean it with run as you would clean your own,
and score says how much of the noise was found and what else was called noise.
That is how far to trust the tool on faces like yours.

  flips       show somebody else of the set; with --flip-mode swap they exchange
              their labels, with add each moves by itself
  hard flips  show the identity that is nearest to their label's, as a finished
              report of the set (--report) has it
  outliers    show somebody whom the set does not have: identities that are held
              back, or people of another collection (--outliers-from). With
              --mates 0-40% up to 40 % of such a person's other images are there
              too, under other labels
  collisions  a label with a guest who has no label; with 3:40% a guest has 40 %
              of the images of each of three labels
  merges, splits, duplicates
              two people under one label, one person under two, exact copies

Nothing is copied or changed: DIR gets links to the images in faces, the truth
in truth/truth.csv, where each image comes from in sources.csv, and
simulate.json. Landmarks that the set ships go into a manifest, faces.csv. A
share is written 5% or .05, and is one of the set that is made. Noise falls on
labels that no collision, merge or split has, and at least half the images of a
label stay right. The set's own wrong labels, where you know them, belong into
--leave-out: else finding them counts against the report.

The same flags give the same bytes; another --seed simulates other noise.`,
		Example: `  # 5 % flips, 5 % images of 20 people who are held back
  coordinator simulate --data /data/faces --out noisy --flips 5% --outliers 5% \
    --hold-back 20
  coordinator run --data noisy/faces --layout folder --store noisy-store
  coordinator score --store noisy-store --truth noisy/truth/truth.csv

  # small labels, and flips among people who look alike
  coordinator simulate --data /data/faces --out hard --per-identity 8 \
    --hard-flips 5% --report RUNID`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return o.simulate(cmd.Context(), s)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// AddFlags defines the flags.
func (o *simulateFlags) AddFlags(f *pflag.FlagSet) {
	f.SortFlags = false
	x := &o.options
	f.StringVar(&o.data, "data", "", "the set: a folder")
	f.StringVar(&o.layout, "layout", "", strings.Join(layout.Names(), ", ")+"; default: found out by looking")
	f.StringVar(&o.out, "out", "", "folder to write to: absent, empty, or with this set")
	f.StringVar(&o.flips, "flips", "0", "share of images that show somebody else of the set")
	f.StringVar(&o.hardFlips, "hard-flips", "0", "share of images that show the identity nearest to their label's")
	f.StringVar(&o.outliers, "outliers", "0", "share of images that show somebody whom the set does not have")
	f.IntVar(&x.HoldBack, "hold-back", 0, "identities that leave the set: outliers are images of theirs")
	f.StringVar(&o.strangers, "outliers-from", "", "a folder of another collection that gives the outliers")
	f.StringVar(&o.mates, "mates", "0", "share of an outlier's other images that are outliers too, as 0-40%")
	f.StringVar(&o.mode, "flip-mode", string(simulate.Swap), "how labels of flips change: swap or add")
	f.StringVar(&o.collisions, "collisions", "0", "labels with a guest, and the guest's share of them, as 3:30%")
	f.IntVar(&x.Splits, "splits", 0, "labels of which half the images get a second label")
	f.IntVar(&x.Merges, "merges", 0, "labels that take in all images of another")
	f.IntVar(&x.Duplicates, "duplicates", 0, "images with an exact copy under the same label")
	f.IntVar(&x.PerIdentity, "per-identity", 0, "images that an identity keeps at most; 0: all")
	f.IntVar(&x.Least, "least", 0, "images that an identity has at least, after --leave-out: others stay out")
	f.IntVar(&x.Identities, "identities", 0, "identities that the set has, drawn of those not held back; 0: all")
	f.StringVar(&o.leaveOut, "leave-out", "", "a CSV or Arrow table with a column path: images that stay out")
	f.StringVar(&o.report, "report", "", "a report of the set, a folder or a run id: who is nearest to whom, for --hard-flips")
	f.Uint64Var(&x.Seed, "seed", 1, "another seed simulates other noise")
}

// check reads the shares and refuses what does not fit together.
func (o *simulateFlags) check() (err error) {
	x := &o.options
	for _, s := range []struct {
		flag, text string
		to         *float64
	}{{"flips", o.flips, &x.Flips}, {"hard-flips", o.hardFlips, &x.HardFlips}, {"outliers", o.outliers, &x.Outliers}} {
		if *s.to, err = simulate.ParseShare(s.text); err != nil {
			return program.Usagef("--%s %w", s.flag, err)
		}
	}
	if x.Mates, err = simulate.ParseRange(o.mates); err != nil {
		return program.Usagef("--mates %w", err)
	}
	if x.Collisions, x.CollisionShare, err = simulate.ParseCollisions(o.collisions, usualShare); err != nil {
		return program.Usagef("--collisions %w", err)
	}
	x.FlipMode = simulate.FlipMode(o.mode)
	switch {
	case o.data == "":
		return program.Usagef("nothing to simulate noise in: name the set's folder with --data")
	case o.out == "":
		return program.Usagef("name a folder to write to with --out")
	case o.layout != "" && !slices.Contains(layout.Names(), o.layout):
		return program.Usagef("--layout %q: one of %s", o.layout, strings.Join(layout.Names(), ", "))
	case x.Outliers > 0 && x.HoldBack == 0 && o.strangers == "":
		return program.Usagef("--outliers %s of whom? Hold people back with --hold-back N, or name another "+
			"collection with --outliers-from", o.outliers)
	case x.HoldBack > 0 && o.strangers != "":
		return program.Usagef("--hold-back and --outliers-from both say who is an outlier; leave one out")
	case x.HardFlips > 0 && o.report == "":
		return program.Usagef("--hard-flips %s: name a finished report of the set with --report: it says who is "+
			"nearest to whom", o.hardFlips)
	}
	switch {
	case x.Mates.High > 0 && x.Outliers == 0:
		return program.Usagef("--mates %s of whom? Ask for outliers with --outliers", o.mates)
	case o.report != "" && x.HardFlips == 0:
		return program.Usagef("--report %s is for hard flips alone: ask for them with --hard-flips", o.report)
	}
	for flag, folder := range map[string]string{"data": o.data, "out": o.out, "outliers-from": o.strangers} {
		if strings.Contains(folder, "://") && !strings.HasPrefix(folder, "file://") {
			return program.Usagef("--%s %s: links are made to folders of this machine", flag, folder)
		}
	}
	return program.Usage(x.Validate())
}

// simulate makes the set and says what it holds.
func (o *simulateFlags) simulate(ctx context.Context, s *session) error {
	src, from, unknown, err := o.source(ctx, s)
	if err != nil {
		return err
	}
	out := filepath.Clean(strings.TrimPrefix(o.out, "file://"))
	if err := simulate.Outside(out, from); err != nil {
		return program.WithHint(err, "name another folder with --out")
	}
	made, err := simulate.Make(src, o.options)
	if err != nil {
		return err
	}
	rec, reused, err := simulate.Write(ctx, out, made, from, o.options)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return program.WithHint(err, "name a folder that can be written with --out")
	case err != nil:
		return err
	}
	shown := screen.Simulated{Reused: reused, Images: rec.Images, Identities: rec.Identities,
		HeldBack: len(rec.HeldBack), Simulated: rec.Simulated, LeftOutUnknown: unknown,
		Data:  filepath.Join(out, simulate.FacesFolder),
		Truth: filepath.Join(out, filepath.FromSlash(simulate.TruthFile)), Sources: filepath.Join(out, simulate.SourcesFile)}
	how := "--layout folder"
	if made.Landmarks() {
		shown.Manifest = filepath.Join(out, simulate.ManifestFile)
		how = "--manifest " + quoted(shown.Manifest)
	}
	next := fmt.Sprintf("%s run --data %s %s --store %s", s.caller.name(), quoted(shown.Data), how,
		quoted(out+"-store"))
	scored := fmt.Sprintf("%s score --store %s --truth %s", s.caller.name(), quoted(out+"-store"), quoted(shown.Truth))
	return s.console.out.Either(shown, screen.SimulatedText(shown, next, scored))
}
