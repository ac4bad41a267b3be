package tree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/minio/minio-go/v7"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// bucket is a tree below a prefix of an S3 bucket. A folder is a common prefix.
type bucket struct {
	client         *minio.Client
	bucket, prefix string // prefix has no '/' at its ends
}

func openBucket(ctx context.Context, url string, o store.S3Options) (*bucket, error) {
	client, name, prefix, err := store.OpenS3(ctx, url, o)
	if err != nil {
		return nil, err
	}
	return &bucket{client: client, bucket: name, prefix: prefix}, nil
}

// String implements Tree.
func (b *bucket) String() string { return "s3://" + Join(b.bucket, b.prefix) }

// Parallel implements Tree. Many listings at a time hide the round trip of each: a
// folder takes one request per 1,000 names.
func (b *bucket) Parallel() int { return 32 }

func (b *bucket) key(name string) string { return Join(b.prefix, name) }

// List implements Tree.
func (b *bucket) List(ctx context.Context, folder string) ([]Entry, error) {
	prefix := b.prefix
	if folder != "" {
		prefix = b.key(folder)
	}
	if prefix != "" {
		prefix += "/"
	}
	noOwner := false
	var out []Entry
	met := false
	options := minio.ListObjectsOptions{Prefix: prefix, FetchOwner: &noOwner}
	for o := range b.client.ListObjectsIter(ctx, b.bucket, options) {
		if o.Err != nil {
			return nil, listFault(ctx, o.Err)
		}
		met = true
		name, isFolder := strings.CutSuffix(strings.TrimPrefix(o.Key, prefix), "/")
		if name == "" && !isFolder {
			continue // the folder's own marker
		}
		e := Entry{Name: name, Folder: isFolder, Size: o.Size, Tag: o.ETag}
		if name == "" || name == "." || name == ".." {
			e.Odd = OddKey
		}
		out = append(out, e)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if folder == "" && !met {
		return nil, fmt.Errorf("no object begins with %q: %w", prefix, fs.ErrNotExist)
	}
	return out, nil
}

// listFault gives a refused listing the error that callers look for.
func listFault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r := minio.ToErrorResponse(err)
	if r.Code == minio.AccessDenied {
		return fmt.Errorf("%w: %s", fs.ErrPermission, oneLine(err))
	}
	return err
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// Open implements Tree.
func (b *bucket) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	body, _, _, err := minio.Core{Client: b.client}.GetObject(ctx, b.bucket, b.key(name),
		minio.GetObjectOptions{})
	if err == nil {
		return body, nil
	}
	switch fault := s3Fault(err); {
	case errors.Is(fault, schemas.FaultMissing):
		return nil, fmt.Errorf("%w: %s", fs.ErrNotExist, oneLine(err))
	case errors.Is(fault, schemas.FaultForbidden):
		return nil, fmt.Errorf("%w: %s", fs.ErrPermission, oneLine(err))
	}
	return nil, err
}
