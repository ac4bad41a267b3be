package pipeline

import (
	"context"
	"io"
	"sort"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/matching"
	"github.com/facesieve/facesieve/schemas"
)

// known is what the cross and judge tasks share of a run: read once a worker's run.
type known struct {
	folded map[schemas.Source]*folded
	people peopleFile
	images []schemas.Neighbour                 // NeighbourImage rows
	image  map[peoplePair]*schemas.Neighbour   // the first of them for each pair of people
	names  map[schemas.Source]map[string][]int // identities of a reference by normal name
}

// peoplePair is an identity of the set and a person of a reference.
type peoplePair struct {
	source schemas.Source
	a, b   string
}

// knownTables reads what concerns all shards.
func (s *session) knownTables(ctx context.Context) (*known, error) {
	s.knownMu.Lock()
	defer s.knownMu.Unlock()
	if s.known != nil {
		return s.known, nil
	}
	k := &known{names: map[schemas.Source]map[string][]int{}}
	var err error
	if k.folded, err = s.foldTable(ctx); err != nil {
		return nil, err
	}
	if err = getJSON(ctx, s.store, schemas.MatchingObject(s.run), &k.people); err != nil {
		return nil, err
	}
	equal, err := getTable(ctx, s.store, schemas.DuplicatesObject(s.run), schemas.ReadNeighbours)
	if err != nil {
		return nil, err
	}
	for _, n := range equal {
		if n.Kind == schemas.NeighbourImage {
			k.images = append(k.images, n)
		}
	}
	k.image = map[peoplePair]*schemas.Neighbour{}
	for i := range k.images {
		n := &k.images[i]
		if key := (peoplePair{n.Source, n.A, n.B}); k.image[key] == nil {
			k.image[key] = n
		}
	}
	for _, src := range s.plan.Sources[1:] {
		byName := map[string][]int{}
		for i, c := range k.folded[src.Name].rows {
			name := matching.NormalName(nameOf(c))
			byName[name] = append(byName[name], i)
		}
		k.names[src.Name] = byName
	}
	s.known = k
	return k, nil
}

// nameOf is the name to compare: the person's where the source ships one, else
// the label.
func nameOf(c schemas.Centroid) string {
	if c.Name != "" {
		return c.Name
	}
	return c.Label
}

// cross compares a shard's identities with all identities of the set and of the
// references, and stores the pairs that mean something, with their best images.
func (s *session) cross(ctx context.Context, t schemas.Task) error {
	k, err := s.knownTables(ctx)
	if err != nil {
		return err
	}
	c := crossing{session: s, known: k, shard: t.Shard}
	if err := c.splits(ctx); err != nil {
		return err
	}
	for _, src := range s.plan.Sources[1:] {
		if err := c.overlaps(ctx, src.Name); err != nil {
			return err
		}
	}
	return putTable(ctx, s.store, schemas.MatchObject(s.run, t.Shard), func(w io.Writer) error {
		return schemas.WriteNeighbours(w, c.rows)
	})
}

type crossing struct {
	*session
	*known
	shard int
	rows  []schemas.Neighbour
}

// splits finds other identities of the set that are the same person, and each
// identity's nearest other.
func (c *crossing) splits(ctx context.Context) error {
	set := c.folded[schemas.Set]
	from := set.first[c.shard]
	cmp := c.people.Splits
	pairs, best := cmp.Model.Candidates(set.slice(c.shard), set.people, from, cmp.Floor)
	for i, b := range best {
		if b.Index < 0 {
			continue
		}
		row := c.row(schemas.NeighbourNearest, schemas.Set, from+i, b.Index)
		row.Score = cosine(cluster.Dot(set.people.Centroids.Row(from+i), set.people.Centroids.Row(b.Index)))
		c.rows = append(c.rows, row)
	}
	for _, p := range pairs {
		a := from + p.A
		m := c.judgePair(cmp, p.Score, set.people.N[a], set.people.N[p.B], false)
		if m.Tier == schemas.TierNone {
			continue
		}
		if err := c.add(ctx, c.row(schemas.NeighbourIdentity, schemas.Set, a, p.B), p, m); err != nil {
			return err
		}
	}
	return nil
}

