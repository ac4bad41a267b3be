// Package report is the last stage: it brings the verdicts to the tables about
// identities and the summary. The coordinator does it.
package report

import (
	"context"
	"io"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/calibrate"
	"github.com/facesieve/facesieve/pipeline/stage/match"
	"github.com/facesieve/facesieve/schemas"
)

// noisyRate is the estimated share of wrong images from which an identity is
// flagged as noisy.
const noisyRate = 0.3

// Input is what Write needs beside the run's objects.
type Input struct {
	Shards           *runstore.Shards
	Failures         []schemas.TaskFailure // tasks that were given up
	UnknownOverrides []string              // paths of overrides that the set does not have
	Done             func(images int)      // told of images whose verdicts were read
}

// counts is what the report counts while it reads the verdicts.
type counts struct {
	summary    schemas.Summary
	identities []schemas.IdentityVerdict
	index      map[string]int  // of a label in identities
	merged     map[string]bool // labels of two people
	scores     []float64       // sum of scores, by identity
	scored     []int
	noise      []float64 // sum of p_noise
	judged     []int
	guestNoise float64 // sum of p_noise of the guests of merged labels
	guests     int     // of them, those that were judged
	falseDrops float64 // expected: right images dropped or relabelled
	falseFlags float64 // expected: right images flagged
}

// Write writes the identities table and the summary, which comes last, since a report
// with a summary is complete, and returns the summary.
func Write(ctx context.Context, in Input) (*schemas.Summary, error) {
	run := in.Shards.Run
	all, err := run.Identities(ctx)
	if err != nil {
		return nil, err
	}
	c := newCounts(all[schemas.Set].Rows)
	groups, err := writeGroups(ctx, in.Shards, all[schemas.Set])
	if err != nil {
		return nil, err
	}
	c.merged = groups
	calibration, err := calibrate.Load(ctx, run)
	if err != nil {
		return nil, err
	}
	lost := newLosses(in.Shards, calibration)
	for _, sh := range run.Set().Shards {
		if in.Shards.Lost[runstore.ShardKey{Source: schemas.Set, Shard: sh.Index}] {
			continue
		}
		rows, err := runstore.GetTable(ctx, run.Store, schemas.VerdictsObject(run.ID, sh.Index),
			schemas.ReadVerdicts)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			c.add(&rows[i])
		}
		if err := lost.add(ctx, sh.Index, rows); err != nil {
			return nil, err
		}
		in.Done(len(rows))
	}
	if err := c.flag(ctx, in.Shards); err != nil {
		return nil, err
	}
	err = runstore.PutTable(ctx, run.Store, schemas.ReportObject(run.ID, schemas.IdentitiesFile),
		func(w io.Writer) error {
			return schemas.WriteIdentities(w, c.identities)
		})
	if err != nil {
		return nil, err
	}
	if err := c.summarise(ctx, in, all, calibration); err != nil {
		return nil, err
	}
	lost.summarise(&c.summary)
	return &c.summary, run.PutJSON(ctx, schemas.ReportObject(run.ID, schemas.SummaryFile), c.summary)
}

func newCounts(rows []schemas.Centroid) *counts {
	n := len(rows)
	t := &counts{index: map[string]int{}, scores: make([]float64, n), scored: make([]int, n),
		noise: make([]float64, n), judged: make([]int, n)}
	t.summary = schemas.Summary{
		Version: schemas.SummaryVersion, Types: map[schemas.Type]int{}, Decisions: map[schemas.Decision]int{},
		Faults: map[schemas.Fault]int{}, Flags: map[schemas.Flag]int{}, Pairs: map[schemas.PairKind]int{},
		Overlaps: map[schemas.Source]map[schemas.Tier]int{},
	}
	for i, c := range rows {
		if label, group := schemas.CutGroup(c.Label); group > 1 {
			t.identities[t.index[label]].Usable += c.Usable
			continue
		}
		v := schemas.IdentityVerdict{Identity: c.Label, Images: c.Images, Usable: c.Usable}
		if c.Name != "" {
			v.Name = &rows[i].Name
		}
		if c.Usable > 0 {
			v.PMerged = &rows[i].PMerged
		}
		t.index[c.Label] = len(t.identities)
		t.identities = append(t.identities, v)
	}
	return t
}

