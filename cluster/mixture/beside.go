package mixture

import "github.com/facesieve/facesieve/cluster"

// Beside returns, for two groups of rows of one label, the logarithm of how much more
// likely what the set's other labels show is where the groups are two people than where
// they are one: LogRatio of the Nearest to the smaller group. It is never negative, since
// a guest may have no label of his own.
type Beside func(a, b []int) float64

// Nearest is the other label that is most alike to the smaller of two groups of one
// label's images. Scores are of centroids.
type Nearest struct {
	PSmaller float64 // probability that it is the smaller group's person
	PLarger  float64 // that it is the larger group's
	Score    float64 // of it and the smaller group
	Join     float64 // of the two groups
}

const (
	// mostBeside is the odds for which another label can count at the most: what is surer
	// rests on a tail that few pairs show. Labels whose own images give less than one in a
	// hundred need not ask, so that the cost of asking stays small beside that of matching.
	mostBeside = 100
	// How much nearer to the other label than to the rest of its own a group is, as a share
	// of the former, up to which that tells nothing, and from which all: as two labels are
	// told apart in matching. Of groups of one person in CelebA that are like another label
	// at all, none is nearer to it by more than .07; four open guests were by .59 and more.
	nearerFrom, nearerTo = .2, .3
)

// LogRatio returns the logarithm of how much more likely this is where the groups are two
// people: the smaller one is the other label's person, with the odds of PSmaller, and the
// larger one is not. One person's groups may be like another label too, where his images
// stand under both; then they are as like each other.
func (n Nearest) LogRatio() float64 {
	if !(n.Score > 0) {
		return 0
	}
	nearer := min(max(((n.Score-n.Join)/n.Score-nearerFrom)/(nearerTo-nearerFrom), 0), 1)
	odds := min(n.PSmaller/max(1-n.PSmaller, 1/(mostBeside+1.)), mostBeside)
	return cluster.Log(1 + float64(float64(odds*nearer)*(1-n.PLarger)))
}

// Open says whether other labels decide whether a label with these splits is merged: its
// own images do not say so, and with the most that others can add they would.
func (m Model) Open(splits []Split) bool {
	_, l := m.Units.best(splits)
	return m.open(l)
}

func (m Model) open(logRatio float64) bool {
	return m.P(logRatio) < Merged && m.P(logRatio+cluster.Log(1+mostBeside)) >= Merged
}

// LabelBeside returns the probability that a label with these splits, which know their
// rows, holds two people, by its own images and, where these leave it open, by other labels.
func (m Model) LabelBeside(splits []Split, beside Beside) float64 {
	_, p := m.likeliest(splits, beside)
	return p
}

// heard returns the probability of two people that a log-ratio and, where it leaves that
// open, other labels give.
func (m Model) heard(logRatio float64, a, b []int, beside Beside) float64 {
	if beside != nil && counts(len(a), len(b)) && m.open(logRatio) {
		logRatio += beside(a, b)
	}
	return m.P(logRatio)
}

// likeliest returns the likeliest of some splits and its probability; -1 where there is
// none. Other labels are asked only where the label's own images leave it open.
func (m Model) likeliest(splits []Split, beside Beside) (index int, p float64) {
	index, l := m.Units.best(splits)
	p = m.P(l)
	if beside == nil || !m.open(l) {
		return index, p
	}
	for i := range splits {
		if q := m.heard(m.Units.LogRatio(&splits[i]), splits[i].A, splits[i].B, beside); q > p {
			index, p = i, q
		}
	}
	return index, p
}
