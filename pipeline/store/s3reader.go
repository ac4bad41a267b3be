package store

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

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
	tries    int // since the last byte
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

func (r *s3Reader) Read(p []byte) (int, error) {
	for {
		if r.end >= 0 && r.off >= r.end {
			return 0, io.EOF
		}
		if r.body == nil {
			if err := r.connect(); err != nil {
				return 0, failed("get", r.name, err)
			}
		}
		n, err := r.body.Read(p)
		r.off += int64(n)
		switch {
		case n > 0:
			r.tries = 0
			if err != nil && err != io.EOF {
				err = nil // met again at the next Read
			}
			return n, err
		case err == nil || err == io.EOF:
			return n, err
		case r.ctx.Err() != nil:
			return 0, failed("get", r.name, r.ctx.Err())
		}
		if r.tries++; r.tries == openTries {
			return 0, failed("get", r.name, s3Cause(err))
		}
		if err := sleep(r.ctx, time.Duration(r.tries)*putWait); err != nil {
			return 0, failed("get", r.name, err)
		}
		r.body.Close()
		r.body = nil
	}
}

func (r *s3Reader) Close() error {
	if r.body == nil {
		return nil
	}
	return r.body.Close()
}