func (c *counts) add(v *schemas.Verdict) {
	s := &c.summary
	s.Images++
	s.Types[v.Type]++
	s.Decisions[v.Decision]++
	if v.Embedding.Error != schemas.FaultNone {
		s.Faults[v.Embedding.Error]++
	}
	k, ok := c.index[v.Identity]
	if !ok {
		return
	}
	if v.Group > 1 && !v.Type.RightLabel() {
		s.Guests++
	}
	if v.Score != nil {
		c.scores[k] += float64(*v.Score)
		c.scored[k]++
	}
	if v.PNoise != nil {
		c.noise[k] += float64(*v.PNoise)
		c.judged[k]++
		if v.Group > 1 {
			c.guestNoise += float64(*v.PNoise)
			c.guests++
		}
		c.addFlag(v)
	}
}

// addFlag counts a flagged image by the probability that its label is right.
func (c *counts) addFlag(v *schemas.Verdict) {
	switch v.Type {
	case schemas.TypeWrongFace, schemas.TypeFlip, schemas.TypeOutlier:
	default:
		return
	}
	right := 1 - float64(*v.PNoise)
	c.falseFlags += right
	if v.Decision == schemas.Drop || v.Decision == schemas.Relabel {
		c.falseDrops += right
	}
}

// flag completes the identities.
func (c *counts) flag(ctx context.Context, shards *runstore.Shards) error {
	run := shards.Run
	flags := map[string]schemas.Flag{}
	pairs, err := run.Pairs(ctx)
	if err != nil {
		return err
	}
	overlaps, err := runstore.GetTable(ctx, run.Store, schemas.ReportObject(run.ID, schemas.OverlapFile),
		schemas.ReadOverlaps)
	if err != nil {
		return err
	}
	for _, o := range overlaps {
		if c.summary.Overlaps[o.Reference] == nil {
			c.summary.Overlaps[o.Reference] = map[schemas.Tier]int{}
		}
		c.summary.Overlaps[o.Reference][o.Tier]++
		if o.Tier.Sure() {
			flags[o.Identity] = schemas.FlagOverlap
		}
	}
	for _, p := range pairs {
		c.summary.Pairs[p.Kind]++
		if p.Kind == schemas.PairSplit {
			flags[p.AIdentity], flags[p.BIdentity] = schemas.FlagSplit, schemas.FlagSplit
		}
	}
	err = match.Each(ctx, shards, func(n schemas.Neighbour) {
		if label, group := schemas.CutGroup(n.A); n.Kind == schemas.NeighbourNearest && group < 2 {
			v := &c.identities[c.index[label]]
			other, _ := schemas.CutGroup(n.B)
			v.NearestIdentity, v.NearestScore = &other, &n.Score
		}
	})
	rate := c.meanNoise()
	for k := range c.identities {
		v := &c.identities[k]
		v.MeanScore, v.NoiseRate = mean(c.scores[k], c.scored[k]), shrunk(c.noise[k], c.judged[k], rate)
		switch f := flags[v.Identity]; {
		case c.merged[v.Identity]:
			v.Flag = schemas.FlagMerged
		case f != schemas.FlagNone:
			v.Flag = f
		case v.NoiseRate != nil && *v.NoiseRate >= noisyRate:
			v.Flag = schemas.FlagNoisy
		case v.Usable < calibrate.LeastJudged:
			v.Flag = schemas.FlagUnjudged
		}
		if v.Flag != schemas.FlagNone {
			c.summary.Flags[v.Flag]++
		}
	}
	return err
}

// meanNoise returns the mean p_noise of all judged images; 0 where there is none.
func (c *counts) meanNoise() float64 {
	sum, n := 0.0, 0
	for k := range c.noise {
		sum, n = sum+c.noise[k], n+c.judged[k]
	}
	return sum / float64(max(n, 1))
}

// shrunk returns the mean of an identity's p_noise as if it had one image more, with the
// set's rate: a few images alone prove little of their label.
func shrunk(sum float64, n int, rate float64) *float32 {
	if n == 0 {
		return nil
	}
	return mean(sum+rate, n+1)
}

func mean(sum float64, n int) *float32 {
	if n == 0 {
		return nil
	}
	m := float32(sum / float64(n))
	return &m
}
