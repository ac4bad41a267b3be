package labelnoise

import (
	"math"

	"github.com/facesieve/facesieve/cluster"
)

// Variant is an image as it stands, or as it would be under a wrong label.
type Variant uint8

// The variants of an image.
const (
	AsItStands        Variant = iota // under its label
	RandomFlip                       // under a random other label
	NearFlip                         // under the label of the most similar other identity
	Stranger                         // under a random other label, its own identity not in the set
	StrangerInCompany                // the same, with up to MostCompany of its identity's images about
	Guest                            // the same, these standing under the new label too
	VariantCount
)

// MostCompany is the share of an identity's images that are about at most where it is
// taken away but for some.
const MostCompany = .4

// kind returns whom an image shows in a variant, and how much the variant counts for.
// Half of the flips are simulated to the most similar identity, for these are the hard ones.
func (v Variant) kind() (Kind, float64) {
	switch v {
	case RandomFlip:
		return Flip, 1 - hardShare
	case NearFlip:
		return Flip, hardShare
	case Stranger:
		return Outlier, 1
	case StrangerInCompany, Guest:
		return OutlierInCompany, .5
	}
	return Clean, 1
}

const hardShare = .5 // share of simulated flips that go to the most similar identity

// Example is one image of the set with what is measured of it in each variant. A
// variant that the set has no room for has an Own that is NaN.
type Example struct {
	Path     string // of the image
	Identity int    // number of the image's label
	As       [VariantCount]Evidence
}

// Sample is what the model of one set is fitted to.
type Sample struct {
	Examples []Example // of whole identities
	Random   []float32 // cosine of each image to a random other identity's centroid
	Within   []float32 // cosines of random pairs of images with one label
	Across   []float32 // cosines of random pairs of images with two labels

	Identities int // identities in the whole set
}

// simulation is the examples as the model is fitted to them.
type simulation struct {
	x     [VariantCount][]Features // scaled, of each example
	holds [VariantCount][]bool     // whether the example has the variant
	right []float64                // how far each example is presumed to have the right label
}

// simulate turns the examples into features.
func simulate(examples []Example, m *Model) *simulation {
	n := len(examples)
	s := &simulation{right: make([]float64, n)}
	for v := range VariantCount {
		s.x[v], s.holds[v] = make([]Features, n), make([]bool, n)
	}
	for i := range examples {
		for v := range VariantCount {
			e := &examples[i].As[v]
			f := newFeatures(e, m.Units)
			if v == AsItStands {
				s.right[i] = presumedRight(&f)
			}
			s.x[v][i], s.holds[v][i] = f.scaled(&m.Center, &m.Scale), finite(e.Own)
		}
	}
	return s
}

// presumedRight returns how far an image is presumed to have the right label before
// anything is fitted: high for own scores that impostors do not reach and that the
// best other does not surpass by much. It is not computed again from the fitted model,
// which would distrust the hard but right images more in each round.
func presumedRight(f *Features) float64 {
	own, other := f[featureOwn], f[featureOther]
	right := 1 / (1 + cluster.Exp(3-2*own))
	return right / (1 + cluster.Exp(1.5*(other-own-1)))
}

// Observation is an image in one variant, as a model is fitted to it.
type Observation struct {
	Example  int // of the sample
	Variant  Variant
	Kind     Kind
	Share    float64 // how much the variant counts for
	Features Features
}

// Observations returns the features of a sample's images in all their variants, in
// units that lean on those of the prior where there are few identities: what a Prior's
// weights are learnt from where the truth is known.
func Observations(s Sample, p Prior) []Observation {
	var out []Observation
	u := units(s, p)
	for i := range s.Examples {
		for v := range VariantCount {
			if e := &s.Examples[i].As[v]; finite(e.Own) {
				kind, share := v.kind()
				out = append(out, Observation{i, v, kind, share, newFeatures(e, u)})
			}
		}
	}
	return out
}

// observations returns what the kinds are told apart by: all variants of all examples,
// each weighted by how far its image is presumed right.
func (s *simulation) observations() softmax {
	var o softmax
	for v := range VariantCount {
		kind, share := v.kind()
		for i, x := range s.x[v] {
			if s.holds[v][i] {
				o.x, o.kind = append(o.x, x), append(o.kind, kind)
				o.weight = append(o.weight, float64(s.right[i]*share))
			}
		}
	}
	return o
}

// shares estimates the shares of the kinds among the examples as they stand by
// expectation maximisation (Saerens et al. 2002).
func (s *simulation) shares(w *Weights, from startShares) Shares {
	const rounds = 200
	start := from.shares.list()
	share := start
	var likelihood [][kindCount]float64
	for i, x := range s.x[AsItStands] {
		if !s.holds[AsItStands][i] {
			continue
		}
		l := [kindCount]float64{Clean: 1}
		for k, odds := range w.odds(x) {
			l[k+1] = cluster.Exp(math.Min(odds, 300))
		}
		likelihood = append(likelihood, l)
	}
	n := float64(len(likelihood))
	for range rounds {
		var sum [kindCount]float64
		for k, s := range start {
			sum[k] = float64(s * from.images)
		}
		for i := range likelihood {
			var p [kindCount]float64
			total := 0.0
			for k, l := range likelihood[i] {
				p[k] = float64(l * share[k])
				total += p[k]
			}
			for k := range p {
				sum[k] += p[k] / total
			}
		}
		share = divided(sum, start, n+from.images)
	}
	return newShares(share)
}

// startShares are the shares that an estimate starts from, and for how many images
// they count in it.
type startShares struct {
	shares Shares
	images float64
}

// splitCount is how many wrong images the division of noise into its kinds starts from.
const splitCount = 2.0

// divided returns the shares that follow from the expected numbers of images of each
// kind, total in all. How noise divides into kinds leans on start by splitCount images,
// since a set may have but one or two that are wrong.
func divided(sum, start [kindCount]float64, total float64) (share [kindCount]float64) {
	noise := total - sum[Clean]
	for k := range share {
		even := start[k] / (1 - start[Clean])
		share[k] = noise / total * (sum[k] + float64(splitCount*even)) / (noise + splitCount)
	}
	share[Clean] = sum[Clean] / total
	return share
}
