package labelnoise

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/facesieve/facesieve/cluster"
)

// The features that the log-odds of a kind are a weighted sum of, by their index in
// Features. A further one is one more constant here, its name in featureNames and
// its value in newFeatures; its weights come from bench/quality (see
// docs/add-a-feature-to-the-judge.md).
const (
	featureConstant      = iota // 1
	featureOwn                  // cosine to the own centroid
	featureOther                // cosine to the best other centroid
	featureVote                 // share that the label has among the nearest images
	featureFiveOwn              // mean cosine to its five nearest images
	featureFiveOther            // mean cosine to the five nearest of these
	featureTypical              // median own score of the label
	featureDetector             // the detector's score
	featureLength               // logarithm of the embedding's length
	featureOwnSquared           // and products
	featureOtherSquared         //
	featureOwnOther             //
	featureOwnDetector          //
	featureOtherDetector        //
	featureOwnLength            //
	featureOtherLength          //
	featureCount
)

// featureNames returns the features' names in stored models, by index.
func featureNames() [featureCount]string {
	return [featureCount]string{
		featureConstant:      "constant",
		featureOwn:           "own",
		featureOther:         "other",
		featureVote:          "vote",
		featureFiveOwn:       "five_own_images",
		featureFiveOther:     "five_other_images",
		featureTypical:       "typical_own",
		featureDetector:      "detector",
		featureLength:        "length",
		featureOwnSquared:    "own_squared",
		featureOtherSquared:  "other_squared",
		featureOwnOther:      "own_other",
		featureOwnDetector:   "own_detector",
		featureOtherDetector: "other_detector",
		featureOwnLength:     "own_length",
		featureOtherLength:   "other_length",
	}
}

// FeatureNames returns the names of the features in the order of Features.
func FeatureNames() []string {
	names := featureNames()
	return names[:]
}

// Features are one number for each feature: its value, its weight or its scale. As
// JSON they are an object with the features' names.
type Features [featureCount]float64

// Units is what a set's evidence is counted in.
type Units struct {
	Mean      float64 `json:"impostor_mean"`   // of an image's cosine to a random other identity's centroid
	Spread    float64 `json:"impostor_spread"` // its standard deviation
	LogLength float64 `json:"log_length"`      // median logarithm of the embeddings' lengths
	Detector  float64 `json:"detector"`        // median score of the detector
	Typical   float64 `json:"typical_own"`     // median of that feature
}

// What a detector's score is counted in, from the set's median, and how low it and the
// logarithm of the length may fall: what is less of a face than all that the weights
// were learnt from proves no more.
const (
	detectorUnit   = .05
	detectorLowest = -8
	lengthLowest   = -.3
)

// newFeatures returns an image's features. What is not known counts as what a set
// has on average.
func newFeatures(e *Evidence, u Units) Features {
	own, other, typical := u.cosine(e.Own), u.cosine(e.Other), u.Typical
	detector, length := 0.0, 0.0
	if finite(e.Typical) {
		typical = u.cosine(e.Typical)
	}
	if finite(e.Detector) {
		detector = math.Max((float64(e.Detector)-u.Detector)/detectorUnit, detectorLowest)
	}
	if finite(e.Length) && e.Length > 0 {
		length = math.Max(cluster.Log(float64(e.Length))-u.LogLength, lengthLowest)
	}
	return Features{
		featureConstant:      1,
		featureOwn:           own,
		featureOther:         other,
		featureVote:          vote(e.OwnImages, e.OtherImages),
		featureFiveOwn:       u.mean(e.OwnImages, 5),
		featureFiveOther:     u.mean(e.OtherImages, 5),
		featureTypical:       typical,
		featureDetector:      detector,
		featureLength:        length,
		featureOwnSquared:    own * own,
		featureOtherSquared:  other * other,
		featureOwnOther:      own * other,
		featureOwnDetector:   own * detector,
		featureOtherDetector: other * detector,
		featureOwnLength:     own * length,
		featureOtherLength:   other * length,
	}
}

// cosine returns a cosine in spreads above the impostor mean. What lies below the mean
// counts as the mean: two strangers are no more strangers for being less alike.
func (u Units) cosine(x float32) float64 {
	if !finite(x) {
		return 0
	}
	return math.Max((float64(x)-u.Mean)/math.Max(u.Spread, leastSpread), 0)
}

const leastSpread = 1e-3

// mean returns the mean of the first n cosines, those that are missing being 0.
func (u Units) mean(cosines []float32, n int) float64 {
	sum := 0.0
	for _, x := range cosines[:min(n, len(cosines))] {
		sum += float64(x)
	}
	return u.cosine(float32(sum / float64(n)))
}

// vote returns the share that the first list has among the best ten of two descending
// lists, each cosine counting by its square.
func vote(own, other []float32) float64 {
	var mine, all float64
	for range Neighbours {
		x, isOwn := float32(0), false
		switch {
		case len(own) > 0 && (len(other) == 0 || own[0] >= other[0]):
			x, own, isOwn = own[0], own[1:], true
		case len(other) > 0:
			x, other = other[0], other[1:]
		}
		weight := math.Max(float64(x), 0)
		weight = float64(weight * weight)
		all += weight
		if isOwn {
			mine += weight
		}
	}
	return mine / math.Max(all, 1e-6)
}

// scaled returns the features as they are weighed.
func (f Features) scaled(center, scale *Features) Features {
	for i := range f {
		f[i] = (f[i] - center[i]) / scale[i]
	}
	return f
}

// dot returns the sum of weighted features, in their order.
func (f *Features) dot(x *Features) float64 {
	var s float64
	for i := range f {
		s += float64(f[i] * x[i])
	}
	return s
}

// MarshalJSON writes an object with the features' names.
func (f Features) MarshalJSON() ([]byte, error) {
	named := make(map[string]float64, featureCount)
	for i, name := range featureNames() {
		named[name] = f[i]
	}
	return json.Marshal(named)
}

// UnmarshalJSON reads what MarshalJSON writes. A name that is missing or not known is
// an error.
func (f *Features) UnmarshalJSON(data []byte) error {
	var named map[string]float64
	if err := json.Unmarshal(data, &named); err != nil {
		return err
	}
	names := featureNames()
	for i, name := range names {
		x, ok := named[name]
		if !ok {
			return fmt.Errorf("labelnoise: no feature %q", name)
		}
		f[i] = x
	}
	for name := range named {
		if !slices.Contains(names[:], name) {
			return fmt.Errorf("labelnoise: unknown feature %.40q", name)
		}
	}
	return nil
}

// Weights are the weights of the scaled features in the log-odds of each kind of
// noise against a right label.
type Weights struct {
	Flip             Features `json:"flip"`
	Outlier          Features `json:"outlier"`
	OutlierInCompany Features `json:"outlier_in_company"`
}

// odds returns the log-odds of each kind of noise, in the order of the kinds, for
// equal shares.
func (w *Weights) odds(x Features) [kindCount - 1]float64 {
	return [kindCount - 1]float64{w.Flip.dot(&x), w.Outlier.dot(&x), w.OutlierInCompany.dot(&x)}
}
