package report

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sort"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/schemas"
)

// ErrNoImages says that a report has no images to be read: it was made from vectors
// that were computed elsewhere, or copied out of its store.
var ErrNoImages = errors.New("no images")

// OpenImage returns the bytes of the image that a row of the images table is about,
// read where the run read it. What is wrong with the image is a schemas.Fault; the
// error is ErrNoImages where the run had none.
func (r *Report) OpenImage(ctx context.Context, row schemas.Verdict) ([]byte, error) {
	return r.ReadImage(ctx, row.Identity, row.Embedding.Path)
}

// ReadImage returns the bytes of an image of the set by its label and its path, as
// OpenImage does: those of a row's EvidenceFor stand under its Identity, those of
// its EvidenceAgainst under its OtherIdentity.
func (r *Report) ReadImage(ctx context.Context, identity, path string) ([]byte, error) {
	listed, err := r.Listed(ctx, identity, path)
	if err != nil {
		return nil, err
	}
	images, err := r.reader(ctx)
	if err != nil {
		return nil, origin.Errorf("report", "%w", err)
	}
	data, err := images.Read(ctx, listed)
	if err != nil {
		return nil, origin.Errorf("report", "image %s: %w", schemas.EscapePath(path), err)
	}
	return data, nil
}

// Listed returns the row of the run's listing about an image of the set, by its
// label and its path: the object that holds its bytes, with the object's size where
// the listing knew it (a local folder's does not; OpenImage tells). The error is fs.ErrNotExist where the set has no such image.
func (r *Report) Listed(ctx context.Context, identity, path string) (schemas.Image, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	im, err := r.find(ctx, identity, path)
	if err != nil {
		return im, origin.Errorf("report", "image %s of %s: %w", schemas.EscapePath(path),
			schemas.EscapePath(identity), err)
	}
	return im, nil
}

// find looks an image up in its shard's rows, of which it keeps the last shard's.
// The identities of a set stand in bytewise order, each in one shard.
func (r *Report) find(ctx context.Context, identity, path string) (schemas.Image, error) {
	if err := r.loadPlan(ctx); err != nil {
		return schemas.Image{}, err
	}
	var bad error
	k := sort.Search(len(r.plan.Shards), func(i int) bool {
		first, err := schemas.UnescapePath(r.plan.Shards[i].First)
		bad = errors.Join(bad, err)
		return first > identity
	}) - 1
	if bad != nil {
		return schemas.Image{}, bad
	}
	if k < 0 {
		return schemas.Image{}, fs.ErrNotExist
	}
	if r.rows == nil || r.shard != k {
		rows, err := readObject(ctx, r.store, schemas.RowsObject(r.plan.Shards[k].Rows), schemas.ReadRows)
		if err != nil {
			return schemas.Image{}, err
		}
		r.shard, r.rows = k, rows
	}
	i := slices.IndexFunc(r.rows, func(im schemas.Image) bool {
		return im.Path == path && im.Identity == identity
	})
	if i < 0 {
		return schemas.Image{}, fs.ErrNotExist
	}
	return r.rows[i], nil
}

// loadPlan reads the set's part of the run's plan.
func (r *Report) loadPlan(ctx context.Context) error {
	switch {
	case r.plan != nil:
		return nil
	case r.run == "":
		return fmt.Errorf("%w: the report was copied out of its store", ErrNoImages)
	}
	var plan schemas.Plan
	if err := r.readJSON(ctx, schemas.PlanObject(r.run), &plan); err != nil {
		return err
	}
	if len(plan.Sources) == 0 {
		return fmt.Errorf("%w: the plan of run %s has no source", fs.ErrInvalid, r.run)
	}
	r.plan = &plan.Sources[0]
	return nil
}

// reader opens the set's images, once.
func (r *Report) reader(ctx context.Context) (*dataset.Reader, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.images != nil {
		return r.images, nil
	}
	url, s3 := r.options.Data, r.options.S3
	if url == "" {
		var file schemas.SourceFile
		if err := r.readJSON(ctx, schemas.SourceObject(r.run), &file); err != nil {
			return nil, err
		}
		if len(file.Sources) == 0 || file.Sources[0].URL == "" {
			return nil, fmt.Errorf("%w: run %s was made from vectors", ErrNoImages, r.run)
		}
		set := file.Sources[0]
		url = set.URL
		if s3.Endpoint == "" {
			s3.Endpoint, s3.Region = set.Endpoint, set.Region
		}
	}
	images, err := dataset.OpenReader(ctx, url, s3)
	if err != nil {
		return nil, err
	}
	r.images = images
	return images, nil
}
