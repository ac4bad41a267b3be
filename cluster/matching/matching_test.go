package matching

import (
	"fmt"
	"reflect"
	"runtime"
	"testing"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/schemas"
)

// tiers judges all candidates of two sources and counts the tiers of true and
// of false pairs.
func tiers(m Model, set, ref Identities, truth func(a, b int) bool) (found, wrong map[schemas.Tier]int) {
	found, wrong = map[schemas.Tier]int{}, map[schemas.Tier]int{}
	comparisons := float64(set.Centroids.Rows) * float64(ref.Centroids.Rows)
	pairs, _ := m.Candidates(set, ref, -1, m.Floor(comparisons, usual))
	for _, c := range pairs {
		tier := m.Judge(c.Score, int(set.N[c.A]), int(ref.N[c.B]), comparisons, usual, false).Tier
		if truth(c.A, c.B) {
			found[tier]++
		} else {
			wrong[tier]++
		}
	}
	return found, wrong
}

func TestOverlapFoundAndFalseMatchesAsRareAsStated(t *testing.T) {
	const seeds, shared = 24, 20
	for _, common := range []float64{0, 0.8165} {
		t.Run(fmt.Sprint("common direction ", common), func(t *testing.T) {
			certain, matched, falseCertain, falseMatched := 0, 0, 0, 0
			for seed := range uint64(seeds) {
				c := newPopulation(seed, 300, common)
				set, ref := c.identities(0, 120, 6), c.identities(100, 300, 3)
				found, wrong := tiers(FitReference(set, ref), set, ref, func(a, b int) bool { return a == b+100 })
				certain += found[schemas.TierCertain]
				matched += found[schemas.TierCertain] + found[schemas.TierProbable]
				falseCertain += wrong[schemas.TierCertain]
				falseMatched += wrong[schemas.TierCertain] + wrong[schemas.TierProbable]
			}
			t.Logf("certain %d, matched %d of %d; false: certain %d, matched %d",
				certain, matched, seeds*shared, falseCertain, falseMatched)
			if matched < seeds*shared*97/100 || certain < seeds*shared*85/100 {
				t.Errorf("found %d, %d of them certain, of %d", matched, certain, seeds*shared)
			}
			// 0.24 and 12 are expected; a rate twice as high is as good as excluded.
			if falseCertain > 3 || falseMatched > 24 {
				t.Errorf("%d false certain, %d false matches in %d runs", falseCertain, falseMatched, seeds)
			}
		})
	}
}

func TestExpectedFalseIsWhatHappens(t *testing.T) {
	for _, common := range []float64{0, 0.8165} {
		var expected, happened float64
		for seed := range uint64(20) {
			c := newPopulation(100+seed, 400, common)
			set, ref := c.identities(0, 150, 8), c.identities(150, 400, 2)
			m := FitReference(set, ref)
			comparisons := 150 * 250.0
			pairs, _ := m.Candidates(set, ref, -1, 0)
			for _, p := range pairs {
				if m.ExpectedFalse(p.Score, int(set.N[p.A]), int(ref.N[p.B]), comparisons) <= 2 {
					happened++
				}
			}
			expected += 2
		}
		t.Logf("common direction %v: expected %v, happened %v", common, expected, happened)
		if happened > 2*expected || happened < expected/4 {
			t.Errorf("common direction %v: %v false matches expected, %v happened", common, expected, happened)
		}
	}
}

func TestCommonDirectionChangesNoTier(t *testing.T) {
	judge := func(common float64) (map[[2]int]schemas.Tier, int) {
		c := newPopulation(5, 200, common)
		set, ref := c.identities(0, 90, 6), c.identities(60, 200, 3)
		m := FitReference(set, ref)
		out, scorer := map[[2]int]schemas.Tier{}, m.Scorer(set, ref)
		for a := range 90 {
			for b := range 140 {
				p := scorer.Pair(a, b)
				out[[2]int{a, b}] = m.Judge(p.Score, int(set.N[a]), int(ref.N[b]), 90*140, usual, a == b+60).Tier
			}
		}
		return out, 30
	}
	plain, shared := judge(0)
	withCommon, _ := judge(0.8165)
	differ := 0
	for k, tier := range plain {
		if (tier == schemas.TierNone) != (withCommon[k] == schemas.TierNone) {
			t.Errorf("pair %v: %q, with a common direction %q", k, tier, withCommon[k])
		}
		if tier != withCommon[k] {
			differ++
		}
	}
	if differ > shared/5 {
		t.Errorf("%d pairs of %d change their tier", differ, shared)
	}
}

