package plan

import (
	"context"
	"fmt"
	"io"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// precomputedVectors keeps vectors that were computed elsewhere until their shard is
// cut.
type precomputedVectors struct {
	embed   schemas.EmbedSpec
	waiting map[string]dataset.VectorRow
}

// DimensionError says that precomputed vectors are not the model's.
type DimensionError struct {
	URL            string // of the vectors
	Vectors, Model int    // numbers of a vector there, and of the model's
}

// Error returns both dimensions.
func (e *DimensionError) Error() string {
	return fmt.Sprintf("%s has vectors of %d numbers and the model gives %d", e.URL, e.Vectors, e.Model)
}

// listVectors streams a table of precomputed vectors into shards.
func (l *listing) listVectors(ctx context.Context, embed *schemas.EmbedSpec) error {
	all, dim, err := dataset.OpenVectors(ctx, l.request.Vectors, l.request.Dataset.S3)
	if err != nil {
		return err
	}
	if embed.Model == "" {
		*embed = schemas.EmbedSpec{Contract: schemas.ModelContract{Dim: dim}}
	}
	if embed.Contract.Dim != dim {
		return origin.Errorf("pipeline", "%w", &DimensionError{l.request.Vectors, dim, embed.Contract.Dim})
	}
	l.precomputed = &precomputedVectors{embed: *embed, waiting: map[string]dataset.VectorRow{}}
	l.location = schemas.SourceLocation{Name: l.request.Name}
	var rows []schemas.Image
	for v, err := range all {
		if err != nil {
			return err
		}
		if len(rows) > 0 && rows[0].Identity != v.Identity {
			if err := l.identity(schemas.Identity{Label: rows[0].Identity, Images: len(rows)}, rows); err != nil {
				return err
			}
			rows = nil
		}
		e := given(v)
		l.hasher.AddVector(v.Identity, &e, second(v))
		delete(l.unmet, v.Path)
		l.precomputed.waiting[v.Path] = v
		rows = append(rows, schemas.Image{Path: v.Path, Identity: v.Identity, Object: v.Path, Length: -1,
			Size: -1, Tag: schemas.GivenTag(&e, second(v))})
		l.spec.SecondLooks = l.spec.SecondLooks || v.Second != nil
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return origin.Errorf("pipeline", "%s has no rows", l.request.Vectors)
	}
	return l.identity(schemas.Identity{Label: rows[0].Identity, Images: len(rows)}, rows)
}

// given returns a row of precomputed vectors as an embedding, its vector as it came.
func given(v dataset.VectorRow) schemas.Embedding {
	return schemas.Embedding{Path: v.Path, Faces: -1, Box: v.Box, DetScore: v.DetScore,
		HasDetScore: v.HasDetScore, Length: v.Length, Error: v.Fault, Vector: v.Vector}
}

// second returns what a row says of a second look; nil: nothing.
func second(v dataset.VectorRow) *schemas.LookedFace {
	if v.Second == nil {
		return nil
	}
	return &schemas.LookedFace{View: schemas.ViewLevel, Box: v.Box, DetScore: v.SecondScore, Length: v.Length,
		Vector: v.Second}
}

// storeLooks writes what a part's rows say of a second look.
func (p *precomputedVectors) storeLooks(ctx context.Context, st store.Store, id string, rows []dataset.VectorRow) error {
	var looks []schemas.SecondLook
	for _, v := range rows {
		face := second(v)
		if face == nil {
			continue
		}
		if err := schemas.RoundVector(face.Vector); err != nil {
			return origin.Errorf("pipeline", "second vector of %s: %w", schemas.EscapePath(v.Path), err)
		}
		looks = append(looks, schemas.SecondLook{Path: v.Path, Faces: []schemas.LookedFace{*face}})
	}
	return runstore.PutTable(ctx, st, schemas.GivenLooksObject(id), func(w io.Writer) error {
		return schemas.WriteSecondLooks(w, p.embed.Contract.Dim, looks)
	})
}

// store writes a shard's vectors, and the pointers that its embed tasks would
// have written.
func (p *precomputedVectors) store(
	ctx context.Context, st store.Store, sh schemas.Shard, rows []schemas.Image,
) error {
	for _, part := range sh.Parts {
		embs, faults := make([]schemas.Embedding, 0, part.End-part.Start), map[schemas.Fault]int{}
		var table []dataset.VectorRow
		for _, row := range rows[part.Start:part.End] {
			v := p.waiting[row.Path]
			delete(p.waiting, row.Path)
			e := given(v)
			if v.Fault != schemas.FaultNone {
				faults[v.Fault]++
			} else if err := schemas.RoundVector(e.Vector); err != nil {
				return origin.Errorf("pipeline", "vector of %s: %w", schemas.EscapePath(row.Path), err)
			}
			embs = append(embs, e)
			table = append(table, v)
		}
		family := schemas.FamilyID(p.embed, runstore.Precomputed, false, rows[part.Start:part.End])
		name := schemas.VectorsObject(family, part.Listed)
		err := runstore.PutTable(ctx, st, name, func(w io.Writer) error {
			return schemas.WriteVectors(w, p.embed.Contract.Dim, embs)
		})
		if err != nil {
			return err
		}
		ptr := schemas.Pointer{Family: family, Vectors: part.Listed, Images: len(embs), Faults: faults}
		id := schemas.EmbedID(p.embed, runstore.Precomputed, false, part.Listed)
		if err := p.storeLooks(ctx, st, id, table); err != nil {
			return err
		}
		if err := runstore.PutJSON(ctx, st, schemas.EmbedPointer(id), ptr); err != nil {
			return err
		}
	}
	return nil
}
