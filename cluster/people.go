package cluster

import "math"

// People are the identities of one source.
type People struct {
	Centroids Matrix    // one row an identity: its unit trimmed centroid; zero where it has no usable image
	N         []int32   // usable images behind each centroid
	Rho       []float32 // mean cosine between the images of each; 0 where unknown; may be nil
}

func (p People) rho(i int) float32 {
	if i < len(p.Rho) {
		return p.Rho[i]
	}
	return 0
}

// PeopleModel says how alike the centroids of two different people are, and of
// one person, in one set and its references with one embedding model. It is
// fitted once a run and stored with it.
//
// A similarity passes three forms. The cosine is that of the two centroids. The
// score is the cosine after the direction that all people share is taken out of
// both: a model whose vectors all lean one way gives the scores of one whose
// vectors do not. The standard score is the score in units of the mean and the
// spread of the scores of different people, for centroids of these sizes.
type PeopleModel struct {
	Mean          []float32 `json:"mean"`           // what all centroids share; subtracted from each
	ImpostorMean  float64   `json:"impostor_mean"`  // mean score of two different people
	ImpostorNoise float64   `json:"impostor_noise"` // variance of that score where identity explains nothing of the centroids
	ImpostorShare float64   `json:"impostor_share"` // what it gains where identity explains all
	ImageGenuine  float64   `json:"image_genuine"`  // mean centred cosine of two images of one person, one source
	CrossGenuine  float64   `json:"cross_genuine"`  // the same between the sources compared here
	Spread        float64   `json:"spread"`         // standard deviation of CrossGenuine between people
	TailRate      float64   `json:"tail_rate"`      // share of different people whose standard score is above 3
	TailScale     float64   `json:"tail_scale"`     // scale of the generalised Pareto distribution above 3
	TailShape     float64   `json:"tail_shape"`     // its shape
	Pairs         float64   `json:"pairs"`          // pairs that the fit looked at, of the sources compared here
	Matches       float64   `json:"matches"`        // how many of those are one person, by the fit's own estimate
	Basis         string    `json:"basis"`          // what the tail rests on, for a reader
}

// FitPeople is the model of pairs between the set and its references; without a
// reference, of pairs within the set. Fit it once for the splits of a set
// (FitSplits) and once for each reference: sources differ. All pairs are looked
// at, or those among an even sample of the people; the result depends neither on
// the order of the identities nor on their labels.
func FitPeople(set People, references []People) PeopleModel {
	if len(references) == 0 {
		return FitSplits(set, nil)
	}
	f := newPeopleFit(append([]People{set}, references...))
	for r := range references {
		f.target(0, r+1)
	}
	for s := range f.sources {
		f.donor(s)
	}
	return f.model()
}

// FitSplits is the model of pairs within the set: two labels, one person. Where
// the set is small, the references lend the shape of the impostors' tail.
func FitSplits(set People, references []People) PeopleModel {
	f := newPeopleFit(append([]People{set}, references...))
	f.target(0, 0)
	for s := 1; s < len(f.sources); s++ {
		f.donor(s)
	}
	return f.model()
}

// share is how much of a centroid of n images is its person, and not the
// accidents of the images: the square of the cosine between the centroid and
// that of endlessly many images.
func (m PeopleModel) share(n int) float64 {
	k := float64(max(n, 1))
	return k * m.ImageGenuine / (1 + (k-1)*m.ImageGenuine)
}

// spread is the standard deviation of the scores of two different people.
func (m PeopleModel) spread(na, nb int) float64 {
	v := m.ImpostorNoise + m.ImpostorShare*m.share(na)*m.share(nb)
	return math.Sqrt(max(v, minVariance))
}

// genuine is the mean and the spread of the scores of one person's centroids.
func (m PeopleModel) genuine(na, nb int) (mean, spread float64) {
	grow := math.Sqrt(m.share(na)*m.share(nb)) / max(m.ImageGenuine, 1e-6)
	return min(m.CrossGenuine*grow, 1), m.Spread * max(1, math.Sqrt(grow))
}

// Standard is the score of two centroids of na and nb images, made comparable
// over sizes: its distance from the mean of different people in their spreads.
func (m PeopleModel) Standard(score float32, na, nb int) float64 {
	return (float64(score) - m.ImpostorMean) / m.spread(na, nb)
}

// ExpectedFalse is the number of pairs of different people that reach this score
// or a higher one, among so many comparisons.
func (m PeopleModel) ExpectedFalse(score float32, na, nb int, comparisons float64) float64 {
	return comparisons * m.survival(m.Standard(score, na, nb))
}

// Probability is that the two centroids are of one person, where the prior is
// the share of true matches that the fit found among its pairs, and at least
// half a match among so many comparisons.
func (m PeopleModel) Probability(score float32, na, nb int, comparisons float64) float64 {
	rate := 0.5 / max(comparisons, 1)
	if m.Pairs > 0 {
		rate = max(rate, m.Matches/m.Pairs)
	}
	rate = min(rate, 0.5)
	odds := rate / (1 - rate) * math.Exp(m.logRatio(score, na, nb))
	return odds / (1 + odds)
}

// logRatio is the log-likelihood ratio of one person to two. It never falls as
// the score grows.
func (m PeopleModel) logRatio(score float32, na, nb int) float64 {
	mean, spread := m.genuine(na, nb)
	// Above the mean of one person, being still more alike is no counter-evidence.
	d := min((float64(score)-mean)/spread, 0)
	sd := m.spread(na, nb)
	// One person in ten is wider spread: childhood photographs, bad images.
	g := math.Log(0.9*normalDensity(d)+0.1*normalDensity(d/2)/2) + math.Log(sd/spread)
	return min(g-m.logDensity(m.Standard(score, na, nb)), 60)
}

func normalDensity(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }
