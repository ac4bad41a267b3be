// Package matching says which identities of two sources, or of one, are one
// person: a model of how alike the centroids of different people are is fitted to
// a run's own data, and turns the similarity of two centroids into a probability,
// an expected number of false matches and a tier. It also compares names.
//
// Similarities are cosines of unit centroids. Scores of different people follow a
// normal distribution with a generalised Pareto tail (peaks over threshold:
// Pickands 1975), whose parameters are shrunk to shipped ones in small sets.
// Results depend neither on the order of the identities nor on the number of
// goroutines or the processor.
package matching

import "github.com/facesieve/facesieve/cluster"

// Identities are the identities of one source.
type Identities struct {
	Centroids cluster.Matrix // one row an identity: its unit trimmed centroid; zero where it has no usable image
	N         []int32        // usable images behind each centroid
	Rho       []float32      // mean cosine between the images of each; 0 where unknown; may be nil
}

func (p Identities) rho(i int) float32 {
	if i < len(p.Rho) {
		return p.Rho[i]
	}
	return 0
}

// Model says how alike the centroids of two different people are, and of
// one person, in one set and its references with one embedding model. It is
// fitted once a run and stored with it.
//
// A similarity passes three forms. The cosine is that of the two centroids. The
// score is the cosine after the direction that all people share is taken out of
// both: a model whose vectors all lean one way gives the scores of one whose
// vectors do not. The standard score is the score in units of the mean and the
// spread of the scores of different people, for centroids of these sizes.
type Model struct {
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

// FitReference returns the model of pairs of an identity of the set and one of a
// reference. Fit one for each reference: sources differ. All pairs are looked at,
// or those among an even sample of the identities; the result depends neither on
// the order of the identities nor on their labels.
func FitReference(set, reference Identities) Model {
	f := newFitter([]Identities{set, reference})
	f.compare(0, 1)
	for s := range f.sources {
		f.assist(s)
	}
	return f.model()
}

// FitSplits is the model of pairs within the set: two labels, one person. Where
// the set is small, the references lend the shape of the impostors' tail.
func FitSplits(set Identities, references []Identities) Model {
	f := newFitter(append([]Identities{set}, references...))
	f.compare(0, 0)
	for s := 1; s < len(f.sources); s++ {
		f.assist(s)
	}
	return f.model()
}
