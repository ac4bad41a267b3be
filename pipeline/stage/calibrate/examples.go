package calibrate

import (
	"context"
	"math"
	"slices"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// The draws of an image, each with a seed of its own.
const (
	drawRandom = iota
	drawFlip
	drawStranger
	drawCompany
	drawGuest
	drawShare
	drawMembers // and one more for each member
)

// another draws another person of the sample for image i; -1: there is none, or it is the
// image's own under another label. One person more in the set is drawn in one case of as
// many as there are, and changes no other.
func (s *sampler) another(i int, draw uint64) int {
	x := &s.images[i]
	k := labelnoise.RandomOther(x.seed+draw<<32, x.person, s.names)
	if k >= 0 && slices.Contains(s.same(i), int32(s.sampled[k].identity)) {
		return -1
	}
	return k
}

// same returns the identities that are rather the person of image i than not.
func (s *sampler) same(i int) []int32 { return s.rivals.Sure(s.sampled[s.images[i].person].identity) }

// example measures image i of the sample under its label, under a random other one,
// and with its own identity taken away.
func (s *sampler) example(i int) {
	x, e := &s.images[i], &s.out.Examples[i]
	p := &s.sampled[x.person]
	*e = labelnoise.Example{Path: p.members.Paths[x.member], Identity: p.identity}
	for v := range e.As {
		e.As[v].Own = float32(math.NaN())
	}
	e.As[labelnoise.AsItStands] = AsItStands(x.around, x.face, p.typical, s.same(i))
	if k := s.another(i, drawFlip); k >= 0 {
		e.As[labelnoise.RandomFlip] = s.flip(i, s.set.Trimmed.Row(s.sampled[k].identity), s.sampled[k].identity,
			s.sampled[k].members, s.sampled[k].typical)
	}
	if k := s.another(i, drawStranger); k >= 0 {
		e.As[labelnoise.Stranger] = s.stranger(i, k, nil)
	}
	if k := s.another(i, drawCompany); k >= 0 {
		e.As[labelnoise.StrangerInCompany] = s.stranger(i, k, s.company(i))
	}
	if k := s.another(i, drawGuest); k >= 0 {
		guest := s.stranger(i, k, nil)
		guest.OwnImages = merged(s.company(i), guest.OwnImages)
		e.As[labelnoise.Guest] = guest
	}
}

// to returns the best cosines of image i to an identity's images; of those that show one
// photograph to the one that represents them.
func (s *sampler) to(i int, m *runstore.Members) []float32 {
	var out []float32
	again := func(k int) bool { return s.photos.Representative(m.Paths[k]) != "" }
	for _, n := range cluster.NearestRows(s.vector(i), m.Vectors, labelnoise.Neighbours, again) {
		out = append(out, n.Score)
	}
	return out
}

// flip measures image i under another identity's label, its own being one of the
// others.
func (s *sampler) flip(i int, centroid []float32, identity int, m *runstore.Members, typical float32) labelnoise.Evidence {
	x := &s.images[i]
	e := x.face
	e.Own, e.Typical = cluster.Dot(s.vector(i), centroid), typical
	e.Other = x.around.Own
	if best := bestCentroid(x.around, int32(identity), nil); best > e.Other {
		e.Other = best
	}
	e.OwnImages = s.to(i, m)
	e.OtherImages = merged(x.around.OwnCosines, images(x.around, false, int32(identity), nil))
	return e
}

// stranger measures image i under the label of person k of the sample, its own
// identity's centroid taken away, and its images but for those of company. Other labels of
// its person go too: he would be somebody of the set by them.
func (s *sampler) stranger(i, k int, company []float32) labelnoise.Evidence {
	x, p := &s.images[i], &s.sampled[k]
	e := x.face
	e.Own, e.Typical = cluster.Dot(s.vector(i), s.set.Trimmed.Row(p.identity)), p.typical
	e.Other = bestCentroid(x.around, int32(p.identity), s.same(i))
	e.OwnImages = s.to(i, p.members)
	e.OtherImages = merged(company, images(x.around, true, int32(p.identity), s.same(i)))
	return e
}

// company returns the cosines of image i to those images of its label that stay where
// its identity is taken away but for a random share.
func (s *sampler) company(i int) []float32 {
	x := &s.images[i]
	m, hashes := s.sampled[x.person].members, s.sampled[x.person].hashes
	share := labelnoise.MostCompany * labelnoise.RandomShare(x.seed+drawShare<<32)
	var out []float32
	for j := range m.Paths {
		if j != x.member && s.photos.Representative(m.Paths[j]) == "" && labelnoise.RandomShare(x.seed+(drawMembers+hashes[j])<<32) < share {
			out = append(out, cluster.Dot(s.vector(i), m.Vectors.Row(j)))
		}
	}
	slices.SortStableFunc(out, descending)
	return first(out)
}

// nearFlips measures every image under the label of the most similar other identity,
// whose shard is read once.
func (s *sampler) nearFlips(ctx context.Context) error {
	wanted := map[runstore.ShardKey][]int{}
	near := make([]int, len(s.images))
	for i := range s.images {
		near[i] = s.nearest(i)
		if near[i] >= 0 && !s.lost(near[i]) {
			key := runstore.ShardKey{Source: schemas.Set, Shard: s.set.ShardOf(near[i])}
			wanted[key] = append(wanted[key], i)
		}
	}
	return s.shards.Visit(ctx, nil, wanted,
		func(_ runstore.ShardKey, v *runstore.LabelledShard, rows []int) error {
			typical := map[int]float32{}
			for _, i := range rows {
				k := near[i]
				m, err := v.Members(s.set.Rows[k].Label)
				if err != nil {
					return err
				}
				if _, ok := typical[k]; !ok {
					typical[k] = Typical(m)
				}
				s.out.Examples[i].As[labelnoise.NearFlip] = s.flip(i, s.set.Trimmed.Row(k), k, m, typical[k])
			}
			return nil
		})
}

// nearest returns the most similar other identity of image i; -1: there is none.
func (s *sampler) nearest(i int) int {
	same := s.same(i)
	for _, n := range s.images[i].around.Centroids {
		if !slices.Contains(same, n.Identity) {
			return int(n.Identity)
		}
	}
	return -1
}
