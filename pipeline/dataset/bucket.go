package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"

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

func (b *bucket) String() string { return "s3://" + join(b.bucket, b.prefix) }

// parallel hides a listing's round trip: a folder takes one request per 1,000
// names.
func (b *bucket) parallel() int { return 32 }

func (b *bucket) key(name string) string { return join(b.prefix, name) }

func (b *bucket) list(ctx context.Context, dir string) ([]entry, error) {
	prefix := b.prefix
	if dir != "" {
		prefix = b.key(dir)
	}
	if prefix != "" {
		prefix += "/"
	}
	noOwner := false
	var out []entry
	met := false
	for o := range b.client.ListObjectsIter(ctx, b.bucket, minio.ListObjectsOptions{Prefix: prefix, FetchOwner: &noOwner}) {
		if o.Err != nil {
			return nil, listFault(ctx, o.Err)
		}
		met = true
		name, isFolder := strings.CutSuffix(strings.TrimPrefix(o.Key, prefix), "/")
		if name == "" && !isFolder {
			continue // the folder's own marker
		}
		e := entry{name: name, folder: isFolder, size: o.Size, tag: o.ETag}
		if name == "" || name == "." || name == ".." {
			e.odd = skipKey
		}
		out = append(out, e)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if dir == "" && !met {
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

func (b *bucket) open(ctx context.Context, name string) (io.ReadCloser, error) {
	body, _, _, err := minio.Core{Client: b.client}.GetObject(ctx, b.bucket, b.key(name), minio.GetObjectOptions{})
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

// readTries is how often an image is asked for when its transfer breaks off;
// the client itself tries refused requests again.
const readTries = 4

// readWait is the wait before the second try; it doubles.
const readWait = 200 * time.Millisecond

// read gets the listed version (If-Match), so that a row's bytes are those that
// were listed.
func (b *bucket) read(ctx context.Context, im schemas.Image) ([]byte, error) {
	for try := 0; ; try++ {
		data, err := b.readOnce(ctx, im)
		var fault schemas.Fault
		var answer minio.ErrorResponse
		if err == nil || errors.As(err, &fault) || errors.As(err, &answer) || ctx.Err() != nil || try == readTries-1 {
			return data, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(readWait << try):
		}
	}
}

func (b *bucket) readOnce(ctx context.Context, im schemas.Image) ([]byte, error) {
	var o minio.GetObjectOptions
	if im.Tag != "" {
		if err := o.SetMatchETag(im.Tag); err != nil {
			return nil, err
		}
	}
	whole := im.Offset == 0 && im.Length < 0
	if !whole {
		from := "bytes=" + strconv.FormatInt(im.Offset, 10) + "-"
		if im.Length > 0 {
			from += strconv.FormatInt(im.Offset+im.Length-1, 10)
		}
		o.Set("Range", from)
	}
	body, info, header, err := minio.Core{Client: b.client}.GetObject(ctx, b.bucket, b.key(im.Object), o)
	if err != nil {
		return nil, s3Fault(err)
	}
	defer body.Close()
	size := info.Size
	if _, total, ok := strings.Cut(header.Get("Content-Range"), "/"); ok && !whole {
		if size, err = strconv.ParseInt(total, 10, 64); err != nil {
			return nil, fmt.Errorf("Content-Range %q: %w", header.Get("Content-Range"), err)
		}
	}
	if im.Size >= 0 && size != im.Size {
		return nil, schemas.FaultChanged
	}
	n, err := span(im, size)
	if err != nil {
		return nil, err
	}
	data := make([]byte, n)
	_, err = io.ReadFull(body, data)
	return data, err
}

// s3Fault tells what is wrong with an image from what is wrong with the
// machine: a missing bucket and refused credentials are the machine's.
func s3Fault(err error) error {
	var r minio.ErrorResponse
	if !errors.As(err, &r) {
		return err
	}
	switch {
	case r.Code == minio.NoSuchBucket:
		return err
	case r.Code == minio.NoSuchKey, r.StatusCode == http.StatusNotFound:
		return schemas.FaultMissing
	case r.Code == minio.AccessDenied:
		return schemas.FaultForbidden
	case r.StatusCode == http.StatusPreconditionFailed:
		return schemas.FaultChanged
	case r.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		return schemas.FaultTruncated
	}
	return err
}
