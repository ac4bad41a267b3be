package nearest

import (
	"cmp"
	"context"
	"slices"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// comparison is the comparing of one shard.
type comparison struct {
	set    *runstore.Identities
	shard  *runstore.LabelledShard
	rows   []schemas.Nearest // of the usable images
	scores map[*runstore.Members]identityScores
}

// identityScores is an identity's trimmed centroid and its members' leave-one-out
// scores.
type identityScores struct {
	centroid cluster.Centroid
	members  []float32
}

func newComparison(set *runstore.Identities, v *runstore.LabelledShard) *comparison {
	c := &comparison{set: set, shard: v, scores: map[*runstore.Members]identityScores{}}
	for i := range v.States {
		if s := &v.States[i]; s.Usable {
			c.rows = append(c.rows, schemas.Nearest{Row: int32(i), Identity: int32(set.Find(s.Identity))})
		}
	}
	return c
}

// vector returns the vector of a row's image.
func (c *comparison) vector(row *schemas.Nearest) []float32 {
	return c.shard.Vectors.Embeddings[row.Row].Vector
}

// compareCentroids finds the nearest other identities of every image.
func (c *comparison) compareCentroids() {
	queries := cluster.NewMatrix(len(c.rows), c.set.Trimmed.Cols)
	for q := range c.rows {
		copy(queries.Row(q), c.vector(&c.rows[q]))
	}
	found := cluster.NearestK(queries, c.set.Trimmed, runstore.OtherCentroids, func(q, k int) bool {
		return c.set.Usable[k] == 0 || k == int(c.rows[q].Identity)
	})
	for q, best := range found {
		for _, n := range best {
			c.rows[q].Identities = append(c.rows[q].Identities, int32(n.Index))
			c.rows[q].Cosines = append(c.rows[q].Cosines, n.Score)
		}
	}
}

// compareOwn compares every image with those of its own label. A label that a person
// moved an image to may stand in another shard; each shard is read once.
func (c *comparison) compareOwn(ctx context.Context, shards *runstore.Shards, shard int) error {
	wanted := map[runstore.ShardKey][]int{}
	for q := range c.rows {
		own := int(c.rows[q].Identity)
		if c.set.Usable[own] == 0 { // nobody to compare with, or in a shard without vectors
			continue
		}
		key := runstore.ShardKey{Source: schemas.Set, Shard: c.set.ShardOf(own)}
		wanted[key] = append(wanted[key], q)
	}
	first := runstore.FirstImages(shards.Run.Set())
	held := map[runstore.ShardKey]*runstore.LabelledShard{{Source: schemas.Set, Shard: shard}: c.shard}
	return shards.Visit(ctx, held, wanted,
		func(key runstore.ShardKey, v *runstore.LabelledShard, rows []int) error {
			for _, q := range rows {
				m, err := v.Members(c.set.Rows[c.rows[q].Identity].Label)
				if err != nil {
					return err
				}
				for _, k := range c.scoreOwn(&c.rows[q], m) {
					c.rows[q].OwnPositions = append(c.rows[q].OwnPositions, position(v, m, k, first[key.Shard]))
				}
			}
			return nil
		})
}

// position returns where member k of an identity of shard v, whose images follow first others,
// stands in the set's order of all images; -1: a person moved it there. Images of a group
// stand under its label.
func position(v *runstore.LabelledShard, m *runstore.Members, k int, first int64) int64 {
	label, _ := schemas.CutGroup(m.Label)
	if row := v.Row(label, m.Paths[k]); row >= 0 {
		return first + int64(row)
	}
	return -1
}

// scoreOwn compares a row's image with the members of its label, and returns those that are
// most similar to it, best first.
func (c *comparison) scoreOwn(row *schemas.Nearest, own *runstore.Members) (members []int) {
	s, ok := c.scores[own]
	if !ok {
		s.centroid = cluster.IdentityCentroid(own.Vectors)
		s.members = s.centroid.Scores(own.Vectors)
		c.scores[own] = s
	}
	x := c.vector(row)
	self := own.Index(c.shard.Vectors.Rows[row.Row].Path)
	if self >= 0 && own.Vectors.Rows > 1 {
		row.Own = &s.members[self]
	} else if self < 0 && own.Vectors.Rows > 0 {
		score := cluster.Dot(x, s.centroid.Vector)
		row.Own = &score
	}
	near := cluster.NearestRows(x, own.Vectors, runstore.OwnCosines, func(k int) bool { return k == self })
	for _, n := range near {
		row.OwnCosines = append(row.OwnCosines, n.Score)
		members = append(members, n.Index)
	}
	return members
}

// entries returns what each group of lists needs of the shard's images: those that ask
// one of its lists. groups are what runstore.Run.Groups gives.
func (c *comparison) entries(groups []int) [][]schemas.Entry {
	out := make([][]schemas.Entry, len(groups)-1)
	for q := range c.rows {
		row := &c.rows[q]
		e := schemas.Entry{Row: row.Row, Identity: row.Identity, Asked: row.Identities, Vector: c.vector(row)}
		e.List, e.Second = c.nearestTwo(row)
		asked := append([]int32{row.Identity}, row.Identities...)
		slices.Sort(asked)
		last := -1
		for _, k := range asked {
			g, found := slices.BinarySearch(groups, int(k))
			if !found {
				g--
			}
			if g != last {
				out[g] = append(out[g], e)
			}
			last = g
		}
	}
	return out
}

// nearestTwo returns the two identities whose trimmed centroids are nearest to a row's
// image, where the leave-one-out score counts against that of its own label; -1: there
// is none. An image that a person drops has none: it speaks for nobody.
func (c *comparison) nearestTwo(row *schemas.Nearest) (first, second int32) {
	if o := c.shard.States[row.Row].Override; o != nil && o.Decision == schemas.Drop {
		return -1, -1
	}
	near := []runstore.Near{{Identity: -1, Cosine: -2}, {Identity: -1, Cosine: -2}}
	for k := range min(2, len(row.Cosines)) {
		near = append(near, runstore.Near{Identity: row.Identities[k], Cosine: row.Cosines[k]})
	}
	if row.Own != nil {
		near = append(near, runstore.Near{Identity: row.Identity, Cosine: *row.Own})
	}
	slices.SortFunc(near, func(a, b runstore.Near) int {
		return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), cmp.Compare(a.Identity, b.Identity))
	})
	return near[0].Identity, near[1].Identity
}
