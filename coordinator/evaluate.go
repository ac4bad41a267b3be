package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/pipeline/stage/verify"
	"github.com/facesieve/facesieve/schemas"
)

// evaluateOptions are the flags of the evaluate command.
type evaluateOptions struct {
	runFlags
	place    workplace
	protocol string
	pairs    string
}

// protocolLFW is the only protocol.
const protocolLFW = "lfw"

func (a *app) evaluateCommand() *cobra.Command {
	o := &evaluateOptions{}
	cmd := &cobra.Command{
		Use:   "evaluate --data URL",
		Short: "Measure a model's accuracy on a verification benchmark",
		Long: `evaluate embeds a benchmark as run does, scores its list of pairs, and prints
the ten-fold accuracy, how many genuine pairs are accepted at a rate of false
matches, and the worst pairs.

Vectors that the store has are used again: those of a run that had the same
folder as --data or --reference, with the same --shard-images. An image without
a face makes its pairs mistakes; a pair whose images the folder lacks is left
out.`,
		Example: `  # LFW; pairs.txt stands in the folder or in the one above
  coordinator evaluate --protocol lfw --data /data/lfw

  # another model, on LFW's development pairs
  coordinator evaluate --data /data/lfw --pairs /data/lfw/pairsDevTest.txt --model arcface-r100`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.evaluate(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.protocol, "protocol", protocolLFW, "how pairs are scored: lfw")
	f.StringVar(&o.data, "data", "", "where the images are: a folder or s3://bucket/prefix")
	f.StringVar(&o.pairs, "pairs", "", "the list of pairs; default: pairs.txt in the folder or in the one above")
	f.StringVar(&o.layout, "layout", layout.LFW, strings.Join(layout.Names(), ", "))
	f.StringVar(&o.manifest, "manifest", "", "an Arrow or CSV table (path, identity, lm1x, lm1y, ...) that replaces listing, for its landmarks")
	f.BoolVar(&o.aligned, "aligned", false, "the images are aligned 112x112 faces already: no detector runs")
	o.addEmbedding(f)
	o.place.add(f)
	return cmd
}

func (a *app) evaluate(ctx context.Context, o *evaluateOptions) error {
	switch {
	case o.protocol != protocolLFW:
		return fmt.Errorf("%w: --protocol %q: the protocols are: %s", errUsage, o.protocol, protocolLFW)
	case o.data == "":
		return fmt.Errorf("%w: nothing to evaluate on: name LFW's folder with --data", errUsage)
	}
	if err := o.place.check(); err != nil {
		return err
	}
	protocol, err := dataset.OpenProtocol(ctx, o.pairs, dataset.Options{URL: o.data, S3: a.s3})
	if err != nil {
		return err
	}
	// A Spec names limits of the judge too: run's defaults, which nothing here uses.
	o.addJudging(pflag.NewFlagSet("", pflag.ContinueOnError))
	q, models, err := a.request(ctx, &o.runFlags)
	if err != nil {
		return err
	}
	st, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	ui := newDisplay(a)
	defer ui.close()
	c := &run.Coordinator{Store: st, Log: a.log, Progress: ui.progress}
	o.place.engine.Name(models)
	c.BeforeEmbed = func(ctx context.Context) error { return o.place.publish(ctx, st, models, ui.download) }
	planned, err := c.Plan(ctx, q)
	if err != nil {
		return err
	}
	err = a.work(ctx, c, &o.place, planned.ID, ui, func(ctx context.Context) error { return c.Embed(ctx, planned) })
	ui.close()
	if err != nil {
		return err
	}
	e, err := verify.Evaluate(ctx, planned.In(c.Store), protocol)
	if err != nil {
		return err
	}
	return a.printEvaluation(e, protocol)
}

func (a *app) printEvaluation(e *verify.Evaluation, protocol *dataset.Protocol) error {
	if a.json {
		return a.printJSON(e)
	}
	return a.print("%s", evaluationText(e, protocol))
}

// evaluationText is an evaluation for a person.
func evaluationText(e *verify.Evaluation, protocol *dataset.Protocol) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d images, %d pairs of %s\n\n", e.Images, e.Pairs, protocol.URL)
	fmt.Fprintf(&b, "accuracy        %.2f %%", 100*e.Accuracy)
	if e.StandardError != nil {
		fmt.Fprintf(&b, " ± %.2f (standard error of %d folds)", 100**e.StandardError, len(e.Folds))
	}
	low, high := thresholdRange(e)
	fmt.Fprintf(&b, "\nthresholds      cosine %.3f to %.3f\n", low, high)
	for _, r := range e.AcceptRates {
		fmt.Fprintf(&b, "TAR at FAR %-4g %.2f %% (cosine above %.3f)\n", r.FAR, 100*r.TAR, r.Threshold)
	}
	fmt.Fprintf(&b, "without a face  %d images", len(e.Faceless))
	if e.LostPairs > 0 {
		fmt.Fprintf(&b, "; their %d pairs are counted as mistakes", e.LostPairs)
	}
	b.WriteString("\n")
	lostText(&b, e.Faceless)
	if e.AbsentPairs > 0 {
		fmt.Fprintf(&b, "absent          %d images; %d pairs are left out\n", len(e.Absent), e.AbsentPairs)
		lostText(&b, e.Absent)
	}
	b.WriteString("\nleast alike pairs of one person\n")
	pairsText(&b, e.WorstSame)
	b.WriteString("\nmost alike pairs of two people\n")
	pairsText(&b, e.WorstDiffer)
	return b.String()
}

func thresholdRange(e *verify.Evaluation) (low, high float64) {
	for i, f := range e.Folds {
		if i == 0 {
			low, high = f.Threshold, f.Threshold
		}
		low, high = min(low, f.Threshold), max(high, f.Threshold)
	}
	return low, high
}

// shownLost is how many images without a vector are listed.
const shownLost = 10

func lostText(b *strings.Builder, list []verify.LostImage) {
	for i, l := range list {
		if i == shownLost {
			fmt.Fprintf(b, "  and %d more\n", len(list)-i)
			return
		}
		why := string(l.Error)
		if l.Error == schemas.FaultNone {
			why = "not in the folder"
		}
		fmt.Fprintf(b, "  %s %s (%d pairs)\n", l.Path, why, l.Pairs)
	}
}

func pairsText(b *strings.Builder, list []verify.ScoredPair) {
	for _, p := range list {
		fmt.Fprintf(b, "  %6.3f  %s  %s\n", p.Score, p.A, p.B)
	}
}
