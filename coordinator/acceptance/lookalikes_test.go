//go:build acceptance

package acceptance

import (
	"maps"
	"path"
	"slices"
	"sort"
	"testing"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/matching"
	"github.com/facesieve/facesieve/schemas"
)

// people are the embeddings of each label's images that have a vector, by path.
func people(vectors map[string]schemas.Embedding) map[string][]schemas.Embedding {
	out := map[string][]schemas.Embedding{}
	for _, p := range slices.Sorted(maps.Keys(vectors)) {
		if e := vectors[p]; e.Vector != nil {
			label := path.Base(path.Dir(p)) // a set may stand in a folder of its own
			out[label] = append(out[label], e)
		}
	}
	return out
}

// matched are labels as package matching takes them, in the order of their names.
func matched(of map[string][]schemas.Embedding) ([]string, matching.Identities) {
	labels := slices.Sorted(maps.Keys(of))
	var ids matching.Identities
	for i, label := range labels {
		images := of[label]
		v, lengths := cluster.NewMatrix(len(images), len(images[0].Vector)), []float32(nil)
		for k, e := range images {
			copy(v.Row(k), e.Vector)
			cluster.Normalize(v.Row(k))
			lengths = append(lengths, e.Length)
		}
		if i == 0 {
			ids.Centroids = cluster.NewMatrix(len(labels), v.Cols)
		}
		c := matching.Centroid(v, lengths)
		copy(ids.Centroids.Row(i), c.Vector)
		ids.N, ids.Rho = append(ids.N, int32(v.Rows)), append(ids.Rho, c.Rho)
	}
	return labels, ids
}

// usual are the limits of tiers that runs have.
var usual = matching.Limits{Certain: .01, Probable: .5}

// lookalike are two labels that are called what they are.
type lookalike struct {
	a, b string
	matching.Candidate
	matching.Match
}

// compared judges all pairs of a set and a reference, the most alike first.
func compared(set, reference map[string][]schemas.Embedding) []lookalike {
	mine, a := matched(set)
	theirs, b := matched(reference)
	m, n := matching.FitReference(a, b), float64(len(mine))*float64(len(theirs))
	limits := usual.Among(m, n)
	pairs, _ := m.Candidates(a, b, -1, .2)
	var out []lookalike
	for _, p := range pairs {
		out = append(out, lookalike{mine[p.A], theirs[p.B], p,
			m.Judge(p.Score, int(a.N[p.A]), int(b.N[p.B]), n, limits, false)})
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Cosine > out[j].Cosine })
	return out
}

// TestLookalikes: of the 500 pairs of two people who look most alike, by the cosine of their
// centroids, none is certain to be one person.
func TestLookalikes(t *testing.T) {
	prepared(t)
	k := embeddings(t, base.facescrub)
	one := sharedPeople(t)
	seen, tiers := 0, map[schemas.Tier]int{}
	for _, p := range compared(people(k.vectors[schemas.Set]), people(k.vectors["lfw"])) {
		if pair := p.a + " / " + p.b; one[pair] || sharedBeyondNames(pair) || p.Score <= 0 || seen == 500 {
			continue
		}
		seen++
		tiers[p.Tier]++
		if p.Tier.Sure() {
			t.Logf("%s / %s: %s, cosine %.3f, p %.4f", p.a, p.b, p.Tier, p.Cosine, p.P)
		}
	}
	t.Logf("%d pairs of look-alikes: tiers %v", seen, tiers)
	if seen != 500 || tiers[schemas.TierCertain] > 0 {
		t.Errorf("%d of %d are certain; want none of 500", tiers[schemas.TierCertain], seen)
	}
	if tiers[schemas.TierProbable] > 3 { // of 1.3 expected more with a probability of .04
		t.Errorf("%d are probable, of 1.3 that are expected", tiers[schemas.TierProbable])
	}
}

// TestDisguised: people of whose images the set holds the least usual half are found in a
// reference that holds the rest.
func TestDisguised(t *testing.T) {
	prepared(t)
	all := people(embeddings(t, base.facescrub).vectors["lfw"])
	set, reference := map[string][]schemas.Embedding{}, map[string][]schemas.Embedding{}
	for label, images := range all {
		reference[label] = images
		if len(images) >= 4 {
			odd := leastUsual(images)
			set[label], reference[label] = odd[:len(odd)/2], odd[len(odd)/2:]
		}
	}
	found, certain, wrong := 0, 0, 0
	for _, p := range compared(set, reference) {
		switch {
		case !p.Tier.Sure():
		case p.a != p.b:
			wrong++
			t.Logf("two by name: %s / %s: %s, cosine %.3f, p %.4f", p.a, p.b, p.Tier, p.Cosine, p.P)
		default:
			found++
			if p.Tier == schemas.TierCertain {
				certain++
			}
		}
	}
	t.Logf("found %d of %d people by their least usual images, %d of them certain; %d others", found, len(set), certain, wrong)
	if len(set) < 400 || found*100 < 95*len(set) || wrong*50 > found {
		t.Errorf("found %d of %d, %d others; want 95 %%, and 2 %% at most", found, len(set), wrong)
	}
}

// leastUsual orders images of one person, those first that are least like all others.
func leastUsual(images []schemas.Embedding) []schemas.Embedding {
	v := cluster.NewMatrix(len(images), len(images[0].Vector))
	all := make([]bool, len(images))
	for i, e := range images {
		copy(v.Row(i), e.Vector)
		cluster.Normalize(v.Row(i))
		all[i] = true
	}
	scores := cluster.KeptCentroid(v, all).Scores(v)
	order := make([]int, len(images))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return scores[order[i]] < scores[order[j]] })
	out := make([]schemas.Embedding, 0, len(images))
	for _, i := range order {
		out = append(out, images[i])
	}
	return out
}
