package train

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/verification"
)

// Comparison is a pair of held-out pictures, as LFW's protocol has it.
type Comparison struct {
	A, B int // pictures; -1: it is missing, the comparison is lost
	Same bool
	Fold int
}

// HeldOut is what a model is measured on: pictures of identities that it never
// saw.
type HeldOut struct {
	Pictures *Pictures
	Pairs    []Comparison
	// Siblings is a second list, with look-alikes among its mismatched pairs; nil:
	// there is none.
	Siblings []Comparison
}

// Accuracy is the mean of ten folds, each judged by the threshold that is best on
// the others, and its standard error.
type Accuracy struct {
	Mean  float64 `json:"mean"`
	Error float64 `json:"standard_error"`
	Pairs int     `json:"pairs"`
}

// Measured is a model's accuracy on both lists, and the cosines of the first.
type Measured struct {
	Plain     Accuracy   `json:"accuracy"`
	Siblings  *Accuracy  `json:"accuracy_with_siblings,omitempty"`
	Densities *Densities `json:"densities,omitempty"`
}

// Densities are means and standard deviations of cosines: of pairs of two people,
// and of pairs of one.
type Densities struct {
	ImpostorMean float64 `json:"impostor_mean"`
	ImpostorStd  float64 `json:"impostor_std"`
	GenuineMean  float64 `json:"genuine_mean"`
	GenuineStd   float64 `json:"genuine_std"`
	Made         string  `json:"made"`
}

// Measure evaluates embeddings as the pipeline makes them: of the picture and its
// mirror image, summed and scaled to length one.
func (h *HeldOut) Measure(e *Embedder) (Measured, error) {
	n := h.Pictures.Len()
	all, err := e.Embed(2*n, func(i int, pixels []float32) {
		h.Pictures.pixels(i/2, i%2 == 1, pixels)
	})
	if err != nil {
		return Measured{}, err
	}
	vectors := make([][]float32, n)
	for i := range vectors {
		v := all[2*i]
		for j, m := range all[2*i+1] {
			v[j] += m
		}
		cluster.Normalize(v)
		vectors[i] = v
	}
	trials := compared(vectors, h.Pairs)
	m := Measured{Plain: accuracy(trials), Densities: densities(trials)}
	if h.Siblings != nil {
		s := accuracy(compared(vectors, h.Siblings))
		m.Siblings = &s
	}
	return m, nil
}

// measureAgain is for a training that was finished before: what its last epoch was
// measured on may have been other pictures or pairs.
func (t *training) measureAgain(h *HeldOut, e *Embedder) error {
	measured, err := h.Measure(e)
	if last := t.state.History.last(); err == nil && last != nil {
		*last = measured
	}
	return err
}

// compared are the cosines of pairs of unit vectors.
func compared(vectors [][]float32, pairs []Comparison) []verification.Trial {
	trials := make([]verification.Trial, len(pairs))
	for i, c := range pairs {
		trials[i] = verification.Trial{Score: math.NaN(), Same: c.Same, Fold: c.Fold}
		if c.A >= 0 && c.B >= 0 {
			trials[i].Score = float64(cluster.Dot(vectors[c.A], vectors[c.B]))
		}
	}
	return trials
}

func accuracy(trials []verification.Trial) Accuracy {
	mean, deviation := verification.MeanAccuracy(verification.CrossValidate(trials))
	if math.IsNaN(deviation) {
		deviation = 0
	}
	return Accuracy{Mean: rounded(mean, 6), Error: rounded(deviation, 6), Pairs: len(trials)}
}

func densities(trials []verification.Trial) *Densities {
	var scores [2][]float64
	for _, t := range trials {
		switch {
		case math.IsNaN(t.Score):
		case t.Same:
			scores[1] = append(scores[1], t.Score)
		default:
			scores[0] = append(scores[0], t.Score)
		}
	}
	d := Densities{Made: fmt.Sprintf("%d and %d pairs of held-out faces", len(scores[0]), len(scores[1]))}
	d.ImpostorMean, d.ImpostorStd = spread(scores[0])
	d.GenuineMean, d.GenuineStd = spread(scores[1])
	return &d
}

// spread is mean and standard deviation to four digits, 0 of fewer than two values.
func spread(values []float64) (mean, deviation float64) {
	if len(values) < 2 {
		return 0, 0
	}
	mean, deviation = stat.MeanStdDev(values, nil)
	return rounded(mean, 4), rounded(deviation, 4)
}

func rounded(v float64, digits int) float64 {
	unit := math.Pow10(digits)
	return math.Round(v*unit) / unit
}

// String returns the accuracies in one line, for people.
func (m Measured) String() string {
	s := fmt.Sprintf("%.2f %% of %d pairs", 100*m.Plain.Mean, m.Plain.Pairs)
	if m.Siblings != nil {
		s += fmt.Sprintf(", %.2f %% with siblings", 100*m.Siblings.Mean)
	}
	return s
}
