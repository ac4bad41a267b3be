package matching

import (
	"math"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/schemas"
)

// refusedRatio is the likelihood of one person to two below which the faces say no.
const refusedRatio = .1

// Limits are how many pairs of different people may reach a tier by chance, among
// all comparisons of a run.
type Limits struct {
	Certain  float64 // for schemas.TierCertain
	Probable float64 // for schemas.TierProbable; at least Certain
}

// fewMatches is up to how many matches Limits.Probable holds as it stands: half a false one of
// fifty is one in a hundred.
const fewMatches = 50

// Among returns the limits of a run with so many comparisons. Where the fit estimates more
// than fifty matches among them, Probable is that of each fifty: it then is a share of the
// matches (the false discovery rate: Benjamini & Hochberg 1995), as a number would be the
// harder to reach the more there is to find. Certain stays a number of the whole run.
func (l Limits) Among(m Model, comparisons float64) Limits {
	if m.Pairs > 0 {
		l.Probable *= max(1, m.Matches/m.Pairs*comparisons/fewMatches)
	}
	return l
}

// Limit is what a pair has to reach, by its faces, to be of a tier.
type Limit struct {
	Tier          schemas.Tier
	ExpectedFalse float64 // most false matches at its score or above among all comparisons
	P             float64 // least probability that the two are one person
}

// ByFaces returns the tiers that the faces decide, surest first.
func (l Limits) ByFaces() []Limit {
	return []Limit{
		{schemas.TierCertain, l.Certain, .95},
		{schemas.TierProbable, l.Probable, .5},
	}
}

// Lowered returns the tier of a pair of a tier that the faces decide, once its
// probability is another: the surest that it still reaches; none where it reaches none.
func (l Limits) Lowered(tier schemas.Tier, p float64) schemas.Tier {
	for _, x := range l.ByFaces() {
		if x.Tier.Rank() >= tier.Rank() && p >= x.P {
			return x.Tier
		}
	}
	return schemas.TierNone
}

// Match is what the model says about a candidate.
type Match struct {
	Tier          schemas.Tier
	P             float64 // probability that the two are one person
	ExpectedFalse float64 // false matches expected at this score or above among all comparisons
}

// Judge returns the tier of a pair of centroids of na and nb images, and its
// figures. A pair is of the first of limits.ByFaces that it reaches; the name decides
// nothing there. Below, a pair of one name is refused where the faces speak against it
// and left for review otherwise.
func (m Model) Judge(
	score float32, na, nb int, comparisons float64, limits Limits, nameMatch bool,
) Match {
	out := Match{
		P:             m.Probability(score, na, nb, comparisons),
		ExpectedFalse: m.ExpectedFalse(score, na, nb, comparisons),
	}
	if na < 1 || nb < 1 {
		out.P = 0
		if nameMatch {
			out.Tier = schemas.TierReview
		}
		return out
	}
	for _, l := range limits.ByFaces() {
		if out.ExpectedFalse <= l.ExpectedFalse && out.P >= l.P {
			out.Tier = l.Tier
			return out
		}
	}
	switch {
	case nameMatch && m.logRatio(score, na, nb) < cluster.Log(refusedRatio):
		out.Tier = schemas.TierRefused
	case nameMatch:
		out.Tier = schemas.TierReview
	}
	return out
}

// Floor returns the score, for the smallest identities, below which no pair
// reaches any of limits.ByFaces among so many comparisons, less a margin of one
// standard deviation: a floor for Candidates.
func (m Model) Floor(comparisons float64, limits Limits) float32 {
	loosest := 0.0
	for _, l := range limits.ByFaces() {
		loosest = max(loosest, l.ExpectedFalse)
	}
	lo, hi := 0.0, 30.0
	for range 50 {
		z := (lo + hi) / 2
		if comparisons*m.survival(z) > loosest {
			lo = z
		} else {
			hi = z
		}
	}
	sd := min(m.spread(1, 1), m.spread(math.MaxInt32, math.MaxInt32))
	return float32(m.ImpostorMean + float64(max(lo-1, 0)*sd))
}
