package neighbours

import (
	"slices"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// answers are the best neighbours of each image of a shard that asks, so far.
type answers [][]runstore.NearImage

// among returns the answers after a block of entered images is compared too; rows are
// the images that ask.
func (a answers) among(l *lists, rows []schemas.Entry) answers {
	if a == nil {
		a = make(answers, len(rows))
		all := make([]runstore.NearImage, len(rows)*runstore.OtherImages)
		for i := range a {
			at := i * runstore.OtherImages
			a[i] = all[at : at : at+runstore.OtherImages]
		}
	}
	var scores []float32
	for i := range rows {
		e := &rows[i]
		a[i], scores = l.ask(e, e.Identity, a[i], scores)
		for _, k := range e.Asked {
			a[i], scores = l.ask(e, k, a[i], scores)
		}
	}
	return a
}

// ask adds what an identity's list knows of an image to its neighbours: those of the
// list's images that have another label. scores is memory that is used again.
func (l *lists) ask(
	e *schemas.Entry, identity int32, best []runstore.NearImage, scores []float32,
) ([]runstore.NearImage, []float32) {
	from, to := l.list(identity)
	scores = slices.Grow(scores[:0], to-from)[:to-from]
	cluster.Dots(scores, e.Vector, l.vectors, from)
	for k, cosine := range scores {
		if len(best) == cap(best) && cosine < best[len(best)-1].Cosine {
			continue
		}
		if im := &l.images[from+k]; im.identity != e.Identity {
			stays := im.list != e.Identity || slices.Contains(e.Asked, im.second)
			best = insert(best, runstore.NearImage{Identity: im.identity, Cosine: cosine, Position: im.position,
				Stays: stays})
		}
	}
	return best, scores
}

// insert puts n into an ordered list; from one that is full, as its capacity says, the
// last goes, which may be n itself.
func insert(best []runstore.NearImage, n runstore.NearImage) []runstore.NearImage {
	at := len(best)
	for at > 0 && n.Compare(best[at-1]) < 0 {
		at--
	}
	if len(best) < cap(best) {
		best = best[:len(best)+1]
	} else if at == len(best) {
		return best
	}
	copy(best[at+1:], best[at:])
	best[at] = n
	return best
}
