package runstore

import (
	"context"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// Vectors is a shard's rows and what embedding them gave.
type Vectors struct {
	Rows       []schemas.Image
	Embeddings []schemas.Embedding // of each row
	// Looks are the second looks at each row; nil: it was looked at once. Empty where the
	// source's images are looked at once.
	Looks []*schemas.SecondLook
	// LookGivenUp: the second look at the shard's doubtful images was given up.
	LookGivenUp bool

	chosen   []*schemas.LookedFace // of each row's second look; nil: none. Empty where Looks is
	replaced []bool                // rows whose chosen face stands in the place of the first look's
	later    []bool                // rows where the first look gave no vector
	objects  []string              // of each part of the shard
	parts    []schemas.Part
}

// Location returns the vectors object that holds a row's vector of the first look, and its
// row there, from 0; "" where the first look gave none.
func (v *Vectors) Location(row int) (object string, objectRow int32) {
	if v.Embeddings[row].Vector == nil || v.foundLater(row) {
		return "", 0
	}
	for k, p := range v.parts {
		if row < p.End {
			return v.objects[k], int32(row - p.Start)
		}
	}
	return "", 0
}

// foundLater says whether a row has a vector that the first look did not give.
func (v *Vectors) foundLater(row int) bool { return len(v.later) > 0 && v.later[row] }

// held returns how many images and faces of second looks are in memory: about a vector each.
func (v *Vectors) held() int {
	n := len(v.Rows)
	for _, look := range v.Looks {
		if look != nil {
			n += len(look.Faces)
		}
	}
	return n
}

// Rows returns a shard's part of the manifest, in order.
func (r *Run) Rows(ctx context.Context, sh schemas.Shard) ([]schemas.Image, error) {
	rows, err := GetTable(ctx, r.Store, schemas.RowsObject(sh.Rows), schemas.ReadRows)
	if err == nil && len(rows) != sh.Images {
		err = origin.Errorf("pipeline", "%s has %d rows; the plan says %d", schemas.RowsObject(sh.Rows),
			len(rows), sh.Images)
	}
	return rows, err
}

// Pointer returns the name of the pointer to a part's vectors.
func (r *Run) Pointer(name schemas.Source, p schemas.Part) string {
	kind := r.NumericKind
	if r.Precomputed(name) {
		kind = Precomputed
	}
	return schemas.EmbedPointer(schemas.EmbedID(r.Spec.Embed, kind, r.Aligned(name), p.Listed))
}

// FirstVectors returns a shard's rows and what the first look at each image gave; the
// error is fs.ErrNotExist where a part has none yet.
func (r *Run) FirstVectors(ctx context.Context, sh schemas.Shard) (*Vectors, error) {
	rows, err := r.Rows(ctx, sh)
	if err != nil {
		return nil, err
	}
	v := &Vectors{Rows: rows, parts: sh.Parts, Embeddings: make([]schemas.Embedding, 0, len(rows))}
	for _, p := range sh.Parts {
		var ptr schemas.Pointer
		if err := r.GetJSON(ctx, r.Pointer(sh.Source, p), &ptr); err != nil {
			return nil, err
		}
		part, err := GetTable(ctx, r.Store, ptr.Object(), schemas.ReadVectors)
		if err != nil {
			return nil, err
		}
		if len(part) != p.End-p.Start {
			return nil, origin.Errorf("pipeline", "%s has %d rows; its part has %d", ptr.Object(),
				len(part), p.End-p.Start)
		}
		v.objects = append(v.objects, ptr.Object())
		v.Embeddings = append(v.Embeddings, part...)
	}
	return v, nil
}

// Thumbnails returns what embedding a shard's images gave, with thumbnails and without
// vectors: a row an image.
func (r *Run) Thumbnails(ctx context.Context, sh schemas.Shard) ([]schemas.Embedding, error) {
	all := make([]schemas.Embedding, 0, sh.Images)
	for _, p := range sh.Parts {
		var ptr schemas.Pointer
		if err := r.GetJSON(ctx, r.Pointer(sh.Source, p), &ptr); err != nil {
			return nil, err
		}
		part, err := GetTable(ctx, r.Store, ptr.Object(), schemas.ReadThumbnails)
		if err != nil {
			return nil, err
		}
		all = append(all, part...)
	}
	if len(all) != sh.Images {
		return nil, origin.Errorf("pipeline", "shard %d of source %s has %d rows; the plan says %d", sh.Index,
			sh.Source.Token(), len(all), sh.Images)
	}
	return all, nil
}
