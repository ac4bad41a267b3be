// Package matching says which identities of two sources, or of one, are one
// person: a model of how alike the centroids of different people are is fitted to
// a run's own data, and turns the cosine of two centroids into a probability,
// an expected number of false matches and a tier. It also compares names.
//
// Centroids are unit vectors. Scores of different people follow a
// normal distribution with a generalised Pareto tail (peaks over threshold:
// Pickands 1975), whose parameters are shrunk to shipped ones in small sets.
// Results depend neither on the order of the identities nor on the number of
// goroutines or the processor.
package matching

import "github.com/facesieve/facesieve/cluster"

// Identities are the identities of one source: a row of Centroids, an element of N
// and one of Rho for each.
type Identities struct {
	Centroids cluster.Matrix // unit vectors as Centroid makes them; zero where no image is usable
	N         []int32        // images in each centroid
	Rho       []float32      // mean cosine between the images of each; 0 where unknown; may be nil
	Width     []float32      // how widely each scores, as Model.Measured has it; nil: not measured yet
}

// rho returns Rho of identity i, 0 where it is unknown.
func (p Identities) rho(i int) float32 {
	if i < len(p.Rho) {
		return p.Rho[i]
	}
	return 0
}

// Model says how alike the centroids of two different people are, and of one
// person, in one set and its references with one embedding model. It is fitted
// once a run and stored with it.
//
// Two centroids are compared in three forms. The cosine is that of the two. The
// score is the cosine after the mean of all centroids is subtracted from both: an
// embedding whose vectors all have a direction in common gives the scores of one
// whose vectors have none; its distance from the mean score of different people is
// then divided by the geometric mean of the two widths (Measured). The standard
// score is the score's distance from the
// mean score of different people, in standard deviations, for centroids of as
// many images.
type Model struct {
	Mean          []float32 `json:"mean"`           // of all centroids, shrunk; subtracted from each
	ImpostorMean  float64   `json:"impostor_mean"`  // mean score of two different people
	ImpostorNoise float64   `json:"impostor_noise"` // its variance where identity explains nothing
	ImpostorShare float64   `json:"impostor_share"` // what the variance gains where identity explains all
	ImageGenuine  float64   `json:"image_genuine"`  // mean score of two images of one person, of one source
	CrossGenuine  float64   `json:"cross_genuine"`  // the same, of the two sources compared
	Spread        float64   `json:"spread"`         // standard deviation of CrossGenuine between people
	TailRate      float64   `json:"tail_rate"`      // share of different people whose standard score is above 3
	TailScale     float64   `json:"tail_scale"`     // scale of the generalised Pareto distribution above 3
	TailShape     float64   `json:"tail_shape"`     // its shape
	Pairs         float64   `json:"pairs"`          // of the sources compared, that the fit looked at
	Matches       float64   `json:"matches"`        // how many of those are one person, as the fit estimates
	Basis         string    `json:"basis"`          // what the tail rests on, for the reader of a report
	Cohort        float64   `json:"cohort"`         // identities that Moments are of; 0: none are measured
	CohortShare   float64   `json:"cohort_share"`   // mean of what images of one person share, among their centroids
	Moments       []float32 `json:"moments"`        // mean products of two elements of centroids without the mean
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

// FitSplits returns the model of pairs within the set, for two labels of one
// person. Where the set is small, the references lend the shape of the tail of the
// scores of different people.
func FitSplits(set Identities, references []Identities) Model {
	f := newFitter(append([]Identities{set}, references...))
	f.compare(0, 0)
	for s := 1; s < len(f.sources); s++ {
		f.assist(s)
	}
	return f.model()
}
