package runstore

import (
	"slices"
	"strings"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/schemas"
)

// Joined says whether a second look found the face that a row's embedding is of.
func (v *Vectors) Joined(row int) bool { return len(v.chosen) > 0 && v.chosen[row] != nil }

// Replaced says whether a row's embedding is of a second look's face alone, so that the
// first look's vector, thumbnail and hash of the face are of something else.
func (v *Vectors) Replaced(row int) bool { return len(v.replaced) > 0 && v.replaced[row] }

// OtherFaces returns the faces of a row's second look that are not the one that its
// embedding is of.
func (v *Vectors) OtherFaces(row int) []*schemas.LookedFace {
	if len(v.Looks) == 0 || v.Looks[row] == nil {
		return nil
	}
	var others []*schemas.LookedFace
	for k := range v.Looks[row].Faces {
		f := &v.Looks[row].Faces[k]
		if own := v.chosen[row]; f != own && overlap(f.Box, v.Embeddings[row].Box) < leastOverlap &&
			(own == nil || overlap(f.Box, own.Box) < leastOverlap) {
			others = append(others, f)
		}
	}
	return others
}

// leastOverlap is the share of two boxes' union that they have in common at least where
// they are one face's.
const leastOverlap = .3

// HardlyFace is the detector's score below which what it found is hardly a face, surelyFace
// that from which it surely is one.
const (
	HardlyFace = .75
	surelyFace = .85
)

// choose returns the face of a second look that a row's embedding goes on with: the one
// that the first look chose; or, where that found none, or one that is hardly a face while
// others surely are, the one most like its label's other images; nil: none. replaced says
// that it is taken as it is: the first look found no face or hardly one, or the face is
// found better in another view than the level one, so that the first look's landmarks were
// wrong.
func (v *Vectors) choose(row int, faces []schemas.LookedFace) (face *schemas.LookedFace, replaced bool) {
	e := &v.Embeddings[row]
	if e.Vector == nil {
		if e.Error == schemas.FaultNoFace {
			face = v.mostAlike(row, faces, 0)
		}
		return face, face != nil
	}
	same := SameFace(e, faces)
	score := e.DetScore
	if same != nil {
		score = max(score, same.DetScore)
	}
	if e.HasDetScore && score < HardlyFace {
		if other := v.mostAlike(row, faces, surelyFace); other != nil {
			return other, true
		}
	}
	return same, same != nil && same.View != schemas.ViewLevel
}

// mostAlike returns, of the faces of at least a detector's score, the one most like the
// images of a row's label, or the first where there are none; nil: no face has the score.
func (v *Vectors) mostAlike(row int, faces []schemas.LookedFace, least float32) *schemas.LookedFace {
	var c []float32
	if len(faces) > 1 {
		c = v.firstCentroid(v.Rows[row].Identity)
	}
	var best *schemas.LookedFace
	for i := range faces {
		f := &faces[i]
		if f.DetScore >= least && (best == nil || c != nil && cluster.Dot(f.Vector, c) > cluster.Dot(best.Vector, c)) {
			best = f
		}
	}
	return best
}

// SameFace returns the face of a second look that an embedding of the first look is of: the
// one that overlaps its box most; where only its landmarks are known, the best one that
// they lie in, else the best that was looked for by them; where neither is known, the best
// one; nil: none.
func SameFace(e *schemas.Embedding, faces []schemas.LookedFace) *schemas.LookedFace {
	if e.Box == [4]float32{} {
		return sameByLandmarks(e, faces)
	}
	var best *schemas.LookedFace
	most := float32(leastOverlap)
	for i := range faces {
		if x := overlap(e.Box, faces[i].Box); x >= most {
			best, most = &faces[i], x
		}
	}
	return best
}

// sameByLandmarks is SameFace where no box is known.
func sameByLandmarks(e *schemas.Embedding, faces []schemas.LookedFace) *schemas.LookedFace {
	var x, y float32
	for k := 0; k < len(e.Landmarks); k += 2 {
		x, y = x+e.Landmarks[k], y+e.Landmarks[k+1]
	}
	const points = len(e.Landmarks) / 2
	x, y = x/float32(points), y/float32(points)
	known := e.Landmarks != [10]float32{}
	for i := range faces {
		if b := faces[i].Box; !known || x >= b[0] && x <= b[0]+b[2] && y >= b[1] && y <= b[1]+b[3] {
			return &faces[i]
		}
	}
	for i := range faces {
		if faces[i].View == schemas.ViewLevel {
			return &faces[i]
		}
	}
	return nil
}

// firstCentroid returns the trimmed centroid of a label's first vectors; nil: it has none.
func (v *Vectors) firstCentroid(label string) []float32 {
	from, _ := slices.BinarySearchFunc(v.Rows, label, func(im schemas.Image, label string) int {
		return strings.Compare(im.Identity, label)
	})
	var vectors [][]float32
	for i := from; i < len(v.Rows) && v.Rows[i].Identity == label; i++ {
		if x := v.Embeddings[i].Vector; x != nil {
			vectors = append(vectors, x)
		}
	}
	if len(vectors) == 0 {
		return nil
	}
	m := cluster.NewMatrix(len(vectors), len(vectors[0]))
	for i, x := range vectors {
		copy(m.Row(i), x)
	}
	return cluster.IdentityCentroid(m).Vector
}

// replace puts a second look's face in the place of an embedding's.
func replace(e *schemas.Embedding, face *schemas.LookedFace, faces int) {
	e.Error, e.Vector, e.Faces = schemas.FaultNone, slices.Clone(face.Vector), int32(faces)
	e.Box, e.Landmarks, e.Length = face.Box, face.Landmarks, face.Length
	e.DetScore, e.HasDetScore, e.Sharpness = face.DetScore, true, 0
}

// add adds what a second look found of a face to its embedding: the sum of both vectors,
// scaled to unit length and rounded as all are, and the better detector's score.
func add(e *schemas.Embedding, face *schemas.LookedFace) {
	sum := make([]float32, len(e.Vector))
	for i := range sum {
		sum[i] = e.Vector[i] + face.Vector[i]
	}
	if err := schemas.RoundVector(sum); err != nil { // two opposite vectors
		return
	}
	e.Vector, e.DetScore = sum, max(e.DetScore, face.DetScore)
}

// overlap returns the intersection of two boxes over their union.
func overlap(a, b [4]float32) float32 {
	w := min(a[0]+a[2], b[0]+b[2]) - max(a[0], b[0])
	h := min(a[1]+a[3], b[1]+b[3]) - max(a[1], b[1])
	if w <= 0 || h <= 0 {
		return 0
	}
	both := float32(w * h)
	return both / (float32(a[2]*a[3]) + float32(b[2]*b[3]) - both)
}
