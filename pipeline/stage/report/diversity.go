package report

import (
	"context"

	"github.com/facesieve/facesieve/pipeline/diversity"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/calibrate"
	"github.com/facesieve/facesieve/schemas"
)

// losses counts what the set would lose with the flagged images.
type losses struct {
	shards *runstore.Shards
	images *diversity.Counter
	modes  *diversity.Modes
}

// newLosses begins to count. Images are alike from the middle between what images of two
// labels and of one have on average in this run.
func newLosses(shards *runstore.Shards, c *calibrate.Calibration) *losses {
	alike := c.Impostor.Mean + float64(.5*(c.Genuine.Mean-c.Impostor.Mean))
	images := diversity.NewCounter()
	if shards.Run.Spec.Judge.MinQuality != "" {
		images.Unwarned = schemas.GroupingQuality
	}
	return &losses{shards: shards, images: images, modes: &diversity.Modes{Alike: alike}}
}

// add counts the verdicts on a shard, whose labels stand whole. Vectors are read where a
// label of it may lose a mode.
func (l *losses) add(ctx context.Context, shard int, rows []schemas.Verdict) error {
	for first := 0; first < len(rows); {
		end := first + 1
		for end < len(rows) && rows[end].Identity == rows[first].Identity {
			end++
		}
		label := rows[first:end]
		l.images.Add(label)
		if diversity.Wanted(label) {
			v, err := l.shards.Get(ctx, runstore.ShardKey{Source: schemas.Set, Shard: shard})
			if err != nil {
				return err
			}
			l.modes.Add(label, func(i int) []float32 { return v.Vectors.Embeddings[first+i].Vector })
		}
		first = end
	}
	return nil
}

// summarise says what was counted.
func (l *losses) summarise(s *schemas.Summary) {
	d, warnings := l.images.Summary()
	modes, w := l.modes.Summary()
	if w != nil {
		warnings = append(warnings, *w)
	}
	if d.Modes = modes; d.Images > 0 {
		s.Diversity = d
	}
	s.Warnings = append(s.Warnings, warnings...)
}
