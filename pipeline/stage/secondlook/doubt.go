// Package secondlook is the stages that look at images again where the first look leaves
// them in doubt: the coordinator fits a model of wrong labels to the first look's vectors
// (Fit), and a task for each shard lists what is doubtful by it and has every face of
// these images embedded (Shard).
//
// What a list says follows from the set and its vectors alone, not from thresholds or a
// person's decisions, so that other runs of the set share it.
package secondlook

import (
	"context"
	"io"
	"math"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// Method names how doubtful images are chosen, and what the second look does: a part of
// a run's Spec.
const Method = "look-1"

// What is doubtful.
const (
	doubtfulP        = .01 // from this probability of a wrong label on
	doubtfulDetector = .88 // below this score of the detector
)

// Model is the object schemas.DoubtModelObject.
type Model struct {
	Noise labelnoise.Model `json:"noise"`
	// Whole says that every shard of the set has vectors and that every image was there to be
	// read: only then is what follows good for other runs of the set.
	Whole bool `json:"whole"`
}

// Fit writes the run's model of what is doubtful, after the centroids that it needs, unless
// they are there. done is called with the number of
// images of shards that were just read.
func Fit(ctx context.Context, shards *runstore.Shards, done func(images int)) error {
	run := shards.Run
	prior, err := labelnoise.ShippedPrior()
	if err != nil {
		return err
	}
	labels, err := run.Labels(ctx, run.Set())
	if err != nil {
		return err
	}
	s := newSurvey(run, labels)
	if err := s.read(ctx, shards, done); err != nil {
		return err
	}
	err = runstore.PutTable(ctx, run.Store, schemas.DoubtCentroidsObject(run.ID), func(w io.Writer) error {
		return schemas.WriteCentroids(w, max(1, run.Spec.Embed.Contract.Dim), s.rows)
	})
	if err != nil {
		return err
	}
	return run.PutJSON(ctx, schemas.DoubtModelObject(run.ID), Model{
		Noise: labelnoise.FitFirstLook(s.sample(), prior), Whole: s.whole(shards)})
}

// whole says whether every shard of the set has vectors, and every image was read.
func (s *survey) whole(shards *runstore.Shards) bool {
	for key := range shards.Lost {
		if key.Source == schemas.Set {
			return false
		}
	}
	return !s.unread.Load()
}

// Listed says whether there is nothing to fit: the model stands, or every shard of the set
// has its list of doubtful images, which runs share.
func Listed(ctx context.Context, run *runstore.Run) (bool, error) {
	if ok, err := runstore.Exists(ctx, run.Store, schemas.DoubtModelObject(run.ID)); err != nil || ok {
		return ok, err
	}
	missing := make([]bool, len(run.Set().Shards))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(lookups)
	for i, sh := range run.Set().Shards {
		g.Go(func() error {
			ok, err := runstore.Exists(gctx, run.Store, schemas.DoubtObject(run.DoubtID(), sh.Index))
			missing[i] = !ok
			return err
		})
	}
	err := g.Wait()
	return err == nil && !slices.Contains(missing, true), err
}

// lookups is how many objects are asked for at a time.
const lookups = 32

// label is the images of one label as the first look sees them: no person's decision
// counts, and of equal images only the first.
type label struct {
	rows     []int // of its shard
	vectors  cluster.Matrix
	scores   []float32 // leave-one-out
	centroid cluster.Centroid
	typical  float32
}

// labelsOf returns the labels of a shard, in order; those without a usable image have no
// rows.
func labelsOf(v *runstore.Vectors) []label {
	var out []label
	for i := 0; i < len(v.Rows); {
		first, seen := i, map[[32]byte]bool{}
		var l label
		for ; i < len(v.Rows) && v.Rows[i].Identity == v.Rows[first].Identity; i++ {
			if e := &v.Embeddings[i]; e.Vector != nil && !seen[e.SHA256] {
				l.rows = append(l.rows, i)
				if e.Hashed {
					seen[e.SHA256] = true
				}
			}
		}
		l.measure(v)
		out = append(out, l)
	}
	return out
}

func (l *label) measure(v *runstore.Vectors) {
	l.typical = float32(math.NaN())
	if len(l.rows) == 0 {
		return
	}
	l.vectors = cluster.NewMatrix(len(l.rows), len(v.Embeddings[l.rows[0]].Vector))
	for k, row := range l.rows {
		copy(l.vectors.Row(k), v.Embeddings[row].Vector)
	}
	l.centroid = cluster.IdentityCentroid(l.vectors)
	l.scores = l.centroid.Scores(l.vectors)
	if len(l.rows) >= leastTypical {
		l.typical = cluster.Median(l.scores)
	}
}

// leastTypical is the number of images from which a label's median score tells what is
// usual: two images have one score.
const leastTypical = 3

// evidence returns what the first look knows of a label's image k but for other identities.
func (l *label) evidence(v *runstore.Vectors, k int) labelnoise.Evidence {
	nan := float32(math.NaN())
	e := &v.Embeddings[l.rows[k]]
	out := labelnoise.Evidence{Own: nan, Other: nan, Typical: l.typical, Detector: nan, Length: nan}
	if len(l.rows) > 1 {
		out.Own = l.scores[k]
	}
	if e.HasDetScore {
		out.Detector = e.DetScore
	}
	if e.Length > 0 {
		out.Length = e.Length
	}
	return out
}
