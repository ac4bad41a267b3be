package match

import (
	"context"
	"io"
	"slices"
	"sort"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/matching"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// Shard compares the identities of a shard, counted from 0, with all identities of the
// set and of the references, and writes the pairs that reach a tier, with their most
// similar images, and each identity's nearest other (schemas.MatchObject).
func Shard(ctx context.Context, shards *runstore.Shards, t *Tables, shard int) error {
	c := comparer{shards: shards, tables: t, shard: shard}
	c.from, c.to = t.Identities[schemas.Set].Range(shard)
	c.splits()
	for _, src := range shards.Run.References() {
		c.overlaps(src.Name)
	}
	if err := c.findBestPairs(ctx); err != nil {
		return err
	}
	c.dropTold()
	run := shards.Run
	return runstore.PutTable(ctx, run.Store, schemas.MatchObject(run.ID, shard), func(w io.Writer) error {
		return schemas.WriteNeighbours(w, c.rows)
	})
}

// comparer is one task at work.
type comparer struct {
	shards   *runstore.Shards
	tables   *Tables
	shard    int
	from, to int // the shard's identities among the set's
	rows     []schemas.Neighbour
	pairless []int // rows whose best pair of images is still to be found
}

// splits finds other identities of the set that are the same person, and each
// identity's nearest other.
func (c *comparer) splits() {
	set, cmp, all := c.tables.Identities[schemas.Set], &c.tables.models.Splits, c.tables.splits
	pairs, best := cmp.Model.Candidates(part(all, c.from, c.to), all, c.from, cmp.Floor)
	for i, b := range best {
		if b.Index < 0 {
			continue
		}
		other := b.Index
		if siblings(set, c.from+i, other) {
			if other = c.nearestLabel(c.from + i); other < 0 {
				continue
			}
		}
		row := c.row(schemas.NeighbourNearest, schemas.Set, c.from+i, other)
		row.Score = cosine(cluster.Dot(all.Centroids.Row(c.from+i), all.Centroids.Row(other)))
		c.rows = append(c.rows, row)
	}
	for _, p := range pairs {
		a := c.from + p.A
		if siblings(set, a, p.B) {
			continue
		}
		m := c.judge(cmp, p.Score, all.N[a], all.N[p.B], false)
		if m.Tier != schemas.TierNone {
			c.add(c.row(schemas.NeighbourIdentity, schemas.Set, a, p.B), p, m)
		}
	}
}

// overlaps finds identities of a reference who are identities of the shard.
func (c *comparer) overlaps(source schemas.Source) {
	set, ref := c.tables.Identities[schemas.Set], c.tables.Identities[source]
	cmp := c.tables.models.References[source]
	sides := c.tables.overlaps[source]
	mine, theirs := part(sides.set, c.from, c.to), sides.reference
	for _, p := range c.candidates(&cmp, source, mine, theirs) {
		row := c.row(schemas.NeighbourReference, source, c.from+p.A, p.B)
		same := matching.NamesMatch(runstore.ComparedName(&set.Rows[c.from+p.A]),
			runstore.ComparedName(&ref.Rows[p.B]))
		m := c.judge(&cmp, p.Score, mine.N[p.A], theirs.N[p.B], same)
		if image := c.tables.imageOf[identityPair{source, row.A, row.B}]; image != nil {
			m.Tier = schemas.TierSameImage
			row.APath, row.BPath, row.PathScore = image.APath, image.BPath, 1
		}
		if m.Tier != schemas.TierNone {
			c.add(row, p, m)
		}
	}
}

// candidates returns the pairs above the floor and those to look at whatever their
// score, in the order of their identities.
func (c *comparer) candidates(
	cmp *Comparison, source schemas.Source, mine, theirs matching.Identities,
) []matching.Candidate {
	pairs, _ := cmp.Model.Candidates(mine, theirs, -1, cmp.Floor)
	seen := map[[2]int]bool{}
	for _, p := range pairs {
		seen[[2]int{p.A, p.B}] = true
	}
	scorer := cmp.Model.Scorer(mine, theirs)
	for _, p := range c.wanted(source) {
		if !seen[p] {
			seen[p] = true
			pairs = append(pairs, scorer.Pair(p[0], p[1]))
		}
	}
	sort.Slice(pairs, func(i, j int) bool {
		return pairs[i].A < pairs[j].A || pairs[i].A == pairs[j].A && pairs[i].B < pairs[j].B
	})
	return pairs
}

// wanted returns pairs to look at whatever their score: of one name, or sharing a
// picture. The first index is within the shard.
func (c *comparer) wanted(source schemas.Source) [][2]int {
	set, ref := c.tables.Identities[schemas.Set], c.tables.Identities[source]
	var out [][2]int
	for i := c.from; i < c.to; i++ {
		name := runstore.ComparedName(&set.Rows[i])
		for _, b := range c.tables.names[source][matching.NormalName(name)] {
			if matching.NamesMatch(name, runstore.ComparedName(&ref.Rows[b])) {
				out = append(out, [2]int{i - c.from, b})
			}
		}
	}
	for _, n := range c.tables.images {
		a, b := set.Find(n.A), -1
		if n.Source == source {
			b = ref.Find(n.B)
		}
		if a >= c.from && a < c.to && b >= 0 {
			out = append(out, [2]int{a - c.from, b})
		}
	}
	return out
}

func (c *comparer) row(kind schemas.NeighbourKind, source schemas.Source, a, b int) schemas.Neighbour {
	set, other := c.tables.Identities[schemas.Set], c.tables.Identities[source]
	return schemas.Neighbour{Kind: kind, Source: source,
		A: set.Rows[a].Label, B: other.Rows[b].Label, NA: set.Usable[a], NB: other.Usable[b]}
}

// add completes a row with what was found.
func (c *comparer) add(row schemas.Neighbour, p matching.Candidate, m matching.Match) {
	row.Score, row.Tier, row.P = cosine(p.Cosine), m.Tier, float32(m.P)
	if row.APath == "" && row.NA > 0 && row.NB > 0 {
		c.pairless = append(c.pairless, len(c.rows))
	}
	c.rows = append(c.rows, row)
}

// judge returns what the model says about a pair.
func (c *comparer) judge(cmp *Comparison, score float32, na, nb int32, sameName bool) matching.Match {
	return cmp.Model.Judge(score, int(na), int(nb), cmp.Comparisons, cmp.Limits(&c.shards.Run.Spec.Judge), sameName)
}

// findBestPairs names the two most similar images of each pair that lacks them. Two labels
// of the set are one person only as far as their images do not tell the two apart.
func (c *comparer) findBestPairs(ctx context.Context) error {
	if len(c.pairless) == 0 {
		return nil
	}
	limits := c.tables.models.Splits.Limits(&c.shards.Run.Spec.Judge)
	own := runstore.ShardKey{Source: schemas.Set, Shard: c.shard}
	mine, err := c.shards.Get(ctx, own)
	if err != nil {
		return err
	}
	wanted := map[runstore.ShardKey][]int{}
	for _, i := range c.pairless {
		ids := c.tables.Identities[c.rows[i].Source]
		key := runstore.ShardKey{Source: c.rows[i].Source, Shard: ids.ShardOf(ids.Find(c.rows[i].B))}
		wanted[key] = append(wanted[key], i)
	}
	held := map[runstore.ShardKey]*runstore.LabelledShard{own: mine}
	return c.shards.Visit(ctx, held, wanted,
		func(_ runstore.ShardKey, theirs *runstore.LabelledShard, rows []int) error {
			for _, i := range rows {
				row := &c.rows[i]
				a, err := mine.Members(row.A)
				if err != nil {
					return err
				}
				b, err := theirs.Members(row.B)
				if err != nil {
					return err
				}
				row.APath, row.BPath, row.PathScore = bestPair(a, b)
				if row.Kind == schemas.NeighbourIdentity {
					row.P *= alike(a, b)
					row.Tier = limits.Lowered(row.Tier, float64(row.P))
				}
			}
			return nil
		})
}

// dropTold leaves out the pairs of two labels whose images tell the two apart.
func (c *comparer) dropTold() {
	c.rows = slices.DeleteFunc(c.rows, func(n schemas.Neighbour) bool {
		return n.Kind == schemas.NeighbourIdentity && n.Tier == schemas.TierNone
	})
}

// bestPair returns the two most similar images of two identities; of equal pairs the
// first.
func bestPair(a, b *runstore.Members) (aPath, bPath string, score float32) {
	score = -2
	for i := range a.Paths {
		for j := range b.Paths {
			if d := cluster.Dot(a.Vectors.Row(i), b.Vectors.Row(j)); d > score {
				aPath, bPath, score = a.Paths[i], b.Paths[j], d
			}
		}
	}
	return aPath, bPath, cosine(score)
}

// cosine returns an inner product of unit vectors without what rounding adds to it.
func cosine(x float32) float32 { return min(max(x, -1), 1) }
