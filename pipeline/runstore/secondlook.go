package runstore

import (
	"context"
	"errors"
	"io/fs"

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
// twice hold both looks; where the shard's second look was given up, the first one's. The
// error is fs.ErrNotExist where a part has no vectors yet, or the shard no second look.
func (r *Run) Vectors(ctx context.Context, sh schemas.Shard) (*Vectors, error) {
	v, err := r.FirstVectors(ctx, sh)
	if err != nil || !r.LooksAgain(sh.Source) {
		return v, err
	}
	looks, err := GetTable(ctx, r.Store, schemas.SecondLookObject(r.ID, sh.Source, sh.Index), schemas.ReadSecondLooks)
	if errors.Is(err, fs.ErrNotExist) {
		given, failed := r.LookGivenUp(ctx, sh)
		if v.LookGivenUp = given; given || failed != nil {
			return v, failed
		}
	}
	if err != nil {
		return nil, err
	}
	return v, v.join(looks, r.Spec.Embed.Contract.Dim)
}

// LookGivenUp says whether the second look at a shard was given up: its images keep what
// the first one gave.
func (r *Run) LookGivenUp(ctx context.Context, sh schemas.Shard) (bool, error) {
	t := schemas.Task{Run: r.ID, Stage: schemas.StageSecondLook, Source: sh.Source, Shard: sh.Index}
	return Exists(ctx, r.Store, schemas.FailureObject(r.ID, t))
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
