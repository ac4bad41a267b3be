package pipeline

import (
	"context"
	"io"

	"github.com/facesieve/facesieve/schemas"
)

// noisyRate is the estimated share of wrong images from which an identity is
// flagged as noisy.
const noisyRate = 0.3

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
	r.progress.begin(schemas.StageReport, 1, r.plan.Sources[0].Images)
	defer r.progress.end(schemas.StageReport)
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
		r.progress.settled(schemas.StageReport, len(rows))
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
		Faults: map[schemas.Fault]int{}, Flags: map[schemas.Flag]int{}, Pairs: map[schemas.PairKind]int{}, Overlaps: map[schemas.Source]map[schemas.Tier]int{}}
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
	flags := map[string]schemas.Flag{}
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
		if o.Tier.Sure() {
			flags[o.Identity] = schemas.FlagOverlap
		}
	}
	for _, p := range pairs {
		t.summary.Pairs[p.Kind]++
		if p.Kind == schemas.PairSplit {
			flags[p.AIdentity], flags[p.BIdentity] = schemas.FlagSplit, schemas.FlagSplit
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
		case f != schemas.FlagNone:
			v.Flag = f
		case v.NoiseRate != nil && *v.NoiseRate >= noisyRate:
			v.Flag = schemas.FlagNoisy
		case v.Usable < leastJudged:
			v.Flag = schemas.FlagUnjudged
		}
		if v.Flag != schemas.FlagNone {
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
