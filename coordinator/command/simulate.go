package command

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
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
	alike                      string
	strangers, leaveOut        string
	report                     string
	overlap                    []string
	reference                  reference
	options                    simulate.Options
}

// reference is the collection whose people stand in the set, too; zero: none.
type reference struct {
	name, url string
	listed    bool // its folder tells all that its manifest does
}

// usualShare is a guest's share of a label's images where none is given.
const usualShare = .3

// simulateHelp says what the command does.
const simulateHelp = `simulate makes, of a set of yours, one whose faults are known: some of its
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
              of the images of each of three labels. --alike-guests 50% takes
              the nearest identity, as --report has it, for half of them
  merges, splits, duplicates
              two people under one label, one person under two, exact copies
  near-duplicates
              copies in other bytes: re-encoded at quality 60, resized to .7,
              cropped by 4 % on each side, grey, as many of each; the first
              and the last alone where the set ships landmarks. These are files
  overlaps    people of a benchmark who are in the set, too, under labels that
              do not tell their names (--overlap). Half of such a person's
              images move into the set, more where --least asks for more, and
              the others stay: reference/NAME has links to them and to all
              other people of the benchmark. Whose name the set has is not drawn

Nothing else is copied, and nothing changed: DIR gets links to the images in
faces, the truth in truth/truth.csv, where each image comes from in sources.csv,
and simulate.json. Landmarks that the set ships go into a manifest, faces.csv.
Of a set in a bucket there are no links: faces.csv names its objects. A share is
written 5% or .05, and is one of the set that is made. Noise falls on labels
that no collision, merge, split or overlap has, and at least half the images of
a label stay right. The set's own wrong labels, where you know them, belong into
--leave-out: else finding them counts against the report.

The same flags give the same bytes; another --seed simulates other noise.`

func simulateCommand(s *session) *cobra.Command {
	o := &simulateFlags{}
	cmd := &cobra.Command{
		Use:   "simulate --data URL --out DIR",
		Short: "Copy a set with simulated noise, to learn how far to trust a report",
		Long:  simulateHelp,
		Example: `  # 5 % flips, 5 % images of 20 people who are held back
  coordinator simulate --data /data/faces --out noisy --flips 5% --outliers 5% \
    --hold-back 20
  coordinator run --data noisy/faces --layout folder --store noisy-store
  coordinator score --store noisy-store --truth noisy/truth/truth.csv

  # small labels, and flips among people who look alike
  coordinator simulate --data /data/faces --out hard --per-identity 8 \
    --hard-flips 5% --report RUNID

  # 20 people of a benchmark in the set, and the benchmark to find them by
  coordinator simulate --data /data/faces --out shared --overlap lfw=/data/lfw,20
  coordinator run --data shared/faces --layout folder --store shared-store \
    --reference lfw=shared/reference/lfw

  # a set in a bucket, and a manifest of its objects
  coordinator simulate --data s3://sets/faces --out listed --flips 5%`,
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
	f.StringVar(&o.data, "data", "", "the set: a folder or s3://bucket/prefix")
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
	f.IntVar(&x.NearDuplicates, "near-duplicates", 0,
		"images with a copy in other bytes under the same label: re-encoded, resized, cropped or grey")
	f.StringArrayVar(&o.overlap, "overlap", nil,
		"a benchmark NAME=FOLDER,N of which N people are in the set, too, as lfw=/data/lfw,20")
	f.IntVar(&x.PerIdentity, "per-identity", 0, "images that an identity keeps at most; 0: all")
	f.IntVar(&x.Least, "least", 0, "images that an identity has at least, after --leave-out: others stay out")
	f.IntVar(&x.Identities, "identities", 0, "identities that the set has, drawn of those not held back; 0: all")
	f.StringVar(&o.leaveOut, "leave-out", "", "a CSV or Arrow table with a column path: images that stay out")
	f.StringVar(&o.alike, "alike-guests", "0", "share of guests who are the identity nearest to the label's")
	f.StringVar(&o.report, "report", "", "a report of the set, a folder or a run id: who is nearest to whom, for --hard-flips\nand --alike-guests")
	f.Uint64Var(&x.Seed, "seed", 1, "another seed simulates other noise")
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
	if err := simulate.Apart(from); err != nil {
		return program.WithHint(err, "name a collection of its own with --overlap")
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
		HeldBack: len(rec.HeldBack), Simulated: rec.Simulated, LeftOutUnknown: unknown, Data: from.Data,
		Truth: filepath.Join(out, filepath.FromSlash(simulate.TruthFile)), Sources: filepath.Join(out, simulate.SourcesFile)}
	if from.Linked() {
		shown.Data = filepath.Join(out, simulate.FacesFolder)
	}
	if made.Landmarks() || !from.Linked() {
		shown.Manifest = filepath.Join(out, simulate.ManifestFile)
	}
	if o.reference.name != "" {
		shown.Reference = filepath.Join(out, simulate.ReferenceFolder, o.reference.name)
		shown.ReferenceManifest = shown.Reference + ".csv"
		shown.ReferenceImages = rec.ReferenceImages
	}
	clean, score := o.next(s, shown, from, out+"-store")
	return s.console.out.Either(shown, screen.SimulatedText(shown, clean, score))
}
