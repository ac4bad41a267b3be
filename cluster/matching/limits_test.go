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
	if a <= b || b <= c {
		t.Errorf("floors %v, %v, %v; want each lower", a, b, c)
	}
	moved := 0
	for s := float32(-1); s <= 1; s += .01 {
		last := 0
		for _, l := range []Limits{strict, usual, loose} {
			j := m.Judge(s, 5, 5, comparisons, l, false)
			rank := map[schemas.Tier]int{schemas.TierNone: 0, schemas.TierProbable: 1, schemas.TierCertain: 2}[j.Tier]
			if rank < last {
				t.Errorf("score %.2f: %q under looser limits", s, j.Tier)
			}
			if rank > last && l != strict {
				moved++
			}
			if j.Tier != schemas.TierNone && j.ExpectedFalse > l.Probable {
				t.Errorf("score %.2f: %q with %g false matches expected", s, j.Tier, j.ExpectedFalse)
			}
			last = rank
		}
	}
	if moved == 0 {
		t.Error("no limit moved any tier")
	}
}
