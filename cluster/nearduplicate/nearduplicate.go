// Package nearduplicate tells whether two images show one photograph in other bytes:
// re-encoded, resized, cropped a little, without colour. Hashes and cosines propose
// pairs, grey thumbnails confirm them: an embedding is trained to ignore what tells one
// photograph of a person from another.
package nearduplicate

// Picture is what is known of an image.
type Picture struct {
	Image  []byte    // thumbnail of the whole picture; nil: unknown
	Face   []byte    // thumbnail of the aligned face; nil: there is none
	Vector []float32 // unit length; nil: there is none
}

// Likeness says how alike two pictures are. Correlations are those of blurred thumbnails.
type Likeness struct {
	Image  float64 // of the whole pictures, the better of a few crops of one or the other
	Face   float64 // of the aligned faces; 0: unknown
	Cosine float64 // of the embeddings; 0: unknown
}

// The limits of Same: chosen on photographs with copies made of them, and checked on
// those of other collections.
const (
	sameImage   = .99 // of the whole pictures
	leastCosine = .5  // that sameImage asks for where both have one: among a million plain pictures some are as alike
	nearImage   = .975
	nearCosine  = .9 // that nearImage asks for: shots of one minute are as near and have .88
	sameFace    = .98
	sameCosine  = .95 // that sameFace asks for
	leastPlain  = .5  // of the whole pictures, below which no crop is tried
	worthSearch = .9  // of whole pictures or of crops on all sides alike, from which all crops are tried
)

// ProposingCosine is the cosine from which a pair is worth confirming whatever the
// hashes say.
const ProposingCosine = nearCosine

// Same says whether the two show one photograph.
func (l Likeness) Same() bool {
	return l.Image >= sameImage && !l.strangers() || l.Image >= nearImage && l.Cosine >= nearCosine ||
		l.Face >= sameFace && l.Cosine >= sameCosine
}

// strangers says whether the embeddings are those of two faces.
func (l Likeness) strangers() bool { return l.Cosine != 0 && l.Cosine < leastCosine }

// Compare returns how alike two pictures are. cosine is that of their embeddings; 0 where
// one has none.
func Compare(a, b *Picture, cosine float64) Likeness {
	l := Likeness{Cosine: cosine}
	if a.Face != nil && b.Face != nil {
		l.Face = correlation(whole(a.Face), whole(b.Face))
	}
	switch {
	case a.Image == nil || b.Image == nil:
	case l.strangers(): // no crop would make them the same
		l.Image = correlation(whole(a.Image), whole(b.Image))
	default:
		l.Image = compareImages(a.Image, b.Image)
	}
	return l
}

// compareImages returns the correlation of two whole pictures or, where that is better, of
// one and a crop of the other.
func compareImages(a, b []byte) float64 {
	wholeA, wholeB := whole(a), whole(b)
	best := correlation(wholeA, wholeB)
	if best >= sameImage || best < leastPlain {
		return best
	}
	for _, m := range margins()[1:] {
		best = max(best, correlation(crop(a, m, m, m, m), wholeB), correlation(crop(b, m, m, m, m), wholeA))
	}
	if best >= sameImage || best < worthSearch {
		return best
	}
	return max(best, bestCrop(a, wholeB), bestCrop(b, wholeA))
}
