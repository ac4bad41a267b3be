package pipeline

import (
	"context"
	"fmt"
	"io"
	"math"
	"sort"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/schemas"
)

// noisyRate is the estimated share of wrong images from which an identity is
// flagged as noisy.
const noisyRate = 0.3

// The flags of an identity, strongest first.
const (
	flagSplit    = "split"
	flagOverlap  = "overlap"
	flagNoisy    = "noisy"
	flagUnjudged = "unjudged"
)

// tallied is what the report counts while it reads the verdicts.
type tallied struct {
	summary    schemas.Summary
	identities []schemas.IdentityVerdict
	at         map[string]int // of a label in identities
	scores     []float64      // sum of scores, by identity
	scored     []int
	noise      []float64 // sum of p_noise
	judged     []int
}

// report folds the verdicts into the tables about identities and the summary,
// which is written last.
func (r *run) report(ctx context.Context) (*schemas.Summary, error) {
	r.progress.begin(stageReport, 1, r.plan.Sources[0].Images)
	defer r.progress.end(stageReport)
	all, err := r.foldTable(ctx)
	if err != nil {
		return nil, err
	}
	t := newTallied(all[schemas.Set].rows)
	for _, sh := range r.plan.Sources[0].Shards {
		if r.lost[shardKey{schemas.Set, sh.Index}] {
			continue
		}
		rows, err := getTable(ctx, r.store, schemas.VerdictsObject(r.ID, sh.Index), schemas.ReadVerdicts)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			t.add(&rows[i])
		}
		r.progress.settled(stageReport, len(rows))
	}
	if err := t.flag(ctx, r); err != nil {
		return nil, err
	}
	err = putTable(ctx, r.store, schemas.ReportObject(r.ID, schemas.IdentitiesFile), func(w io.Writer) error {
		return schemas.WriteIdentities(w, t.identities)
	})
	if err != nil {
		return nil, err
	}
	if err := r.summarise(ctx, t, all); err != nil {
		return nil, err
	}
	return &t.summary, putJSON(ctx, r.store, schemas.ReportObject(r.ID, schemas.SummaryFile), t.summary)
}

func newTallied(rows []schemas.Centroid) *tallied {
	n := len(rows)
	t := &tallied{at: map[string]int{}, scores: make([]float64, n), scored: make([]int, n), noise: make([]float64, n), judged: make([]int, n)}
	t.summary = schemas.Summary{Version: schemas.SummaryVersion, Types: map[schemas.Type]int{}, Decisions: map[schemas.Decision]int{},
		Faults: map[schemas.Fault]int{}, Flags: map[string]int{}, Pairs: map[string]int{}, Overlaps: map[schemas.Source]map[schemas.Tier]int{}}
	for i, c := range rows {
		v := schemas.IdentityVerdict{Identity: c.Label, Images: c.Images, Usable: c.Usable}
		if c.Name != "" {
			v.Name = &rows[i].Name
		}
		t.at[c.Label] = i
		t.identities = append(t.identities, v)
	}
	return t
}

func (t *tallied) add(v *schemas.Verdict) {
	s := &t.summary
	s.Images++
	s.Types[v.Type]++
	s.Decisions[v.Decision]++
	if v.Error != schemas.FaultNone {
		s.Faults[v.Error]++
	}
	k, ok := t.at[v.Identity]
	if !ok {
		return
	}
	if v.Score != nil {
		t.scores[k] += float64(*v.Score)
		t.scored[k]++
	}
	if v.PNoise != nil {
		t.noise[k] += float64(*v.PNoise)
		t.judged[k]++
	}
}

