package pipeline

import (
	"context"
	"fmt"
	"math"
	"sort"
	"sync"

	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/schemas"
)

// summarise completes the summary.
func (r *run) summarise(ctx context.Context, t *tallied, all map[schemas.Source]*folded) error {
	s := &t.summary
	s.Identities = len(t.identities)
	s.Judge, s.Model, s.Mixed = r.spec.Judge, r.spec.Embed.Model, r.spec.Judge.Mixed
	if !s.Mixed && !r.given(schemas.Set) {
		s.NumericKind = r.kind
	}
	var file calibration
	if err := getJSON(ctx, r.store, schemas.CalibrationObject(r.ID), &file); err != nil {
		return err
	}
	var people peopleFile
	if err := getJSON(ctx, r.store, schemas.MatchingObject(r.ID), &people); err != nil {
		return err
	}
	t.calibrated(file, people)
	for _, src := range r.plan.Sources {
		faults, err := r.faults(ctx, src)
		if err != nil {
			return err
		}
		if n := faults[schemas.FaultMissing] + faults[schemas.FaultForbidden]; n*unreadShare > src.Images {
			s.Warnings = append(s.Warnings, schemas.Warning{Code: schemas.WarnMachine, Count: n,
				Text: fmt.Sprintf("%d of %d images of source %s are missing or forbidden", n, src.Images, src.Name.Token())})
		}
		sum := schemas.SourceSummary{Faults: faults, Name: src.Name, Identities: src.Identities, Images: src.Images,
			Aligned: r.aligned(src.Name), Vectors: r.given(src.Name), Skipped: src.Skipped}
		for _, c := range all[src.Name].rows {
			sum.Usable += int(c.Usable)
		}
		s.Sources = append(s.Sources, sum)
	}
	if s.Mixed {
		s.Warnings = append(s.Warnings, schemas.Warning{Code: schemas.WarnMixed,
			Text: "vectors of several processor or GPU types were allowed: another run may differ in the last bits"})
	}
	if err := r.countOverrides(ctx, s); err != nil {
		return err
	}
	s.Failures = r.failures
	sort.Slice(s.Failures, func(i, j int) bool { return s.Failures[i].Task < s.Failures[j].Task })
	if n := len(s.Failures); n > 0 {
		s.Warnings = append(s.Warnings, schemas.Warning{Code: schemas.WarnFailed, Count: n,
			Text: fmt.Sprintf("tasks given up: %d; their images are not in the tables; the same command tries them again", n)})
	}
	return nil
}

// faults counts the images of a source that have no vector, by why.
func (r *run) faults(ctx context.Context, src schemas.PlanSource) (map[schemas.Fault]int, error) {
	var mu sync.Mutex
	all := map[schemas.Fault]int{}
	err := r.eachShard(ctx, src, func(ctx context.Context, sh schemas.Shard) error {
		for _, p := range sh.Parts {
			var ptr schemas.Pointer
			if err := getJSON(ctx, r.store, r.pointer(src.Name, p), &ptr); err != nil {
				return err
			}
			mu.Lock()
			for f, n := range ptr.Faults {
				all[f] += n
			}
			mu.Unlock()
		}
		return nil
	})
	return all, err
}

// calibrated states how scores became probabilities, and every threshold as a
// false-match rate and an expected number of false flags.
func (t *tallied) calibrated(c calibration, people peopleFile) {
	s, m := &t.summary, c.Noise
	s.NoiseRate = &schemas.Estimate{Value: m.Rate, Low: c.RateLow, High: c.RateHigh}
	s.Calibrated = schemas.Calibrated{Text: m.Basis, Method: "own", ImpostorMean: c.Impostor.Mean, ImpostorSpread: c.Impostor.Spread,
		GenuineMean: c.Genuine.Mean, GenuineSpread: c.Genuine.Spread, ImpostorPairs: c.Impostor.Pairs, GenuinePairs: c.Genuine.Pairs}
	for _, x := range []struct {
		name string
		t    labelnoise.Threshold
	}{{"drop", m.Drop}, {"review", m.Review}} {
		s.Thresholds = append(s.Thresholds, schemas.Threshold{Name: x.name, Cosine: finite(x.t.Score), FalseMatchRate: finite(x.t.FalseMatchRate),
			Comparisons: int64(m.Images), ExpectedFalse: finite(x.t.FalseFlags)})
	}
	add := func(name string, c comparison, expected float64) {
		s.Thresholds = append(s.Thresholds, schemas.Threshold{Name: name, Comparisons: int64(c.Comparisons),
			FalseMatchRate: finite(expected / math.Max(c.Comparisons, 1)), ExpectedFalse: expected})
	}
	limits := func(name string, c comparison) {
		add(name+" certain", c, s.Judge.Certain.Float())
		add(name+" probable", c, s.Judge.Probable.Float())
	}
	limits("split", people.Splits)
	names := make([]string, 0, len(people.References))
	for name := range people.References {
		names = append(names, string(name))
	}
	sort.Strings(names)
	for _, name := range names {
		limits("overlap "+name, people.References[schemas.Source(name)])
	}
	if few := m.Few(); few != "" {
		s.Calibrated.Method = "shrunk"
		s.Warnings = append(s.Warnings, schemas.Warning{Code: schemas.WarnFewIdentities, Count: s.Identities,
			Text: few + ": probabilities lean on shipped shapes"})
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
func (r *run) countOverrides(ctx context.Context, s *schemas.Summary) error {
	all, err := r.readOverrides(ctx)
	if err != nil {
		return err
	}
	s.Overridden = len(all) - len(r.unknown)
	if n := len(r.unknown); n > 0 {
		w := schemas.Warning{Code: schemas.WarnOverrideUnknown, Count: n, Text: "overrides name images that the set does not have"}
		for _, p := range r.unknown[:min(n, 3)] {
			w.Examples = append(w.Examples, schemas.EscapePath(p))
		}
		s.Warnings = append(s.Warnings, w)
	}
	return nil
}
