package facequality

import "github.com/facesieve/facesieve/cluster"

// Low is the quality below which a face is of low quality where a run names no other
// limit: 1.8 % of celeba-mini's images with right labels have a lower one, 2.1 % of
// vggface2-mini's (bench/quality/facequality.py).
const Low = .4

// A vector of a worse face than this says less of whose it is, and what is done to its
// image asks for more: that many log-odds for each unit of quality below it. Both were chosen
// on the even half of celeba-mini's labels with simulated noise (bench/quality/limits.py).
const (
	sufficient = .65
	missing    = 6
)

// Limit returns the probability from which something is done to an image of the quality,
// where p is that for a good one, 0..1. It is p where nothing is known of the face.
func (q Quality) Limit(p float64) float64 {
	lacks := sufficient - float64(q.Score)
	if !q.Known() || lacks <= 0 {
		return p
	}
	odds := float64(p * cluster.Exp(missing*lacks))
	return odds / (1 - p + odds)
}
