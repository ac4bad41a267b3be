package labelnoise

import "math"

// The terms that the log-odds of a class are a weighted sum of, by their index
// in Odds. A further term is one more name here, its value in newTerms, and its
// shipped weights in shippedOdds; one that depends on the own score enters
// decreasing, too.
const (
	termConstant     = iota // 1
	termOwn                 // the own score
	termOther               // the best other score
	termOwnSquared          // the own score, squared
	termOtherSquared        // the best other score, squared
	termOwnOther            // the product of both
	termCount
)

// terms are the values of the terms for one image.
type terms [termCount]float64

// Odds are the weights of the terms in the log-odds of a class against clean.
type Odds [termCount]float64

// newTerms returns the terms of an image from its own and its best other score,
// both in impostor standard deviations.
func newTerms(own, other float64) terms {
	return terms{
		termConstant:     1,
		termOwn:          own,
		termOther:        other,
		termOwnSquared:   own * own,
		termOtherSquared: other * other,
		termOwnOther:     own * other,
	}
}

// shippedOdds returns the weights of a model fitted to other collections, in
// units of their impostor spread.
func shippedOdds() (flip, outlier Odds) {
	flip = Odds{
		termConstant:     -.8,
		termOwn:          .6,
		termOther:        -1.5,
		termOwnSquared:   -.2,
		termOtherSquared: 1.2,
		termOwnOther:     -.8,
	}
	outlier = Odds{
		termConstant:     1.2,
		termOwn:          -.4,
		termOther:        2,
		termOwnSquared:   -.35,
		termOtherSquared: .3,
		termOwnOther:     -.6,
	}
	return flip, outlier
}

// sum returns the sum of the weighted terms, in their order.
func (w *Odds) sum(t terms) float64 {
	var s float64
	for i, x := range t {
		s += float64(w[i] * x)
	}
	return s
}

// decreasing returns the log-odds of a class, made to fall with the own score:
// where the parabola rises it is replaced by its extreme value with a slight
// slope.
func (w *Odds) decreasing(own, other float64) float64 {
	const slope = .05
	square, line := w[termOwnSquared], w[termOwn]+float64(w[termOwnOther]*other)
	at := own
	switch extreme := -line / (2 * square); {
	case square > 0:
		at = math.Min(own, extreme)
	case square < 0:
		at = math.Max(own, extreme)
	case line > 0:
		at = 0
	}
	return w.sum(newTerms(at, other)) - float64(slope*(own-at))
}
