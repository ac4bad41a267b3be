package diversity

import (
	"math"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/schemas"
)

// What a stratum is thinned by. Of sets that lose images at random one in some hundreds has
// a thinned stratum (TestChanceIsSeldomThinned).
const (
	LeastImages = 20   // of a stratum, and of the others
	LeastLabels = 5    // that lose an image of the stratum: one label's loss is no stratum's
	LeastRatio  = 3    // the stratum's share removed over that of the others
	Level       = .001 // of the test, for one stratum
)

// Loss is what some images lose.
type Loss struct {
	Images  int
	Removed int // to be dropped or relabelled
	Review  int
	Labels  int // that lose an image

	last string // label of the image that was removed last
}

// Add counts an image. Images of one label are added one after another.
func (l *Loss) Add(d schemas.Decision, label string) {
	l.Images++
	switch d {
	case schemas.Review:
		l.Review++
	case schemas.Drop, schemas.Relabel:
		if l.Removed == 0 || label != l.last {
			l.Labels++
		}
		l.Removed++
		l.last = label
	}
}

// Share returns the share of the images that is removed; 0 where there is none.
func (l Loss) Share() float64 { return float64(l.Removed) / float64(max(l.Images, 1)) }

// Interval returns the 95 % interval of the share (Wilson 1927).
func (l Loss) Interval() (low, high float64) {
	if l.Images == 0 {
		return 0, 1
	}
	const z = 1.959964
	n, p := float64(l.Images), l.Share()
	middle := p + z*z/(2*n)
	half := z * math.Sqrt(float64(p*(1-p))/n+z*z/(4*n*n))
	whole := 1 + z*z/n
	return max((middle-half)/whole, 0), min((middle+half)/whole, 1)
}

// Thinned says whether a stratum of all images loses clearly more than the others: it has
// LeastImages and so have they, LeastLabels labels lose an image of it, its share removed
// is LeastRatio times theirs at least, and were every removed image as likely one of the
// stratum as its size says, as many or more would be so with a probability of Level at
// most (a binomial test).
func Thinned(stratum, all Loss) bool {
	others := Loss{Images: all.Images - stratum.Images, Removed: all.Removed - stratum.Removed}
	if stratum.Images < LeastImages || others.Images < LeastImages || stratum.Labels < LeastLabels ||
		stratum.Removed*others.Images < LeastRatio*others.Removed*stratum.Images {
		return false
	}
	return atLeast(stratum.Removed, all.Removed, float64(stratum.Images)/float64(all.Images)) <= Level
}

// atLeast returns the probability of k successes or more in n trials of probability p,
// 0 < p < 1.
func atLeast(k, n int, p float64) float64 {
	if float64(k) <= float64(p*float64(n)) {
		return 1 // about the mean or below it, of no interest
	}
	log := float64(float64(k)*cluster.Log(p)) + float64(float64(n-k)*cluster.Log(1-p))
	few := min(k, n-k)
	for i := 1; i <= few; i++ { // the binomial coefficient
		log += cluster.Log(float64(n-few+i) / float64(i))
	}
	term := cluster.Exp(log)
	sum := term
	for i := k; i < n && term > sum*1e-16; i++ {
		term = float64(term*float64(n-i)/float64(i+1)) * p / (1 - p)
		sum += term
	}
	return min(sum, 1)
}
