package train

import (
	"fmt"
	"math"

	"github.com/facesieve/facesieve/cluster"
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

// Measured is a model's accuracy on both lists.
type Measured struct {
	Plain    Accuracy  `json:"accuracy"`
	Siblings *Accuracy `json:"accuracy_with_siblings,omitempty"`
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
	var m Measured
	m.Plain = accuracy(vectors, h.Pairs)
	if h.Siblings != nil {
		s := accuracy(vectors, h.Siblings)
		m.Siblings = &s
	}
	return m, nil
}

func accuracy(vectors [][]float32, pairs []Comparison) Accuracy {
	trials := make([]cluster.Trial, len(pairs))
	for i, c := range pairs {
		trials[i] = cluster.Trial{Score: math.NaN(), Same: c.Same, Fold: c.Fold}
		if c.A >= 0 && c.B >= 0 {
			trials[i].Score = float64(cluster.Dot(vectors[c.A], vectors[c.B]))
		}
	}
	mean, deviation := cluster.MeanAccuracy(cluster.CrossValidate(trials))
	if math.IsNaN(deviation) {
		deviation = 0
	}
	return Accuracy{Mean: mean, Error: deviation, Pairs: len(pairs)}
}

func (m Measured) String() string {
	s := fmt.Sprintf("%.2f %% of %d pairs", 100*m.Plain.Mean, m.Plain.Pairs)
	if m.Siblings != nil {
		s += fmt.Sprintf(", %.2f %% with siblings", 100*m.Siblings.Mean)
	}
	return s
}