// overlaps finds people of a reference who are identities of the shard.
func (c *crossing) overlaps(ctx context.Context, source schemas.Source) error {
	set, ref, cmp := c.folded[schemas.Set], c.folded[source], c.people.References[source]
	from, mine := set.first[c.shard], set.slice(c.shard)
	pairs, _ := cmp.Model.Candidates(mine, ref.people, -1, cmp.Floor)
	seen := map[[2]int]bool{}
	for _, p := range pairs {
		seen[[2]int{p.A, p.B}] = true
	}
	scorer := cmp.Model.Scorer(mine, ref.people)
	for _, p := range c.wanted(source) {
		if !seen[p] {
			seen[p] = true
			pairs = append(pairs, scorer.Pair(p[0], p[1]))
		}
	}
	sort.Slice(pairs, func(i, j int) bool {
		return pairs[i].A < pairs[j].A || pairs[i].A == pairs[j].A && pairs[i].B < pairs[j].B
	})
	for _, p := range pairs {
		row := c.row(schemas.NeighbourReference, source, from+p.A, p.B)
		same := matching.NamesMatch(nameOf(set.rows[from+p.A]), nameOf(ref.rows[p.B]))
		m := c.judgePair(cmp, p.Score, mine.N[p.A], ref.people.N[p.B], same)
		if image := c.image[peoplePair{source, row.A, row.B}]; image != nil {
			m.Tier = matchImage
			row.APath, row.BPath, row.PathScore = image.APath, image.BPath, 1
		}
		if m.Tier == schemas.TierNone {
			continue
		}
		if err := c.add(ctx, row, p, m); err != nil {
			return err
		}
	}
	return nil
}

// matchImage is the tier of a pair that shares a picture.
const matchImage = schemas.Tier(schemas.TierSameImage)

// wanted is pairs to look at whatever their score: of one name, or sharing a
// picture. The first index is within the shard.
func (c *crossing) wanted(source schemas.Source) [][2]int {
	set, ref := c.folded[schemas.Set], c.folded[source]
	from, to := set.first[c.shard], set.first[c.shard+1]
	var out [][2]int
	for i := from; i < to; i++ {
		name := nameOf(set.rows[i])
		for _, b := range c.names[source][matching.NormalName(name)] {
			if matching.NamesMatch(name, nameOf(ref.rows[b])) {
				out = append(out, [2]int{i - from, b})
			}
		}
	}
	for _, n := range c.images {
		a, b := set.find(n.A), -1
		if n.Source == source {
			b = ref.find(n.B)
		}
		if a >= from && a < to && b >= 0 {
			out = append(out, [2]int{a - from, b})
		}
	}
	return out
}

func (c *crossing) row(kind schemas.NeighbourKind, source schemas.Source, a, b int) schemas.Neighbour {
	set, other := c.folded[schemas.Set], c.folded[source]
	return schemas.Neighbour{Kind: kind, Source: source,
		A: set.rows[a].Label, B: other.rows[b].Label, NA: set.people.N[a], NB: other.people.N[b]}
}

// add completes a row with what was found and the best pair of images.
func (c *crossing) add(ctx context.Context, row schemas.Neighbour, p matching.Candidate, m matching.Match) error {
	row.Score, row.Tier, row.P = cosine(p.Cosine), schemas.Tier(m.Tier), float32(m.P)
	if row.APath == "" && row.NA > 0 && row.NB > 0 {
		a, err := c.find(ctx, schemas.Set, row.A)
		if err != nil {
			return err
		}
		b, err := c.find(ctx, row.Source, row.B)
		if err != nil {
			return err
		}
		row.APath, row.BPath, row.PathScore = bestPair(a, b)
	}
	c.rows = append(c.rows, row)
	return nil
}

// find is the group of an identity.
func (s *session) find(ctx context.Context, source schemas.Source, label string) (*group, error) {
	f := s.known.folded[source]
	v, err := s.views.get(ctx, source, f.shardOf(f.find(label)))
	if err != nil {
		return nil, err
	}
	return v.group(label)
}

// bestPair is the two most similar images of two identities; of equal pairs the
// first.
func bestPair(a, b *group) (aPath, bPath string, score float32) {
	score = -2
	for i := range a.paths {
		for j := range b.paths {
			if d := cluster.Dot(a.vectors.Row(i), b.vectors.Row(j)); d > score {
				aPath, bPath, score = a.paths[i], b.paths[j], d
			}
		}
	}
	return aPath, bPath, cosine(score)
}

// cosine is an inner product of unit vectors without what rounding adds to it.
func cosine(x float32) float32 { return min(max(x, -1), 1) }

// judgePair is what the model says about a pair.
func (c *crossing) judgePair(cmp comparison, score float32, na, nb int32, sameName bool) matching.Match {
	return cmp.Model.Judge(score, int(na), int(nb), cmp.Comparisons, c.limits(), sameName)
}
