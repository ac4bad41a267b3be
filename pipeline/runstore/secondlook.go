package runstore

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// LooksAgain says whether doubtful images of a source are looked at twice: where the run
// wants it, and a detector finds the faces or precomputed vectors came with second looks.
func (r *Run) LooksAgain(source schemas.Source) bool {
	s := r.sourceSpec(source)
	switch {
	case r.Spec.Judge.SecondLook == "":
		return false
	case s.Precomputed:
		return s.SecondLooks
	}
	return r.Spec.Embed.Detector != "" && !s.Aligned
}

// GivenLooks returns the second looks that came with a shard's precomputed vectors, by path.
func (r *Run) GivenLooks(ctx context.Context, sh schemas.Shard) (map[string]schemas.SecondLook, error) {
	out := map[string]schemas.SecondLook{}
	for _, p := range sh.Parts {
		looks, err := GetTable(ctx, r.Store, r.GivenLooksObject(p), schemas.ReadSecondLooks)
		if err != nil {
			return nil, err
		}
		for _, look := range looks {
			out[look.Path] = look
		}
	}
	return out, nil
}

// GivenLooksObject names the second looks that came with the precomputed vectors of a part.
func (r *Run) GivenLooksObject(p schemas.Part) string {
	return schemas.GivenLooksObject(schemas.EmbedID(r.Spec.Embed, Precomputed, false, p.Listed))
}

// LookTasks returns a task of a stage, schemas.StageDoubtful or schemas.StageSecondLook,
// for each shard whose doubtful images are looked at again.
func (r *Run) LookTasks(stage schemas.Stage) []schemas.Task {
	var tasks []schemas.Task
	for _, src := range r.Plan.Sources {
		if !r.LooksAgain(src.Name) {
			continue
		}
		for _, sh := range src.Shards {
			tasks = append(tasks, schemas.Task{Run: r.ID, Stage: stage, Source: src.Name, Shard: sh.Index})
		}
	}
	return tasks
}

// DoubtID returns the id of the set's list of doubtful images.
func (r *Run) DoubtID() string {
	return schemas.DoubtID(r.Spec.Data, r.Spec.Embed, r.NumericKind, r.Spec.Judge.SecondLook)
}

// Doubts returns what the first look says of the doubtful images of a shard; empty where
// the source's images are looked at once.
func (r *Run) Doubts(ctx context.Context, sh schemas.Shard) ([]schemas.Doubt, error) {
	if !r.LooksAgain(sh.Source) {
		return nil, nil
	}
	name := schemas.DoubtfulObject(r.ID, sh.Source, sh.Index)
	rows, err := GetTable(ctx, r.Store, name, schemas.ReadDoubts)
	if n := len(rows); err == nil && n > 0 && int(rows[n-1].Row) >= sh.Images {
		err = origin.Errorf("pipeline", "%s names row %d of a shard of %d images", name, rows[n-1].Row, sh.Images)
	}
	return rows, err
}

// LookObject names where the second look at an image stands, by the first look's embedding.
func (r *Run) LookObject(e *schemas.Embedding) string {
	return schemas.LookObject(schemas.LookID(r.Spec.Embed, r.NumericKind, r.Spec.Judge.SecondLook, e.SHA256, e.Box,
		e.Landmarks))
}

// LookObjects names where the second looks at a shard's images stand; none where the shard
// was not looked at again yet, or has no vectors any more.
func (r *Run) LookObjects(ctx context.Context, sh schemas.Shard) ([]string, error) {
	doubts, err := r.Doubts(ctx, sh)
	if err != nil || r.Precomputed(sh.Source) {
		return nil, ignoreMissing(err)
	}
	var names []string
	for _, p := range sh.Parts {
		var ptr schemas.Pointer
		err := r.GetJSON(ctx, r.Pointer(sh.Source, p), &ptr)
		var rows []schemas.Embedding
		if err == nil {
			rows, err = GetTable(ctx, r.Store, ptr.Object(), schemas.ReadVectorSums)
		}
		if err != nil {
			return nil, ignoreMissing(err)
		}
		for len(doubts) > 0 && int(doubts[0].Row) < p.Start+len(rows) {
			names = append(names, r.LookObject(&rows[int(doubts[0].Row)-p.Start]))
			doubts = doubts[1:]
		}
	}
	return names, nil
}

// ignoreMissing drops an error that says that an object is not there.
func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Vectors returns a shard's rows and embeddings. Those of images that were looked at
// twice hold both looks. The error is fs.ErrNotExist where a part has no vectors yet, or
// the shard no second look.
func (r *Run) Vectors(ctx context.Context, sh schemas.Shard) (*Vectors, error) {
	v, err := r.FirstVectors(ctx, sh)
	if err != nil || !r.LooksAgain(sh.Source) {
		return v, err
	}
	looks, err := GetTable(ctx, r.Store, schemas.SecondLookObject(r.ID, sh.Source, sh.Index), schemas.ReadSecondLooks)
	if err != nil {
		return nil, err
	}
	return v, v.join(looks, r.Spec.Embed.Contract.Dim)
}

// attach brings the second looks, in the rows' order, to their rows.
func (v *Vectors) attach(looks []schemas.SecondLook, dim int) error {
	v.Looks = make([]*schemas.SecondLook, len(v.Rows))
	row := 0
	for i := range looks {
		for row < len(v.Rows) && v.Rows[row].Path != looks[i].Path {
			row++
		}
		if row == len(v.Rows) {
			return origin.Errorf("pipeline", "a second look at %s, which is not in its shard, or not in order",
				schemas.EscapePath(looks[i].Path))
		}
		v.Looks[row] = &looks[i]
		for k := range looks[i].Faces {
			if n := len(looks[i].Faces[k].Vector); n != dim {
				return origin.Errorf("pipeline", "a second look at %s has a vector of %d numbers, not %d",
					schemas.EscapePath(looks[i].Path), n, dim)
			}
		}
	}
	return nil
}

// join brings the second looks to the embeddings.
func (v *Vectors) join(looks []schemas.SecondLook, dim int) error {
	if err := v.attach(looks, dim); err != nil {
		return err
	}
	// The faces that count are chosen by the first look's vectors, before any changes.
	v.chosen, v.replaced = make([]*schemas.LookedFace, len(v.Rows)), make([]bool, len(v.Rows))
	v.later = make([]bool, len(v.Rows))
	for row, look := range v.Looks {
		v.later[row] = v.Embeddings[row].Vector == nil
		if look != nil {
			v.chosen[row], v.replaced[row] = v.choose(row, look.Faces)
		}
	}
	for row, face := range v.chosen {
		switch e := &v.Embeddings[row]; {
		case face == nil:
		case v.replaced[row]:
			replace(e, face, len(v.Looks[row].Faces))
		default:
			add(e, face)
		}
	}
	return nil
}

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

// What is hardly a face, and what surely is one, by the detector's score.
const (
	hardlyFace = .75
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
	if e.HasDetScore && score < hardlyFace {
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
