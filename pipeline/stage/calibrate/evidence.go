package calibrate

import (
	"cmp"
	"math"
	"slices"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// FaceEvidence returns the part of an image's evidence that its own embedding gives.
func FaceEvidence(e *schemas.Embedding) labelnoise.Evidence {
	nan := float32(math.NaN())
	out := labelnoise.Evidence{Own: nan, Other: nan, Typical: nan, Detector: nan, Length: nan}
	if e.HasDetScore {
		out.Detector = e.DetScore
	}
	if e.Length > 0 {
		out.Length = e.Length
	}
	return out
}

// Typical returns the median own score of an identity's images; NaN where it has fewer
// than three: two images have one score, and where one of them is wrong it tells nothing
// of what is usual under their label.
func Typical(m *runstore.Members) float32 {
	if m.Vectors.Rows < 3 {
		return float32(math.NaN())
	}
	return cluster.Median(cluster.IdentityCentroid(m.Vectors).Scores(m.Vectors))
}

// AsItStands returns the evidence of an image under its label from what is around it:
// with rivals, identities that are the same person under another label, left out. face
// is its FaceEvidence, typical that of its label.
func AsItStands(
	a *runstore.Around, face labelnoise.Evidence, typical float32, rivals []int32,
) labelnoise.Evidence {
	face.Own, face.Typical, face.Other = a.Own, typical, bestCentroid(a, none, rivals)
	face.OwnImages = first(a.OwnCosines)
	face.OtherImages = images(a, false, none, rivals)
	return face
}

// UnderHost returns the evidence of an image of a guest's group under its label's person,
// the host, as AsItStands does: own is its cosine to the host's centroid, ownImages are the
// best ones to the host's images. Where the guest has no label of his own, the group stands
// for him.
func UnderHost(
	a *runstore.Around, face labelnoise.Evidence, typical, own float32, ownImages []float32, rivals []int32, unnamed bool,
) labelnoise.Evidence {
	face.Own, face.Typical, face.Other = own, typical, bestCentroid(a, none, rivals)
	face.OwnImages, face.OtherImages = first(ownImages), images(a, false, none, rivals)
	if unnamed {
		if !(face.Other >= a.Own) {
			face.Other = a.Own
		}
		face.OtherImages = merged(a.OwnCosines, face.OtherImages)
	}
	return face
}

// none is no identity.
const none = -1

// bestCentroid returns the cosine to the best other centroid that is neither of an
// identity nor of rivals; NaN where there is none.
func bestCentroid(a *runstore.Around, but int32, rivals []int32) float32 {
	for _, n := range a.Centroids {
		if n.Identity != but && !slices.Contains(rivals, n.Identity) {
			return n.Cosine
		}
	}
	return float32(math.NaN())
}

// images returns the best cosines to images of other labels than an identity's and its
// rivals'; with left, of those alone that stay where the image's own identity goes.
func images(a *runstore.Around, left bool, but int32, rivals []int32) []float32 {
	out := make([]float32, 0, labelnoise.Neighbours)
	for _, n := range a.Images {
		if len(out) < labelnoise.Neighbours && n.Identity != but && (n.Stays || !left) &&
			!slices.Contains(rivals, n.Identity) {
			out = append(out, n.Cosine)
		}
	}
	return out
}

// first returns as many cosines as vote.
func first(cosines []float32) []float32 { return cosines[:min(len(cosines), labelnoise.Neighbours)] }

// merged returns the best cosines of two descending lists.
func merged(a, b []float32) []float32 {
	out := slices.Concat(a, b)
	slices.SortStableFunc(out, descending)
	return first(out)
}

func descending(a, b float32) int { return cmp.Compare(b, a) }
