package matching

import (
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// usual are the limits of the tiers that runs have unless told otherwise.
var usual = Limits{Certain: .01, Probable: .5}

func TestLimitsMoveTheTiersAndTheFloor(t *testing.T) {
	set := newPopulation(9, 80, 0).identities(0, 80, 12)
	m := FitSplits(set, nil)
	const comparisons = 80 * 79 / 2
	strict, loose := Limits{Certain: 1e-6, Probable: 1e-5}, Limits{Certain: 5, Probable: 50}
	a, b, c := m.Floor(comparisons, strict), m.Floor(comparisons, usual), m.Floor(comparisons, loose)
	if a < b || b <= c {
		t.Errorf("floors %v, %v, %v; want them to fall", a, b, c)
	}
	moved := 0
	for s := float32(-1); s <= 1; s += .01 {
		last := 0
		for _, l := range []Limits{strict, usual, loose} {
			j := m.Judge(s, 5, 5, comparisons, l, false)
			rank := schemas.TierNone.Rank() - j.Tier.Rank()
			if rank < last {
				t.Errorf("score %.2f: %q under looser limits", s, j.Tier)
			}
			if rank > last && l != strict {
				moved++
			}
			if j.Tier != schemas.TierNone && j.ExpectedFalse > loosest(l) {
				t.Errorf("score %.2f: %q with %g false matches expected", s, j.Tier, j.ExpectedFalse)
			}
			last = rank
		}
	}
	if moved == 0 {
		t.Error("no limit moved any tier")
	}
}

func loosest(l Limits) float64 {
	all := l.ByFaces()
	return all[len(all)-1].ExpectedFalse
}

// Tiers by the faces stand in the order of schemas.Tiers, each easier to reach than
// the one before.
func TestTiersByFacesAreOrdered(t *testing.T) {
	for _, l := range []Limits{usual, {Certain: 5, Probable: 50}} {
		all := l.ByFaces()
		for i, x := range all {
			if !x.Tier.Known() {
				t.Errorf("tier %q is not one of schemas.Tiers", x.Tier)
			}
			if i == 0 {
				continue
			}
			if before := all[i-1]; before.Tier.Rank() >= x.Tier.Rank() || before.ExpectedFalse > x.ExpectedFalse ||
				before.P < x.P {
				t.Errorf("%+v stands before %+v", before, x)
			}
		}
	}
}

// A pair whose probability falls goes down the tiers, and never up.
func TestLowered(t *testing.T) {
	for _, c := range []struct {
		tier schemas.Tier
		p    float64
		want schemas.Tier
	}{
		{schemas.TierCertain, .99, schemas.TierCertain},
		{schemas.TierCertain, .9, schemas.TierProbable},
		{schemas.TierCertain, .4, schemas.TierNone},
		{schemas.TierProbable, .99, schemas.TierProbable},
		{schemas.TierProbable, 0, schemas.TierNone},
	} {
		if got := usual.Lowered(c.tier, c.p); got != c.want {
			t.Errorf("%s at p %g is %q; want %q", c.tier, c.p, got, c.want)
		}
	}
}
