package labelnoise

import (
	"math"

	"github.com/facesieve/facesieve/cluster"
)

// softmax is a ridge-penalised multinomial logistic regression with three classes,
// of which classClean is the reference. x, class and weight have one element for
// each observation.
type softmax struct {
	x      []terms
	class  []class
	weight []float64
	ridge  float64
	prior  [params]float64 // where the ridge pulls to
}

// params is the number of parameters: the weights of flip, then of outlier.
const params = 2 * termCount

// class is whom an image shows.
type class uint8

// The classes.
const (
	classClean   class = iota // the person of its label
	classFlip                 // another identity of the set
	classOutlier              // nobody of the set
	classCount
)

// solve returns the weights of flip and of outlier at the minimum of the
// penalised loss. The ridge pulls to the given weights.
func (s *softmax) solve(flip, outlier Odds) (Odds, Odds) {
	copy(s.prior[:termCount], flip[:])
	copy(s.prior[termCount:], outlier[:])
	w := s.minimum()
	return Odds(w[:termCount]), Odds(w[termCount:])
}

// minimum returns where the penalised loss is smallest, by Newton's method with
// step halving from prior on. The loss is convex, so there is one.
func (s *softmax) minimum() [params]float64 {
	const rounds, enough = 25, 1e-7
	w := s.prior
	loss := s.loss(&w)
	for range rounds {
		grad, hess := s.derivatives(&w)
		step, ok := cholesky(hess, grad)
		if !ok {
			return w
		}
		scale, better := 1.0, false
		for range 20 {
			try := w
			for i := range try {
				try[i] -= float64(scale * step[i])
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

// logits returns the log-odds of flip and of outlier against clean.
func logits(w *[params]float64, x *terms) (a, b float64) {
	for i := range x {
		a += float64(w[i] * x[i])
		b += float64(w[termCount+i] * x[i])
	}
	return a, b
}

// probabilities returns those of flip and of outlier, from their log-odds a and b,
// and the logarithm of 1 + exp(a) + exp(b).
func probabilities(a, b float64) (pa, pb, total float64) {
	high := math.Max(0, math.Max(a, b))
	e0, ea, eb := cluster.Exp(-high), cluster.Exp(a-high), cluster.Exp(b-high)
	sum := e0 + ea + eb
	return ea / sum, eb / sum, high + cluster.Log(sum)
}

// loss returns the negative log-likelihood of the observations and the penalty.
func (s *softmax) loss(w *[params]float64) float64 {
	var l float64
	for i := range s.x {
		a, b := logits(w, &s.x[i])
		_, _, total := probabilities(a, b)
		l += float64(s.weight[i] * (total - [classCount]float64{0, a, b}[s.class[i]]))
	}
	for i := range w {
		d := w[i] - s.prior[i]
		l += float64(s.ridge * d * d / 2)
	}
	return l
}

// derivatives returns the gradient and the Hessian (its lower triangle) of loss.
func (s *softmax) derivatives(w *[params]float64) (g [params]float64, h [params][params]float64) {
	const t = termCount
	for i := range s.x {
		x := &s.x[i]
		a, b := logits(w, x)
		pa, pb, _ := probabilities(a, b)
		k := s.weight[i]
		da, db := pa, pb
		switch s.class[i] {
		case classFlip:
			da--
		case classOutlier:
			db--
		}
		haa, hbb, hab := float64(k*pa)*(1-pa), float64(k*pb)*(1-pb), float64(-k*pa)*pb
		for r := range t {
			g[r] += float64(k * da * x[r])
			g[t+r] += float64(k * db * x[r])
			for c := range r + 1 {
				xx := float64(x[r] * x[c])
				h[r][c] += float64(haa * xx)
				h[t+r][t+c] += float64(hbb * xx)
			}
			for c := range t {
				h[t+r][c] += float64(hab * float64(x[r]*x[c]))
			}
		}
	}
	for i := range w {
		g[i] += float64(s.ridge * (w[i] - s.prior[i]))
		h[i][i] += s.ridge
	}
	return g, h
}

// cholesky returns the x of h*x = g for an h given by its lower triangle, and
// whether h is positive definite.
func cholesky(h [params][params]float64, g [params]float64) ([params]float64, bool) {
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
				return g, false
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
	return g, true
}
