package calibrate

import (
	"context"
	"sort"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

const (
	sampleImages = 20_000  // images that the judge is fitted to, about
	samplePairs  = 100_000 // pairs of images, of one label and of two
	leastSampled = 3       // usable images of an identity whose images are sampled
)

// sampler draws what the judge of images is fitted to: whole identities.
type sampler struct {
	shards  *runstore.Shards
	set     *runstore.Identities
	rivals  *Rivals
	photos  *runstore.Photographs
	out     labelnoise.Sample
	sampled []person
	images  []image
	names   []uint64           // hash of each sampled one's label
	last    int                // shard of the identity taken last
	around  []*runstore.Around // of that shard's rows
}

// person is an identity of the sample.
type person struct {
	identity int
	members  *runstore.Members
	hashes   []uint64 // of the members' paths
	typical  float32  // median own score
}

// image is an image of the sample.
type image struct {
	person int
	member int // row of its vector among the person's members
	around *runstore.Around
	seed   uint64 // of its draws: they follow from its path alone
	face   labelnoise.Evidence
}

func (s *sampler) draw(ctx context.Context) (labelnoise.Sample, error) {
	s.out.Identities = s.set.CountUsable()
	for _, k := range s.chosen(sampleImages) {
		if err := s.take(ctx, k); err != nil {
			return s.out, err
		}
	}
	s.out.Examples = make([]labelnoise.Example, len(s.images))
	for i := range s.images {
		s.example(i)
	}
	if err := s.nearFlips(ctx); err != nil {
		return s.out, err
	}
	s.pairs()
	return s.out, nil
}

// chosen returns the identities of the sample, ascending: those with the lowest hash
// of their label until limit images are reached.
func (s *sampler) chosen(limit int) []int {
	set := s.set
	type candidate struct {
		k    int
		hash uint64
	}
	var all []candidate
	for k, c := range set.Rows {
		if c.Usable >= leastSampled && !s.lost(k) {
			all = append(all, candidate{k, labelnoise.Seed(c.Label)})
		}
	}
	sort.Slice(all, func(i, j int) bool {
		return all[i].hash < all[j].hash || all[i].hash == all[j].hash && all[i].k < all[j].k
	})
	var out []int
	n := 0
	for _, c := range all {
		if n >= limit {
			break
		}
		n += int(set.Rows[c.k].Usable)
		out = append(out, c.k)
	}
	sort.Ints(out)
	return out
}

// lost says whether the shard of identity k was given up.
func (s *sampler) lost(k int) bool {
	return s.shards.Lost[runstore.ShardKey{Source: schemas.Set, Shard: s.set.ShardOf(k)}]
}

// take adds the images of identity k that stand in its own shard.
func (s *sampler) take(ctx context.Context, k int) error {
	key := runstore.ShardKey{Source: schemas.Set, Shard: s.set.ShardOf(k)}
	v, err := s.shards.Get(ctx, key)
	if err != nil {
		return err
	}
	if s.around == nil || s.last != key.Shard { // identities come in order: each shard's is read once
		if s.around, err = s.shards.Run.Around(ctx, key.Shard); err != nil {
			return err
		}
		s.last = key.Shard
		s.photos.CountOnce(s.around, runstore.FirstImages(s.shards.Run.Set())[key.Shard])
	}
	label := s.set.Rows[k].Label
	m, err := v.Members(label)
	if err != nil {
		return err
	}
	p := person{identity: k, members: m, hashes: make([]uint64, len(m.Paths)), typical: Typical(m)}
	for i, path := range m.Paths {
		p.hashes[i] = labelnoise.Seed(path)
	}
	for i, a := range s.around {
		if a == nil || v.States[i].Identity != label || v.Vectors.Rows[i].Identity != v.States[i].Label {
			continue
		}
		member := m.Index(v.Vectors.Rows[i].Path)
		if member < 0 {
			continue
		}
		s.images = append(s.images, image{person: len(s.sampled), member: member, around: a,
			seed: labelnoise.Seed(v.Vectors.Rows[i].Path), face: FaceEvidence(&v.Vectors.Embeddings[i])})
	}
	s.sampled, s.names = append(s.sampled, p), append(s.names, labelnoise.Seed(label))
	return nil
}

// vector returns the embedding of an image of the sample.
func (s *sampler) vector(i int) []float32 {
	x := &s.images[i]
	return s.sampled[x.person].members.Vectors.Row(x.member)
}

// pairs adds cosines of random pairs of images, and of images with another identity.
func (s *sampler) pairs() {
	for i := range s.images {
		x, v := &s.images[i], s.vector(i)
		m := s.sampled[x.person].members
		if j := labelnoise.RandomIndex(x.seed, x.member, m.Vectors.Rows); j >= 0 && len(s.out.Within) < samplePairs {
			s.out.Within = append(s.out.Within, cluster.Dot(v, m.Vectors.Row(j)))
		}
		if k := s.another(i, drawRandom); k >= 0 {
			s.out.Random = append(s.out.Random, cluster.Dot(v, s.set.Trimmed.Row(s.sampled[k].identity)))
		}
	}
	n := len(s.images)
	for i := range s.images {
		for round := range uint64(max(1, samplePairs/max(n, 1))) {
			j := labelnoise.RandomIndex(s.images[i].seed+round, i, n)
			if j >= 0 && s.images[i].person != s.images[j].person && len(s.out.Across) < samplePairs {
				s.out.Across = append(s.out.Across, cluster.Dot(s.vector(i), s.vector(j)))
			}
		}
	}
}
