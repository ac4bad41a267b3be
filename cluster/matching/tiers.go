package matching

import (
	"math"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/schemas"
)

const (
	certainP     = 0.95 // least probability of schemas.TierCertain
	probableP    = 0.5  // least probability of schemas.TierProbable
	refusedRatio = 0.1  // likelihood of one person to two, below which the faces say no
)

// Limits are how many pairs of different people may reach a tier by chance, among
// all comparisons of a run.
type Limits struct {
	Certain  float64 // for schemas.TierCertain
	Probable float64 // for schemas.TierProbable; at least Certain
}

// Match is what the model says about a candidate.
type Match struct {
	Tier          schemas.Tier
	P             float64 // probability that the two are one person
	ExpectedFalse float64 // false matches expected at this score or above among all comparisons
}

// Judge returns the tier of a pair of centroids of na and nb images, and its
// figures: certain where at most limits.Certain pairs of different people are
// expected to reach its score among all comparisons of the run, probable where at
// most limits.Probable are; the pair itself must be one person with a probability
// of 0.95 and 0.5. The name decides nothing there; below, a pair of one name is
// refused where the faces speak against it and left for review otherwise.
func (m Model) Judge(
	score float32, na, nb int, comparisons float64, limits Limits, nameMatch bool,
) Match {
	out := Match{
		P:             m.Probability(score, na, nb, comparisons),
		ExpectedFalse: m.ExpectedFalse(score, na, nb, comparisons),
	}
	switch {
	case na < 1 || nb < 1:
		out.P = 0
		if nameMatch {
			out.Tier = schemas.TierReview
		}
	case out.ExpectedFalse <= limits.Certain && out.P >= certainP:
		out.Tier = schemas.TierCertain
	case out.ExpectedFalse <= limits.Probable && out.P >= probableP:
		out.Tier = schemas.TierProbable
	case nameMatch && m.logRatio(score, na, nb) < cluster.Log(refusedRatio):
		out.Tier = schemas.TierRefused
	case nameMatch:
		out.Tier = schemas.TierReview
	}
	return out
}

// Floor returns the score, for the smallest identities, below which no pair
// reaches schemas.TierProbable among so many comparisons, less a margin of one
// standard deviation: a floor for Candidates.
func (m Model) Floor(comparisons float64, limits Limits) float32 {
	lo, hi := 0.0, 30.0
	for range 50 {
		z := (lo + hi) / 2
		if comparisons*m.survival(z) > limits.Probable {
			lo = z
		} else {
			hi = z
		}
	}
	sd := min(m.spread(1, 1), m.spread(math.MaxInt32, math.MaxInt32))
	return float32(m.ImpostorMean + float64(max(lo-1, 0)*sd))
}
