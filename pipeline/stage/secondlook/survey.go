package secondlook

import (
	"context"
	"crypto/sha256"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

const (
	sampleImages = 20_000 // images that the model is fitted to, about
	leastSampled = 3      // images of a label whose images are sampled
	mostSampled  = 2_000  // images of one label that are sampled, about
	otherLabels  = 3      // nearest other labels that are known of a sampled image
)

// survey is the first look at the whole set: the centroids of all labels, and the images
// of some.
type survey struct {
	run     *runstore.Run
	rows    []schemas.Centroid // of each label
	chosen  map[int]bool       // labels whose images are sampled
	unread  atomic.Bool        // an image was not there to be read
	mu      sync.Mutex         // guards sampled
	sampled []sampledLabel
}

// sampledLabel is a label whose images are in the sample.
type sampledLabel struct {
	position int // among all labels
	images   []sampledImage
	typical  float32
}

type sampledImage struct {
	path     string
	vector   []float32
	evidence labelnoise.Evidence // as it stands, but for other labels
	seed     uint64
}

func newSurvey(run *runstore.Run, labels []schemas.Identity) *survey {
	s := &survey{run: run, rows: make([]schemas.Centroid, len(labels)), chosen: map[int]bool{}}
	var order []int
	for k, id := range labels {
		s.rows[k] = schemas.Centroid{Source: schemas.Set, Label: id.Label, Name: id.Name, Images: int32(id.Images)}
		if id.Images >= leastSampled {
			order = append(order, k)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return compareHashes(labels[a].Label, labels[b].Label) })
	for n := 0; len(order) > 0 && n < sampleImages; order = order[1:] {
		s.chosen[order[0]] = true
		n += labels[order[0]].Images
	}
	return s
}

// compareHashes orders labels by a hash, so that one more label changes little.
func compareHashes(a, b string) int {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return slices.Compare(x[:], y[:])
}

// read reads the first look's vectors of all shards that have some.
func (s *survey) read(ctx context.Context, shards *runstore.Shards, done func(images int)) error {
	set := s.run.Set()
	first := runstore.FirstIdentities(set)
	err := shards.Each(ctx, set, func(ctx context.Context, sh schemas.Shard) error {
		v, err := s.run.FirstVectors(ctx, sh)
		if err != nil {
			return err
		}
		for i := range v.Embeddings {
			if v.Embeddings[i].Error.Transient() {
				s.unread.Store(true)
			}
		}
		for k, l := range labelsOf(v) {
			s.take(first[sh.Index]+k, v, &l)
		}
		done(sh.Images)
		return nil
	})
	slices.SortFunc(s.sampled, func(a, b sampledLabel) int { return a.position - b.position })
	return err
}

// take notes a label's centroid, and its images where they are sampled.
func (s *survey) take(position int, v *runstore.Vectors, l *label) {
	if len(l.rows) == 0 {
		return
	}
	row := &s.rows[position]
	row.Usable, row.Kept, row.Rho = int32(len(l.rows)), int32(l.centroid.N), l.centroid.Rho
	row.Trimmed = l.centroid.Vector
	if !s.chosen[position] || len(l.rows) < leastSampled {
		return
	}
	p := sampledLabel{position: position, typical: l.typical}
	step := 1 + len(l.rows)/mostSampled
	for k := 0; k < len(l.rows); k += step {
		r := l.rows[k]
		path := v.Rows[r].Path
		p.images = append(p.images, sampledImage{path, l.vectors.Row(k), l.evidence(v, k), labelnoise.Seed(path)})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sampled = append(s.sampled, p)
}

// centroids returns the centroids of all labels, and which have one.
func centroids(rows []schemas.Centroid, dim int) (m cluster.Matrix, usable []bool) {
	m, usable = cluster.NewMatrix(len(rows), dim), make([]bool, len(rows))
	for k, r := range rows {
		copy(m.Row(k), r.Trimmed)
		usable[k] = r.Usable > 0
	}
	return m, usable
}

// sample returns what the model is fitted to: the sampled images as they stand, and under
// other labels.
func (s *survey) sample() labelnoise.Sample {
	all, usable := centroids(s.rows, max(1, s.run.Spec.Embed.Contract.Dim))
	var out labelnoise.Sample
	for _, ok := range usable {
		if ok {
			out.Identities++
		}
	}
	names := make([]uint64, len(s.sampled))
	for k, p := range s.sampled {
		names[k] = labelnoise.Seed(s.rows[p.position].Label)
	}
	for k := range s.sampled {
		p := &s.sampled[k]
		queries := cluster.NewMatrix(len(p.images), all.Cols)
		for i, x := range p.images {
			copy(queries.Row(i), x.vector)
		}
		near := cluster.NearestK(queries, all, otherLabels, func(_, c int) bool {
			return !usable[c] || c == p.position
		})
		for i := range p.images {
			e := s.example(&p.images[i], k, near[i], names, all)
			out.Examples = append(out.Examples, e)
			if x := e.As[labelnoise.RandomFlip].Own; x == x {
				out.Random = append(out.Random, x)
			}
		}
	}
	return out
}

// example measures an image of the sampled label own under its label and others; near are
// the nearest other labels.
func (s *survey) example(x *sampledImage, own int, near []cluster.Neighbour, names []uint64, all cluster.Matrix) labelnoise.Example {
	p := &s.sampled[own]
	e := labelnoise.Example{Path: x.path, Identity: p.position}
	for v := range e.As {
		e.As[v].Own = float32(math.NaN())
	}
	as := x.evidence
	as.Other = bestBut(near, -1)
	e.As[labelnoise.AsItStands] = as
	under := func(label int, typical, least float32) labelnoise.Evidence {
		out := x.evidence
		out.Own, out.Typical = cluster.Dot(x.vector, all.Row(label)), typical
		out.Other = bestBut(near, label)
		if !(out.Other >= least) { // NaN: there is none
			out.Other = least
		}
		return out
	}
	nobody := float32(math.Inf(-1))
	if k := labelnoise.RandomOther(x.seed, own, names); k >= 0 {
		e.As[labelnoise.RandomFlip] = under(s.sampled[k].position, s.sampled[k].typical, as.Own)
	}
	if len(near) > 0 {
		e.As[labelnoise.NearFlip] = under(near[0].Index, s.typicalOf(near[0].Index), as.Own)
	}
	if k := labelnoise.RandomOther(x.seed+1<<32, own, names); k >= 0 {
		e.As[labelnoise.Stranger] = under(s.sampled[k].position, s.sampled[k].typical, nobody)
	}
	return e
}

// typicalOf returns the median score of a label's images where it is in the sample, else NaN.
func (s *survey) typicalOf(position int) float32 {
	k, ok := slices.BinarySearchFunc(s.sampled, position, func(p sampledLabel, at int) int { return p.position - at })
	if !ok {
		return float32(math.NaN())
	}
	return s.sampled[k].typical
}

// bestBut returns the cosine to the nearest label that is not a given one; NaN: there is none.
func bestBut(near []cluster.Neighbour, label int) float32 {
	for _, n := range near {
		if n.Index != label {
			return n.Score
		}
	}
	return float32(math.NaN())
}
