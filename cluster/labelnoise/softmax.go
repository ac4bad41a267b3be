package labelnoise

import (
	"math"

	"github.com/facesieve/facesieve/cluster"
)

// softmax is a multinomial logistic regression of the kinds, of which Clean is the
// reference, with a ridge that pulls to prior. x, kind and weight have one element for
// each observation.
type softmax struct {
	x      []Features // scaled
	kind   []Kind
	weight []float64
	ridge  float64
	prior  parameters
}

const (
	noiseKinds = int(kindCount) - 1
	params     = noiseKinds * featureCount
	// The ridge hardly holds the constants: shares are estimated elsewhere.
	constantRidge = 1
)

// parameters are the weights of the first kind of noise, then of the next.
type parameters [params]float64

func newParameters(w Weights) (p parameters) {
	copy(p[:], w.Flip[:])
	copy(p[featureCount:], w.Outlier[:])
	copy(p[2*featureCount:], w.OutlierInCompany[:])
	return p
}

func (p *parameters) weights() Weights {
	return Weights{Flip: Features(p[:featureCount]), Outlier: Features(p[featureCount : 2*featureCount]),
		OutlierInCompany: Features(p[2*featureCount:])}
}

// minimum returns where the penalised loss is smallest, by Newton's method with
// step halving from prior on. The loss is convex, so there is one.
func (s *softmax) minimum() parameters {
	const rounds, enough = 25, 1e-7
	w := s.prior
	loss := s.loss(&w)
	for range rounds {
		grad, hess := s.derivatives(&w)
		if !cholesky(hess, &grad) {
			return w
		}
		scale, better := 1.0, false
		for range 20 {
			try := w
			for i := range try {
				try[i] -= float64(scale * grad[i])
			}
			if l := s.loss(&try); l < loss {
				better = loss-l > enough*math.Max(1, math.Abs(l))
				w, loss = try, l
				break
			}
			scale /= 2
		}
		if !better {
			break
		}
	}
	return w
}

// probabilities returns those of the kinds of noise, from their log-odds, and the
// logarithm of 1 + the sum of their exponentials.
func probabilities(odds [noiseKinds]float64) (p [noiseKinds]float64, total float64) {
	high := 0.0
	for _, x := range odds {
		high = math.Max(high, x)
	}
	sum := cluster.Exp(-high)
	for k, x := range odds {
		p[k] = cluster.Exp(x - high)
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
	return p, high + cluster.Log(sum)
}

// loss returns the negative log-likelihood of the observations and the penalty.
func (s *softmax) loss(p *parameters) float64 {
	var l float64
	w := p.weights()
	for i := range s.x {
		odds := w.odds(s.x[i])
		_, total := probabilities(odds)
		if k := s.kind[i]; k != Clean {
			total -= odds[k-1]
		}
		l += float64(s.weight[i] * total)
	}
	for i := range p {
		d := p[i] - s.prior[i]
		l += float64(s.pull(i) * d * d / 2)
	}
	return l
}

// pull returns the ridge of parameter i.
func (s *softmax) pull(i int) float64 {
	if i%featureCount == featureConstant {
		return s.ridge * constantRidge
	}
	return s.ridge
}

// derivatives returns the gradient and the Hessian (its lower triangle) of loss.
func (s *softmax) derivatives(p *parameters) (g parameters, h *[params]parameters) {
	h = new([params]parameters)
	w := p.weights()
	for i := range s.x {
		x, k := &s.x[i], s.weight[i]
		if k == 0 {
			continue
		}
		q, _ := probabilities(w.odds(*x))
		for a := range noiseKinds {
			d := q[a]
			if s.kind[i] == Kind(a+1) {
				d--
			}
			for r, v := range x {
				g[a*featureCount+r] += float64(k * d * v)
			}
			for b := range a + 1 {
				c := float64(-k*q[a]) * q[b]
				if a == b {
					c = float64(k*q[a]) * (1 - q[a])
				}
				addProducts(h, a, b, c, x)
			}
		}
	}
	for i := range p {
		g[i] += float64(s.pull(i) * (p[i] - s.prior[i]))
		h[i][i] += s.pull(i)
	}
	return g, h
}

// addProducts adds c times the products of all pairs of features to the block of two
// kinds of noise.
func addProducts(h *[params]parameters, a, b int, c float64, x *Features) {
	for r, v := range x {
		cv := float64(c * v)
		row := h[a*featureCount+r][b*featureCount : (b+1)*featureCount]
		last := featureCount
		if a == b {
			last = r + 1
		}
		for t := range last {
			row[t] += float64(cv * x[t])
		}
	}
}

// cholesky replaces g by the x of h*x = g, for an h given by its lower triangle, which
// it overwrites, and says whether h is positive definite.
func cholesky(h *[params]parameters, g *parameters) bool {
	for i := range params {
		for j := range i + 1 {
			s := h[i][j]
			for k := range j {
				s -= float64(h[i][k] * h[j][k])
			}
			if i != j {
				h[i][j] = s / h[j][j]
				continue
			}
			if !(s > 0) {
				return false
			}
			h[i][i] = math.Sqrt(s)
		}
	}
	for i := range params {
		for k := range i {
			g[i] -= float64(h[i][k] * g[k])
		}
		g[i] /= h[i][i]
	}
	for i := params - 1; i >= 0; i-- {
		for k := i + 1; k < params; k++ {
			g[i] -= float64(h[k][i] * g[k])
		}
		g[i] /= h[i][i]
	}
	return true
}
