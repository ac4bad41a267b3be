package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/coordinator/benchmark"
	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/program"
)

// overlapFlags are the flags of the overlap command.
type overlapFlags struct {
	reference, tier, pairs, out string
}

func overlapCommand(s *session) *cobra.Command {
	o := &overlapFlags{}
	cmd := &cobra.Command{
		Use:   "overlap [RUNID]",
		Short: "Say what a set shares with a benchmark, and list whom to leave out",
		Long: `overlap says what it means that people of a benchmark are in the set: a model
that was trained on them scores better on the benchmark than it is. It shows,
for each reference of a run, how many identities are in it and how surely, how
many images training loses without them, and how many pairs of the benchmark's
protocol name one of them, fold by fold.

  same-image  the same picture is in both
  certain     the same person, by the faces
  probable    very likely the same person, by the faces
  review      the same name; the faces don't decide
  refused     the same name; the faces say two people

A tier counts together with every surer one. --out writes the leave-out list, a
CSV (identity, tier, reference, reference_identity, score, p, images) with a row
for each identity and reference: leave out of training what is under these
identities. Nothing in the set or in the report is changed.`,
		Example: `  coordinator overlap
  coordinator overlap --reference lfw --tier certain --out leave-out.csv
  coordinator overlap --reference lfw --pairs /data/lfw/pairs.txt
  coordinator overlap --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if t := schemas.Tier(o.tier); !t.Known() {
				return program.Usagef("--tier %q: the tiers are, surest first: %s", o.tier, tierNames())
			}
			r, err := openReport(cmd.Context(), &s.store, schemas.RunID(strings.Join(args, "")))
			if err != nil {
				return err
			}
			return o.show(cmd.Context(), r, s)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// AddFlags defines the flags.
func (o *overlapFlags) AddFlags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVar(&o.reference, "reference", "", "the reference to show; default: all of the run's")
	f.StringVar(&o.tier, "tier", string(schemas.TierProbable), "the least sure tier that counts: "+tierNames())
	f.StringVar(&o.pairs, "pairs", "",
		"the reference's list of pairs; default: pairs.txt in its folder or in the one above")
	f.StringVar(&o.out, "out", "", "write the leave-out list into this CSV file")
}

func tierNames() string {
	var names []string
	for _, t := range schemas.Tiers() {
		names = append(names, string(t))
	}
	return strings.Join(names, ", ")
}

// overlapShown is what the command prints for machines.
type overlapShown struct {
	Run        schemas.RunID        `json:"run"`
	Tier       schemas.Tier         `json:"tier"` // the least sure that counts
	References []*benchmark.Overlap `json:"references"`
	Identities int                  `json:"identities"` // to leave out, in any of the references
	Images     int                  `json:"images"`     // under these identities
	Out        string               `json:"out,omitempty"`
}

// show counts, writes the list where one is asked for, and prints.
func (o *overlapFlags) show(ctx context.Context, r *report.Report, s *session) error {
	names, err := o.references(r.Summary())
	if err != nil {
		return err
	}
	rows, err := r.Overlaps(ctx)
	if err != nil {
		return program.WithHint(err, "coordinator run with --reference NAME=FOLDER makes a report with overlaps")
	}
	identities, err := r.Identities(ctx)
	if err != nil {
		return err
	}
	shown := overlapShown{Run: r.Run(), Tier: schemas.Tier(o.tier), Out: o.out}
	for _, source := range r.Summary().Sources {
		if !slices.Contains(names, source.Name) {
			continue
		}
		x := benchmark.Count(source.Name, source.Identities, rows, identities)
		protocol, err := o.protocol(ctx, r, source.Name, s)
		if err != nil {
			return err
		}
		if protocol != nil {
			x.Pairs = benchmark.CountPairs(protocol, source.Name, rows)
		}
		shown.References = append(shown.References, x)
	}
	list := benchmark.LeaveOut(rows, identities, names, shown.Tier)
	shown.Identities, shown.Images = benchmark.Sizes(list)
	if o.out != "" {
		if err := writeLeaveOut(o.out, list); err != nil {
			return err
		}
	}
	return s.console.out.Either(shown, o.text(&shown, s))
}

// references returns the names of the references to show.
func (o *overlapFlags) references(summary *schemas.Summary) ([]schemas.Source, error) {
	var all []schemas.Source
	var words []string
	for _, source := range summary.Sources {
		if source.Name != "" {
			all, words = append(all, source.Name), append(words, string(source.Name))
		}
	}
	switch {
	case len(all) == 0:
		return nil, program.WithHint(errors.New("the run compared the set with no reference"),
			"name the benchmark in coordinator run with --reference lfw=/data/lfw; what is embedded is used again")
	case o.reference != "" && !slices.Contains(all, schemas.Source(o.reference)):
		return nil, program.Usagef("--reference %q: the run's references are: %s", o.reference, strings.Join(words, ", "))
	case o.reference != "":
		return []schemas.Source{schemas.Source(o.reference)}, nil
	case o.pairs != "" && len(all) > 1:
		return nil, program.Usagef("--pairs is of one reference: name it with --reference: %s", strings.Join(words, ", "))
	}
	return all, nil
}

// protocol opens the list of pairs of a reference; nil where none was named and none
// stands beside the reference's images.
func (o *overlapFlags) protocol(ctx context.Context, r *report.Report, name schemas.Source, s *session) (*dataset.Protocol, error) {
	beside := dataset.Options{S3: s.store.s3}
	if o.pairs == "" {
		all, err := r.Locations(ctx)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(all, func(l schemas.SourceLocation) bool { return l.Name == name })
		if i < 0 || all[i].URL == "" || strings.HasPrefix(all[i].URL, "s3://") {
			return nil, nil
		}
		beside.URL = all[i].URL
	}
	p, err := dataset.OpenProtocol(ctx, o.pairs, beside)
	switch {
	case errors.Is(err, dataset.ErrNoPairs):
		return nil, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, program.WithHint(err, "name a list of pairs that is there with --pairs")
	case err != nil && o.pairs == "": // what stands there is another list, or none
		s.console.log.Warn("the pairs beside the reference are not counted: " + err.Error())
		return nil, nil
	case err != nil:
		return nil, program.WithHint(err, "--pairs takes a list as LFW's pairs.txt: a line \"10 300\", then the pairs")
	}
	return p, nil
}

// writeLeaveOut writes the list as a whole or not at all. A file that has it already
// stays; one that has something else is not replaced.
func writeLeaveOut(name string, list []benchmark.Match) error {
	data, err := benchmark.FormatLeaveOut(list)
	if err != nil {
		return err
	}
	const hint = "name a file in a folder that is there and can be written"
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return program.Usagef("--out %s is there and is no file: %s", name, hint)
	}
	old, err := os.ReadFile(name)
	switch {
	case err == nil && bytes.Equal(old, data):
		return nil
	case err == nil:
		return program.Usagef("--out %s exists with other content: name another file, or remove it", name)
	case !errors.Is(err, fs.ErrNotExist):
		return program.WithHint(fmt.Errorf("--out: %w", err), hint)
	}
	if err := renameio.WriteFile(name, data, 0o644, renameio.WithTempDir(filepath.Dir(name))); err != nil {
		return program.WithHint(fmt.Errorf("--out: %w", err), hint)
	}
	return nil
}

// text returns what the command prints for a person, the next step last.
func (o *overlapFlags) text(shown *overlapShown, s *session) string {
	var b strings.Builder
	for _, x := range shown.References {
		b.WriteString(benchmark.Text(x, shown.Tier) + "\n")
		if x.Pairs == nil {
			fmt.Fprintf(&b, "  No list of pairs is known of %s: name one with --pairs to count its pairs.\n\n", x.Reference)
		}
	}
	what := screen.Plural(shown.Identities, "identity") + " with " + screen.Plural(shown.Images, "image")
	if len(shown.References) > 1 {
		fmt.Fprintf(&b, "In all references: %s\n\n", what)
	}
	switch {
	case shown.Identities == 0:
		fmt.Fprintf(&b, "Nothing to leave out through tier %s.\n", shown.Tier)
	case o.out == "":
		fmt.Fprintf(&b, "Next: write the list of whom to leave out of training\n  %s overlap %s%s --out leave-out.csv%s\n",
			s.caller.name(), shown.Run, o.again(), s.store.again())
	default:
		fmt.Fprintf(&b, "Next: leave out of training what stands under the %s (%s) of\n  %s\n"+
			"The column identity is that of the report's images table, and escaped as it is.\n",
			screen.Plural(shown.Identities, "identity"), screen.Plural(shown.Images, "image"), o.out)
	}
	return b.String()
}

// again returns the flags that say whom the list has.
func (o *overlapFlags) again() (text string) {
	if o.reference != "" {
		text += " --reference " + quoted(o.reference)
	}
	if o.tier != string(schemas.TierProbable) {
		text += " --tier " + o.tier
	}
	return text
}