// flag completes the identities.
func (t *tallied) flag(ctx context.Context, r *run) error {
	flags := map[string]string{}
	pairs, err := getTable(ctx, r.store, schemas.ReportObject(r.ID, schemas.PairsFile), schemas.ReadPairs)
	if err != nil {
		return err
	}
	overlaps, err := getTable(ctx, r.store, schemas.ReportObject(r.ID, schemas.OverlapFile), schemas.ReadOverlaps)
	if err != nil {
		return err
	}
	for _, o := range overlaps {
		if t.summary.Overlaps[o.Reference] == nil {
			t.summary.Overlaps[o.Reference] = map[schemas.Tier]int{}
		}
		t.summary.Overlaps[o.Reference][o.Tier]++
		if o.Tier != schemas.TierReview && o.Tier != schemas.TierRefused {
			flags[o.Identity] = flagOverlap
		}
	}
	for _, p := range pairs {
		t.summary.Pairs[p.Kind]++
		if p.Kind == pairSplit {
			flags[p.AIdentity], flags[p.BIdentity] = flagSplit, flagSplit
		}
	}
	err = r.crossRows(ctx, func(n schemas.Neighbour) {
		if n.Kind == schemas.NeighbourNearest {
			v := &t.identities[t.at[n.A]]
			v.NearestIdentity, v.NearestScore = &n.B, &n.Score
		}
	})
	for k := range t.identities {
		v := &t.identities[k]
		v.MeanScore, v.NoiseRate = mean(t.scores[k], t.scored[k]), mean(t.noise[k], t.judged[k])
		switch f := flags[v.Identity]; {
		case f != "":
			v.Flag = f
		case v.NoiseRate != nil && *v.NoiseRate >= noisyRate:
			v.Flag = flagNoisy
		case v.Usable < leastJudged:
			v.Flag = flagUnjudged
		}
		if v.Flag != "" {
			t.summary.Flags[v.Flag]++
		}
	}
	return err
}

func mean(sum float64, n int) *float32 {
	if n == 0 {
		return nil
	}
	m := float32(sum / float64(n))
	return &m
}

// summarise completes the summary.
func (r *run) summarise(ctx context.Context, t *tallied, all map[schemas.Source]*folded) error {
	s := &t.summary
	s.Identities = len(t.identities)
	s.Judge, s.Model, s.Mixed = r.spec.Judge, r.spec.Embed.Model, r.spec.Judge.Mixed
	if !s.Mixed && !r.given(schemas.Set) {
		s.Kind = r.kind
	}
	var file calibration
	if err := getJSON(ctx, r.store, schemas.CalibrationObject(r.ID), &file); err != nil {
		return err
	}
	var people peopleFile
	if err := getJSON(ctx, r.store, schemas.PeopleObject(r.ID), &people); err != nil {
		return err
	}
	t.calibrated(file.Noise, people)
	for _, src := range r.plan.Sources {
		sum := schemas.SourceSummary{Name: src.Name, Identities: src.Identities, Images: src.Images,
			Aligned: r.aligned(src.Name), Vectors: r.given(src.Name), Skipped: src.Skipped}
		for _, c := range all[src.Name].rows {
			sum.Usable += int(c.Usable)
		}
		s.Sources = append(s.Sources, sum)
	}
	if err := r.countOverrides(ctx, s); err != nil {
		return err
	}
	s.Failures = r.failures
	sort.Slice(s.Failures, func(i, j int) bool { return s.Failures[i].Task < s.Failures[j].Task })
	if n := len(s.Failures); n > 0 {
		s.Warnings = append(s.Warnings, schemas.Warning{Code: schemas.WarnFailed, Count: n,
			Text: fmt.Sprintf("%d tasks were given up; their images are not in the tables; the same command tries them again", n)})
	}
	return nil
}

// calibrated states how scores became probabilities, and every threshold as a
// false-match rate and an expected number of false flags.
func (t *tallied) calibrated(m cluster.NoiseModel, people peopleFile) {
	s := &t.summary
	s.NoiseRate = &schemas.Estimate{Value: m.Rate, Low: m.Rate, High: m.Rate}
	s.Calibrated = schemas.Calibrated{Text: m.Basis, Method: "own", ImpostorMean: m.Mean, ImpostorSpread: m.Spread,
		GenuineMean: m.Rho, ImpostorPairs: int64(m.PairsAcross), GenuinePairs: int64(m.PairsWithin)}
	for _, x := range []struct {
		name string
		t    cluster.Threshold
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
	if s.Identities < fewIdentities {
		s.Calibrated.Method = "shrunk"
		s.Warnings = append(s.Warnings, schemas.Warning{Code: schemas.WarnFewIdentities, Count: s.Identities,
			Text: "few identities: " + people.Splits.Model.Basis})
	}
}

// fewIdentities is the number below which densities lean on shipped shapes.
const fewIdentities = 50

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