func TestSplitsFound(t *testing.T) {
	c := newPopulation(9, 500, 0)
	set := c.identities(0, 200, 6)
	again := c.identities(0, 15, 4) // fifteen people stand under a second label
	set.Centroids.Data = append(set.Centroids.Data, again.Centroids.Data...)
	set.Centroids.Rows += 15
	set.N, set.Rho = append(set.N, again.N...), append(set.Rho, again.Rho...)
	m := FitSplits(set, nil)
	comparisons := 215 * 214 / 2.0
	pairs, best := m.Candidates(set, set, 0, m.Floor(comparisons, usual))
	found := 0
	for _, p := range pairs {
		if p.B <= p.A {
			t.Fatalf("pair %d, %d is listed backwards", p.A, p.B)
		}
		match := m.Judge(p.Score, int(set.N[p.A]), int(set.N[p.B]), comparisons, usual, false)
		if match.Tier == schemas.TierNone {
			continue
		}
		if p.B != p.A+200 {
			t.Errorf("%d and %d are called one person", p.A, p.B)
		}
		found++
	}
	if found < 14 {
		t.Errorf("%d of 15 splits found", found)
	}
	for a := range 15 {
		if best[a].Index != a+200 || best[a+200].Index != a {
			t.Errorf("nearest of %d is %d", a, best[a].Index)
		}
	}
}

func TestFewIdentities(t *testing.T) {
	found, wrong := 0, 0
	for seed := range uint64(10) {
		c := newPopulation(200+seed, 1000, 0)
		set, ref := c.identities(0, 24, 60), c.identities(19, 900, 3)
		m := FitReference(set, ref)
		f, w := tiers(m, set, ref, func(a, b int) bool { return a == b+19 })
		found += f[schemas.TierCertain] + f[schemas.TierProbable]
		wrong += w[schemas.TierCertain] + w[schemas.TierProbable]
		alone := FitSplits(set, nil)
		if alone.Basis == m.Basis {
			t.Fatalf("nothing tells the two apart: %s", m.Basis)
		}
		pairs, _ := alone.Candidates(set, set, 0, -1)
		for _, p := range pairs {
			if alone.Judge(p.Score, int(set.N[p.A]), int(set.N[p.B]), 276, usual, false).Tier.Sure() {
				wrong++
			}
		}
	}
	if found < 48 || wrong > 10 {
		t.Errorf("%d of 50 found, %d wrong", found, wrong)
	}
}

func TestNamesDecideOnlyBelow(t *testing.T) {
	c := newPopulation(11, 300, 0)
	set, ref := c.identities(0, 150, 4), c.identities(140, 300, 3)
	m := FitReference(set, ref)
	comparisons := 150 * 160.0
	last, seen := schemas.TierRefused, map[schemas.Tier]bool{}
	byFaces := map[schemas.Tier]bool{}
	for _, l := range usual.ByFaces() {
		byFaces[l.Tier] = true
	}
	for s := float32(-0.5); s <= 1; s += 0.005 {
		with, without := m.Judge(s, 3, 2, comparisons, usual, true), m.Judge(s, 3, 2, comparisons, usual, false)
		seen[with.Tier] = true
		if with.P != without.P || with.ExpectedFalse != without.ExpectedFalse {
			t.Fatalf("the name changes a figure at %v", s)
		}
		if byFaces[with.Tier] && with.Tier != without.Tier || !byFaces[with.Tier] && without.Tier != schemas.TierNone {
			t.Fatalf("the name decides at %v: %q, %q", s, with.Tier, without.Tier)
		}
		if with.Tier.Rank() > last.Rank() {
			t.Fatalf("a higher score, %v, has a weaker tier %q", s, with.Tier)
		}
		last = with.Tier
	}
	for _, tier := range schemas.Tiers() {
		if tier != schemas.TierSameImage && !seen[tier] {
			t.Errorf("no score is %q", tier)
		}
	}
}

func TestOrderAndGoroutinesChangeNothing(t *testing.T) {
	c := newPopulation(13, 300, 0.5)
	set, ref := c.identities(0, 130, 5), c.identities(120, 300, 3)
	m := FitReference(set, ref)
	order := c.r.Perm(130)
	mixed := Identities{Centroids: cluster.NewMatrix(130, c.cols)}
	for k, i := range order {
		copy(mixed.Centroids.Row(k), set.Centroids.Row(i))
		mixed.N, mixed.Rho = append(mixed.N, set.N[i]), append(mixed.Rho, set.Rho[i])
	}
	if again := FitReference(mixed, ref); !reflect.DeepEqual(m, again) {
		t.Errorf("another order, another model:\n%+v\n%+v", m, again)
	}
	pairs, best := m.Candidates(set, ref, -1, 0.2)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	alone, bestAlone := m.Candidates(set, ref, -1, 0.2)
	if !reflect.DeepEqual(pairs, alone) || !reflect.DeepEqual(best, bestAlone) {
		t.Error("another number of goroutines, another result")
	}
	// A part of the rows gives that part of the pairs.
	part := Identities{
		Centroids: cluster.Matrix{Rows: 30, Cols: c.cols, Data: set.Centroids.Data[50*c.cols : 80*c.cols]},
		N:         set.N[50:80],
	}
	some, _ := m.Candidates(part, ref, -1, 0.2)
	k := 0
	for _, p := range pairs {
		if p.A >= 50 && p.A < 80 {
			p.A -= 50
			if k >= len(some) || some[k] != p {
				t.Fatalf("pair %+v is missing from its part", p)
			}
			k++
		}
	}
	if k != len(some) {
		t.Errorf("%d pairs, %d from the part alone", k, len(some))
	}
}
