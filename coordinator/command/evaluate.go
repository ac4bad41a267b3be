package command

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/stage/verify"
	"github.com/facesieve/facesieve/worker/program"
)

// evaluateOptions are the flags of the evaluate command.
type evaluateOptions struct {
	request  requestFlags
	workers  workerFlags
	protocol string
	pairs    string
}

// protocolLFW is the only protocol.
const protocolLFW = "lfw"

func evaluateCommand(s *session) *cobra.Command {
	o := defaultEvaluate()
	cmd := &cobra.Command{
		Use:   "evaluate --data URL",
		Short: "Measure a model's accuracy on a verification benchmark",
		Long: `evaluate embeds a benchmark as run does, scores its list of pairs, and prints
the ten-fold accuracy, how many genuine pairs are accepted at a rate of false
matches, and the worst pairs. Each face is embedded with its mirror image, as
published figures are.

Vectors that the store has are used again: those of a run with --mirror that had
the same folder as --data or --reference, with the same --shard-images. An image
without a face makes its pairs mistakes; a pair whose images the folder lacks is
left out.`,
		Example: `  # LFW; pairs.txt stands in the folder or in the one above
  coordinator evaluate --protocol lfw --data /data/lfw

  # another model, on LFW's development pairs
  coordinator evaluate --data /data/lfw --pairs /data/lfw/pairsDevTest.txt --model arcface-r100`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return advise(o.evaluate(cmd.Context(), &s.store, &s.console), advice{
				numericKind: "or name another folder with --store",
				landmarks:   "list them with --manifest, name a --detector, or say --aligned of faces that are cut out",
				job:         o.workers.job,
			})
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// defaultEvaluate returns the options of an evaluation where no flag is given. A Spec names
// limits of the judge too: run's defaults, which nothing here uses.
func defaultEvaluate() *evaluateOptions {
	return &evaluateOptions{request: requestFlags{judging: defaultJudging(), embedding: embeddingFlags{mirror: true}}}
}

// AddFlags defines the flags.
func (o *evaluateOptions) AddFlags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVar(&o.protocol, "protocol", protocolLFW, "how pairs are scored: lfw")
	f.StringVar(&o.request.sources.data, "data", "", "where the images are: a folder or s3://bucket/prefix")
	f.StringVar(&o.pairs, "pairs", "", "the list of pairs; default: pairs.txt in the folder or in the one above")
	f.StringVar(&o.request.sources.layout, "layout", layout.LFW, strings.Join(layout.Names(), ", "))
	f.StringVar(&o.request.sources.manifest, "manifest", "",
		"an Arrow or CSV table (path, identity, lm1x, lm1y, ...) that replaces listing, for its landmarks")
	f.BoolVar(&o.request.sources.aligned, "aligned", false,
		"the images are aligned 112x112 faces already: no detector runs")
	o.request.embedding.AddFlags(f)
	o.workers.AddFlags(f)
}

func (o *evaluateOptions) evaluate(ctx context.Context, flags *storeFlags, c *console) error {
	data := o.request.sources.data
	switch {
	case o.protocol != protocolLFW:
		return program.Usagef("--protocol %q: the protocols are: %s", o.protocol, protocolLFW)
	case data == "":
		return program.Usagef("nothing to evaluate on: name LFW's folder with --data")
	}
	if err := o.workers.check(); err != nil {
		return err
	}
	if err := o.request.check(); err != nil {
		return err
	}
	protocol, err := dataset.OpenProtocol(ctx, o.pairs, dataset.Options{URL: data, S3: flags.s3})
	if err != nil {
		return err
	}
	q, models, err := o.request.request(ctx, flags.s3)
	if err != nil {
		return err
	}
	st, err := flags.open(ctx)
	if err != nil {
		return err
	}
	ui := c.progress()
	defer ui.Close()
	exec := &executor{flags: &o.workers, models: models, store: st, s3: flags.s3, console: c, display: ui}
	coordinator := exec.coordinator()
	planned, err := coordinator.Plan(ctx, q)
	if err != nil {
		return err
	}
	err = exec.during(ctx, coordinator, planned.ID,
		func(ctx context.Context) error { return coordinator.Embed(ctx, planned) })
	ui.Close()
	if err != nil {
		return err
	}
	e, err := verify.Evaluate(ctx, planned.In(st), protocol)
	if err != nil {
		return err
	}
	return c.out.Either(e, screen.EvaluationText(e, protocol.URL))
}
