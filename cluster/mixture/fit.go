package mixture

import (
	"math"

	"github.com/facesieve/facesieve/cluster"
)

// Sample is what some labels of a set give for Fit. The zero value is empty. Samples of
// the parts of a set that are joined in the set's order give what one of the whole gives.
type Sample struct {
	Splits [][]Split // of each label that was added, without the rows of their images

	genuine []float64 // mean cosine of the pairs of each label that has enough images
	means   []labelMeans
}

// labelMeans are sums over labels of their mean vectors.
type labelMeans struct {
	sum     []float64
	squares float64
	labels  float64
}

// leastGenuine is how many images a label has at least that says how alike one person's
// images are.
const leastGenuine = 3

// Add adds a label by the unit vectors of its images.
func (s *Sample) Add(v cluster.Matrix) {
	splits := Splits(v)
	for i := range splits {
		splits[i].A, splits[i].B = nil, nil
	}
	s.Splits = append(s.Splits, splits)
	if v.Rows == 0 {
		return
	}
	mean := make([]float64, v.Cols)
	var own float64 // sum of the squared lengths
	for i := range v.Rows {
		for j, x := range v.Row(i) {
			mean[j] += float64(x)
		}
		own += float64(cluster.Dot(v.Row(i), v.Row(i)))
	}
	n := float64(v.Rows)
	var square float64
	for j := range mean {
		square += float64(mean[j] * mean[j])
		mean[j] /= n
	}
	if v.Rows >= leastGenuine {
		s.genuine = append(s.genuine, (square-own)/(n*(n-1)))
	}
	s.addMean(labelMeans{mean, square / (n * n), 1})
}

// addMean adds the mean vectors of labels to the last sum.
func (s *Sample) addMean(m labelMeans) {
	if len(s.means) == 0 {
		s.means = append(s.means, labelMeans{sum: make([]float64, len(m.sum))})
	}
	t := &s.means[len(s.means)-1]
	for j, x := range m.sum {
		t.sum[j] += x
	}
	t.squares, t.labels = t.squares+m.squares, t.labels+m.labels
}

// Join returns the sample of several parts of a set, in the order of the set.
func Join(parts []Sample) Sample {
	var out Sample
	for _, p := range parts {
		out.Splits, out.genuine = append(out.Splits, p.Splits...), append(out.genuine, p.genuine...)
		for _, m := range p.means {
			out.addMean(m)
		}
	}
	return out
}

// units returns those of the labels of a sample.
func (s *Sample) units() Units {
	u := Units{shippedImpostor, shippedGenuine}
	if len(s.means) > 0 && s.means[0].labels > 1 {
		var square float64
		for _, x := range s.means[0].sum {
			square += float64(x * x)
		}
		k := s.means[0].labels
		u.Impostor = shrunk((square-s.means[0].squares)/(k*(k-1)), k, shippedImpostor)
	}
	if len(s.genuine) > 0 {
		u.Genuine = shrunk(cluster.Median(s.genuine), float64(len(s.genuine)), shippedGenuine)
	}
	return u
}

// shrunk returns what n labels say, as if a few more had said what is shipped.
func shrunk(x, n, shipped float64) float64 {
	return (float64(n*x) + float64(shippedLabels*shipped)) / (n + shippedLabels)
}

// The share of merged labels starts from one in a hundred, as if so many labels had said
// so.
const (
	priorRate   = .01
	priorLabels = 20
)

// Fit returns the model of the set whose labels a sample holds: its units, and the share
// of merged labels that explains their log-ratios best (expectation maximisation).
func Fit(s Sample) Model {
	const rounds, enough = 300, 1e-7
	m := Model{Units: s.units(), Rate: priorRate}
	ratios := make([]float64, len(s.Splits))
	for i, splits := range s.Splits {
		_, ratios[i] = m.Units.best(splits)
	}
	for range rounds {
		sum := float64(priorLabels * priorRate)
		for _, l := range ratios {
			sum += m.P(l)
		}
		last := m.Rate
		m.Rate = sum / (float64(len(ratios)) + priorLabels)
		if math.Abs(m.Rate-last) < enough {
			break
		}
	}
	return m
}
