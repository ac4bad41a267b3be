package labelnoise

import (
	"math"
	"slices"
)

// simulation is the sample without unusable rows, and the noise that is simulated with it.
type simulation struct {
	own, other, random, rest []float64
	size                     []int
}

// simulate takes an even sample of the finite rows of s, and the typical size
// from it.
func simulate(s Sample, m *Model) *simulation {
	var rows []int
	for i := range s.Own {
		if finite(s.Own[i]) && finite(s.Other[i]) && finite(s.Random[i]) {
			rows = append(rows, i)
		}
	}
	n := min(len(rows), fitImages)
	p := &simulation{own: make([]float64, n), other: make([]float64, n), random: make([]float64, n), rest: make([]float64, n), size: make([]int, n)}
	for j := range n {
		i := rows[j*len(rows)/n]
		p.own[j], p.other[j], p.random[j], p.size[j] = float64(s.Own[i]), float64(s.Other[i]), float64(s.Random[i]), int(s.N[i])
	}
	// Where the random identity is the best other one, the best of the rest is
	// not known: another image's stands in for it.
	for j := range n {
		p.rest[j] = p.other[j]
		if p.random[j] >= p.other[j] {
			p.rest[j] = p.other[max(RandomIdentity(j, j, n), 0)]
		}
	}
	if n > 0 {
		sizes := slices.Sorted(slices.Values(p.size))
		m.Size = math.Max(float64(sizes[n/2]), 3)
	}
	m.Images = n
	return p
}

// terms are those of the real images, then of random flips, of flips into the
// most similar identity, and of outliers.
func (p *simulation) terms(m *Model) [][scoreTerms]float64 {
	n := len(p.own)
	x := make([][scoreTerms]float64, 4*n)
	for i := range n {
		for k, pair := range [4][2]float64{
			{p.own[i], p.other[i]},
			{p.random[i], math.Max(p.own[i], p.rest[i])},
			{p.other[i], p.own[i]},
			{p.random[i], p.rest[i]},
		} {
			x[k*n+i] = terms(m.standard(pair[0], pair[1], p.size[i]))
		}
	}
	return x
}

// margins are, in the order of terms, the own minus the other scores in impostor
// standard deviations.
func (p *simulation) margins(m *Model) []float64 {
	n := len(p.own)
	z := make([]float64, 4*n)
	for i := range n {
		z[i] = p.own[i] - p.other[i]
		z[n+i] = p.random[i] - math.Max(p.own[i], p.rest[i])
		z[2*n+i] = p.other[i] - p.own[i]
		z[3*n+i] = p.random[i] - p.rest[i]
	}
	for i := range z {
		z[i] /= math.Max(m.Spread, 1e-3)
	}
	return z
}

func (p *simulation) classes() []uint8 {
	n := len(p.own)
	c := make([]uint8, 4*n)
	for i := range c {
		c[i] = [4]uint8{0, 1, 1, 2}[i/n]
	}
	return c
}

// weigh gives every simulated image the probability that its original is right.
func (p *simulation) weigh(right, weight []float64) {
	n := len(p.own)
	for i, r := range right {
		weight[i], weight[n+i], weight[2*n+i], weight[3*n+i] = r, r*(1-hardShare), r*hardShare, r
	}
}

// presumedRight is how far an image is taken to be right when noise is simulated: high for
// own scores that impostors do not reach and that the best other does not
// surpass by much. It is not drawn again from the fitted model, which would learn
// to distrust the hard but right images more in each round.
func (p *simulation) presumedRight(m *Model) []float64 {
	right := make([]float64, len(p.own))
	for i := range right {
		zo, zb := m.standard(p.own[i], p.other[i], p.size[i])
		right[i] = 1 / (1 + exp(3-2*zo))
		right[i] /= 1 + exp(1.5*(zb-zo-1))
	}
	return right
}
