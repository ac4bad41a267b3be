package store

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/cenkalti/backoff/v5"
	"github.com/minio/minio-go/v7"
)

// s3Reader reads an object and goes on where a connection broke off.
type s3Reader struct {
	ctx      context.Context // of the Get that this reader is the answer to
	store    *s3Store
	name     string
	off, end int64 // the next byte; one after the last, or -1
	etag     string
	body     io.ReadCloser
}

// errReplaced is a reader's error where the rest of what it has begun is gone.
var errReplaced = errors.New("the object was replaced while it was read")

// connect asks for the bytes from off on.
func (r *s3Reader) connect() error {
	if r.body != nil {
		r.body.Close()
		r.body = nil
	}
	body, etag, err := r.store.get(r.ctx, r.name, r.off, r.end, r.etag)
	var response minio.ErrorResponse
	switch {
	case errors.As(err, &response) && response.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		body = http.NoBody // the object ends before off
	case errors.As(err, &response) && response.StatusCode == http.StatusPreconditionFailed:
		return errReplaced
	case err != nil:
		return objectCause(err)
	}
	r.body, r.etag = body, etag
	return nil
}

// Read implements io.Reader. A connection that breaks off without a byte is made anew.
func (r *s3Reader) Read(p []byte) (n int, err error) {
	if r.end >= 0 && r.off >= r.end {
		return 0, io.EOF
	}
	err = retry(r.ctx, openTries, func() error {
		if r.body == nil {
			if err := r.connect(); err != nil {
				return backoff.Permanent(err)
			}
		}
		n, err = r.body.Read(p)
		r.off += int64(n)
		switch ended := errors.Is(err, io.EOF); {
		case n > 0 && !ended:
			return nil // a fault is met again at the next Read
		case err == nil || ended:
			return backoff.Permanent(err)
		case r.ctx.Err() != nil:
			return backoff.Permanent(r.ctx.Err())
		}
		r.body.Close()
		r.body = nil
		return s3Cause(err)
	})
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	return n, failed("get", r.name, err)
}

func (r *s3Reader) Close() error {
	if r.body == nil {
		return nil
	}
	return r.body.Close()
}
