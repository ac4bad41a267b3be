package matching

import (
	"math"

	"github.com/facesieve/facesieve/cluster"
)

const (
	mixtureRounds = 8
	rateBasis     = 2e4 // pairs that the shipped rate counts for
	genuineBasis  = 10  // matches that the starting values of one person's scores count for
)

// mixture tells the excesses of different people from matches, by expectation
// maximisation (Dempster et al. 1977) from the shipped tail on, and fits the scores
// of both. pairs is how many pairs the excesses come from, own how many of these
// are of the sources compared.
func (f *fitter) mixture(x []excess, pairs, own float64) {
	m := &f.m
	m.TailRate, m.TailScale, m.TailShape = shippedRate, shippedScale, shippedShape
	start := min(max(0.9*m.ImageGenuine, m.ImpostorMean+float64(4*m.spread(1, 1))), 0.95)
	m.CrossGenuine, m.Spread = start, shippedSpread
	impostor := make([]float64, len(x))
	matches, lent := 0.5, 0.5
	for range mixtureRounds {
		var count float64
		priorOwn, priorLent := min(matches/max(own, 1), 0.5), min(lent/max(pairs-own, 1), 0.5)
		matches, lent = 0, 0
		for i, e := range x {
			prior := priorLent
			if e.compared {
				prior = priorOwn
			}
			odds := float64(prior / (1 - prior) * cluster.Exp(m.logRatio(float32(e.score), e.na, e.nb)))
			impostor[i] = 1 / (1 + odds)
			count += float64(e.weight * impostor[i])
			if e.compared {
				matches += 1 - impostor[i]
			} else {
				lent += float64(e.weight * (1 - impostor[i]))
			}
		}
		m.TailRate = (count + rateBasis*shippedRate) / (pairs + rateBasis)
		m.TailScale, m.TailShape = fitPareto(x, impostor)
		m.CrossGenuine, m.Spread = m.genuineMoments(x, impostor, start)
	}
	m.Matches = matches
}

// genuineMoments returns the mean and the standard deviation of the score of two
// images of one person, from the excesses, each weighted by its probability of
// being a match.
func (m Model) genuineMoments(x []excess, impostor []float64, start float64) (mean, spread float64) {
	var weight, first, second float64
	for i, e := range x {
		if !e.compared {
			continue
		}
		t := 1 - impostor[i]
		r := e.score * m.ImageGenuine / math.Sqrt(m.share(e.na)*m.share(e.nb))
		weight, first, second = weight+t, first+float64(t*r), second+float64(t*r*r)
	}
	mean = (first + float64(genuineBasis*start)) / (weight + genuineBasis)
	squares := second - float64(2*mean*first) + float64(weight*mean*mean)
	variance := (squares + genuineBasis*shippedSpread*shippedSpread) / (weight + genuineBasis)
	return mean, math.Sqrt(max(variance, 0.05*0.05))
}
