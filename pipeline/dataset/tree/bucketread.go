package tree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/minio/minio-go/v7"

	"github.com/facesieve/facesieve/schemas"
)

const (
	// readTries is how often an image is asked for when its transfer breaks off;
	// the client itself tries refused requests again.
	readTries = 4
	readWait  = 200 * time.Millisecond // the wait before the second try; it doubles
)

// Read implements Tree. It gets the listed version (If-Match), so that a row's bytes are
// those that were listed.
func (b *bucket) Read(ctx context.Context, im schemas.Image) ([]byte, error) {
	waits := &backoff.ExponentialBackOff{InitialInterval: readWait, Multiplier: 2, MaxInterval: time.Minute}
	return backoff.Retry(ctx, func() ([]byte, error) {
		data, err := b.readOnce(ctx, im)
		var fault schemas.Fault
		var answer minio.ErrorResponse
		if errors.As(err, &fault) || errors.As(err, &answer) || err != nil && ctx.Err() != nil {
			return data, backoff.Permanent(err)
		}
		return data, err
	}, backoff.WithBackOff(waits), backoff.WithMaxTries(readTries), backoff.WithMaxElapsedTime(0))
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
