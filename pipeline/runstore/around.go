package runstore

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"math"
	"slices"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// What is around an image, at most.
const (
	OwnCosines     = 32 // to images of its own label: ten count, and copies of a photograph count once
	OtherCentroids = 10 // whose lists it asks beside its own label's
	OtherImages    = 16 // of other labels
)

// Around is what a usable image of the set is near to. Identities are numbered as they
// stand in the set's part of the aggregate table, from 0.
type Around struct {
	Identity int32 // that of its label, a person's relabelling applied
	// Own is the leave-one-out cosine to the trimmed centroid of Identity; NaN where
	// the image is alone there.
	Own        float32
	OwnCosines []float32 // to the most similar other images of Identity, best first
	// OwnPositions are those of these images in the set's order of all images; -1: of
	// another label, from which a person moved it.
	OwnPositions []int64
	Centroids    []Near      // the nearest of all other identities, best first
	Images       []NearImage // the most similar images of other labels, best first
}

// Near is an identity and the cosine to its trimmed centroid.
type Near struct {
	Identity int32
	Cosine   float32
}

// NearImage is an image near another one.
type NearImage struct {
	Identity int32 // that of its label
	Cosine   float32
	Position int64 // in the set's order of all images (identity, path), from 0
	// Stays says that it is a neighbour too where the other image's own identity is
	// taken away.
	Stays bool
}

// Compare orders the neighbours of one image: by cosine, the best first, and of equal
// ones by position.
func (n NearImage) Compare(other NearImage) int {
	return cmp.Or(cmp.Compare(other.Cosine, n.Cosine), cmp.Compare(n.Position, other.Position))
}

// Around returns what is around each image of a shard of the set: an element a row of
// the shard, nil where the image is not usable. The stages nearest and neighbours have
// to be done.
func (r *Run) Around(ctx context.Context, shard int) ([]*Around, error) {
	sh, err := r.Shard(ShardKey{Source: schemas.Set, Shard: shard})
	if err != nil {
		return nil, err
	}
	name := schemas.NearestObject(r.ID, shard)
	rows, err := GetTable(ctx, r.Store, name, schemas.ReadNearest)
	if err != nil {
		return nil, err
	}
	out := make([]*Around, sh.Images)
	for i := range rows {
		if k := int(rows[i].Row); k < 0 || k >= len(out) || out[k] != nil {
			return nil, origin.Errorf("pipeline", "%s: row %d is of no image, or the second of one", name, i)
		}
		out[rows[i].Row] = newAround(&rows[i])
	}
	groups := 1
	for g := 0; g < groups; g++ {
		if groups, err = r.addImages(ctx, g, shard, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func newAround(row *schemas.Nearest) *Around {
	a := &Around{Identity: row.Identity, Own: float32(math.NaN()), OwnCosines: row.OwnCosines,
		OwnPositions: row.OwnPositions}
	if row.Own != nil {
		a.Own = *row.Own
	}
	for k, c := range row.Cosines {
		a.Centroids = append(a.Centroids, Near{row.Identities[k], c})
	}
	return a
}

// addImages adds what a group of lists knows to the images of a shard, and returns the
// number of groups.
func (r *Run) addImages(ctx context.Context, group, shard int, around []*Around) (groups int, err error) {
	var about schemas.ListGroup
	if err := r.GetJSON(ctx, schemas.GroupObject(r.ID, group), &about); err != nil {
		return 0, err
	}
	name := schemas.NeighboursObject(r.ID, group, shard)
	rows, err := GetTable(ctx, r.Store, name, schemas.ReadImageNeighbours)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, origin.Errorf("pipeline", "%s has %s and lacks %s (delete the folders nearest/ and neighbours/ "+
			"of the run and run the same command again): %w", r.Store, schemas.GroupObject(r.ID, group), name, err)
	}
	if err != nil {
		return 0, err
	}
	for i := range rows {
		row := &rows[i]
		if k := int(row.Row); k < 0 || k >= len(around) || around[k] == nil {
			return 0, origin.Errorf("pipeline", "%s: row %d is of no usable image", name, i)
		}
		a := around[row.Row]
		for k, c := range row.Cosines {
			a.Images = append(a.Images, NearImage{row.Identities[k], c, row.Positions[k], row.Stays[k]})
		}
		slices.SortFunc(a.Images, NearImage.Compare)
		a.Images = a.Images[:min(len(a.Images), OtherImages)]
	}
	return about.Groups, nil
}
