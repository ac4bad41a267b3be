// Package calibrate is the stage that fits the judge of images to this set: to
// whole identities drawn by the hash of their label, so that one more identity
// changes little. The coordinator does it.
package calibrate

import (
	"context"
	"math"

	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// LeastJudged is the number of usable images of an identity below which its images
// are not judged.
const LeastJudged = 2

// Calibration is the object schemas.CalibrationObject: the model of wrong labels, and
// figures about the cosines that it was fitted to.
type Calibration struct {
	Noise    labelnoise.Model `json:"noise"`
	Impostor Moments          `json:"impostor"` // of pairs of images under two labels
	Genuine  Moments          `json:"genuine"`  // of pairs of images under one label
	RateLow  float64          `json:"rate_low"` // 95 % interval of Noise.Rate
	RateHigh float64          `json:"rate_high"`
}

// Moments are the mean and the standard deviation of cosines.
type Moments struct {
	Mean   float64 `json:"mean"`
	Spread float64 `json:"spread"`
	Pairs  int64   `json:"pairs"`
}

func momentsOf(cosines []float32) Moments {
	m := Moments{Pairs: int64(len(cosines))}
	if m.Pairs == 0 {
		return m
	}
	n := float64(m.Pairs)
	for _, x := range cosines {
		m.Mean += float64(x) / n
	}
	var variance float64
	for _, x := range cosines {
		d := float64(x) - m.Mean
		variance += float64(d*d) / n
	}
	m.Spread = math.Sqrt(variance)
	return m
}

// Fit draws a sample of the set, fits the model to it and writes the run's Calibration,
// unless it is there. It reads the pairs table (match.WriteTables).
func Fit(ctx context.Context, shards *runstore.Shards) error {
	run := shards.Run
	name := schemas.CalibrationObject(run.ID)
	if ok, err := runstore.Exists(ctx, run.Store, name); err != nil || ok {
		return err
	}
	prior, err := loadPrior(ctx, run)
	if err != nil {
		return err
	}
	sample, err := Sample(ctx, shards)
	if err != nil {
		return err
	}
	file := Calibration{Noise: labelnoise.Fit(sample, prior), Impostor: momentsOf(sample.Across),
		Genuine: momentsOf(sample.Within)}
	low, high := file.Noise.RateInterval(sample.Examples)
	file.RateLow, file.RateHigh = min(low, file.Noise.Rate), max(high, file.Noise.Rate)
	return run.PutJSON(ctx, name, file)
}

// Sample draws what the model of a run is fitted to. It reads the pairs table
// (match.WriteTables) and what is around each image.
func Sample(ctx context.Context, shards *runstore.Shards) (labelnoise.Sample, error) {
	all, err := shards.Run.Identities(ctx)
	if err != nil {
		return labelnoise.Sample{}, err
	}
	set := all[schemas.Set]
	rivals, err := LoadRivals(ctx, shards.Run, set)
	if err != nil {
		return labelnoise.Sample{}, err
	}
	photos, err := shards.Run.Photographs(ctx)
	if err != nil {
		return labelnoise.Sample{}, err
	}
	s := sampler{shards: shards, set: set, rivals: rivals, photos: photos}
	return s.draw(ctx)
}

// Load returns the run's Calibration as Fit wrote it.
func Load(ctx context.Context, run *runstore.Run) (*Calibration, error) {
	var c Calibration
	return &c, run.GetJSON(ctx, schemas.CalibrationObject(run.ID), &c)
}

// loadPrior returns what the run's judge starts from: the one that its Spec names, else
// the shipped one.
func loadPrior(ctx context.Context, run *runstore.Run) (labelnoise.Prior, error) {
	if run.Spec.Judge.Prior == "" {
		return labelnoise.ShippedPrior()
	}
	return runstore.GetTable(ctx, run.Store, schemas.PriorObject(run.Spec.Judge.Prior), labelnoise.ReadPrior)
}
