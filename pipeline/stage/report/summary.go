package report

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/calibrate"
	"github.com/facesieve/facesieve/pipeline/stage/match"
	"github.com/facesieve/facesieve/schemas"
)

// summarise completes the summary.
func (c *counts) summarise(ctx context.Context, in Input, all map[schemas.Source]*runstore.Identities,
	calibration *calibrate.Calibration) error {
	s, run := &c.summary, in.Shards.Run
	s.Identities = len(c.identities)
	s.Judge, s.Model, s.Mixed = run.Spec.Judge, run.Spec.Embed.Model, run.Spec.Judge.Mixed
	if !s.Mixed && !run.Precomputed(schemas.Set) {
		s.NumericKind = run.NumericKind
	}
	models, err := match.LoadModels(ctx, run)
	if err != nil {
		return err
	}
	c.calibrated(calibration, models)
	for i := range run.Plan.Sources {
		if err := c.addSource(ctx, in.Shards, &run.Plan.Sources[i], all); err != nil {
			return err
		}
	}
	if s.Mixed {
		s.Warnings = append(s.Warnings, schemas.Warning{Code: schemas.WarnMixed,
			Text: "vectors of several processor or GPU types were allowed: another run may differ in the last bits"})
	}
	if err := countOverrides(ctx, in, s); err != nil {
		return err
	}
	s.Failures = slices.SortedFunc(slices.Values(in.Failures), func(a, b schemas.TaskFailure) int {
		return strings.Compare(a.Task, b.Task)
	})
	c.warnOfFailures()
	return nil
}

// warnOfFailures says what tasks that were given up cost.
func (c *counts) warnOfFailures() {
	s := &c.summary
	lost, looks := 0, 0
	for _, f := range s.Failures {
		if f.Images > 0 {
			lost++
		} else {
			looks++
		}
	}
	warn := func(n int, cost string) {
		if n > 0 {
			s.Warnings = append(s.Warnings, schemas.Warning{Code: schemas.WarnFailed, Count: n,
				Text: fmt.Sprintf("tasks given up: %d; %s; the same command tries them again", n, cost)})
		}
	}
	warn(lost, "their images are not in the tables")
	warn(looks, "their doubtful images keep what the first look gave")
}

// calibrated states how scores became probabilities, and every threshold as a
// false-match rate and an expected number of false flags.
func (c *counts) calibrated(calibration *calibrate.Calibration, models *match.Models) {
	s, m := &c.summary, &calibration.Noise
	s.NoiseRate = &schemas.Estimate{Value: c.withGuests(m.Rate), Low: c.withGuests(calibration.RateLow),
		High: c.withGuests(calibration.RateHigh)}
	if m.Images == 0 { // labels of two images alone: nothing to learn from
		s.NoiseRate = &schemas.Estimate{Value: c.meanNoise(), Low: 0, High: 1}
	}
	impostor, genuine := calibration.Impostor, calibration.Genuine
	s.Calibrated = schemas.Calibrated{
		Text: m.Basis, Method: "own",
		ImpostorMean: impostor.Mean, ImpostorSpread: impostor.Spread, ImpostorPairs: impostor.Pairs,
		GenuineMean: genuine.Mean, GenuineSpread: genuine.Spread, GenuinePairs: genuine.Pairs,
	}
	c.addFlags(s.NoiseRate.Value)
	c.addLimits("split", &models.Splits, schemas.Tier.Sure)
	names := make([]string, 0, len(models.References))
	for name := range models.References {
		names = append(names, string(name))
	}
	sort.Strings(names)
	for _, name := range names {
		comparison := models.References[schemas.Source(name)]
		c.addLimits("overlap "+name, &comparison, schemas.Tier.Known)
	}
	if few := m.Few(); few != "" {
		s.Calibrated.Method = "shrunk"
		s.Warnings = append(s.Warnings, schemas.Warning{Code: schemas.WarnFewIdentities, Count: s.Identities,
			Text: few + ": shipped weights decide nearly alone, and more images are for review"})
	}
}

// withGuests returns the share of wrong labels, given that of images which are not of
// their group: what is among guests of a merged label is wrong under it by as much as they
// are another person.
func (c *counts) withGuests(rate float64) float64 {
	judged := 0
	for _, n := range c.judged {
		judged += n
	}
	if c.guests == 0 {
		return rate
	}
	return (float64(rate*float64(judged-c.guests)) + c.guestNoise) / float64(judged)
}

// addFlags states the limits of p_noise by what they flag wrongly: by the sum of 1 - p
// over the images that were flagged. rate is the share of noise.
func (c *counts) addFlags(rate float64) {
	s := &c.summary
	judged := 0
	for _, n := range c.judged {
		judged += n
	}
	clean := math.Max(float64(judged)*(1-rate), 1)
	for _, x := range []struct {
		name  string
		wrong float64
	}{{"drop", c.falseDrops}, {"review", c.falseFlags}} {
		low, high := labelnoise.Expected(x.wrong)
		s.Thresholds = append(s.Thresholds, schemas.Threshold{Name: x.name, Comparisons: int64(judged),
			FalseMatchRate: finite(x.wrong / clean), ExpectedFalse: x.wrong, ExpectedLow: low, ExpectedHigh: high})
	}
}

// addLimits states the limits of the tiers of one sort of comparison, of which keep
// says which it has.
func (c *counts) addLimits(name string, comparison *match.Comparison, keep func(schemas.Tier) bool) {
	s := &c.summary
	for _, l := range comparison.Limits(&s.Judge).ByFaces() {
		if keep(l.Tier) {
			s.Thresholds = append(s.Thresholds, schemas.Threshold{Name: name + " " + string(l.Tier),
				Comparisons:    int64(comparison.Comparisons),
				FalseMatchRate: finite(l.ExpectedFalse / math.Max(comparison.Comparisons, 1)),
				ExpectedFalse:  l.ExpectedFalse})
		}
	}
}

// finite keeps what JSON can hold.
func finite(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return x
}

// countOverrides counts what a person decided, and warns of paths that the set
// does not have.
func countOverrides(ctx context.Context, in Input, s *schemas.Summary) error {
	all, err := in.Shards.Run.Overrides(ctx)
	if err != nil {
		return err
	}
	n := len(in.UnknownOverrides)
	s.Overridden = len(all) - n
	if n > 0 {
		w := schemas.Warning{Code: schemas.WarnOverrideUnknown, Count: n,
			Text: "overrides name images that the set does not have"}
		for _, p := range in.UnknownOverrides[:min(n, 3)] {
			w.Examples = append(w.Examples, schemas.EscapePath(p))
		}
		s.Warnings = append(s.Warnings, w)
	}
	return nil
}
