package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"strings"

	"github.com/minio/minio-go/v7"
)

// s3Store keeps each object under prefix/name in a bucket.
type s3Store struct {
	conn *s3Conn
}

func openS3Store(ctx context.Context, url string, o S3Options) (Store, error) {
	conn, err := dialS3(ctx, url, o)
	if err == nil && conn.prefix != "" {
		err = checkName(conn.prefix)
	}
	if err != nil {
		return nil, failed("open", Redact(url), err)
	}
	return &s3Store{conn}, nil
}

func (s *s3Store) String() string { return "s3://" + s.conn.bucket + "/" + s.conn.prefix }

func (s *s3Store) key(name string) string {
	if s.conn.prefix == "" {
		return name
	}
	return s.conn.prefix + "/" + name
}

func (s *s3Store) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	return s.GetRange(ctx, name, 0, -1)
}

func (s *s3Store) GetRange(ctx context.Context, name string, off, n int64) (io.ReadCloser, error) {
	r, err := s.open(ctx, name, off, n)
	if err != nil {
		return nil, failed("get", name, err)
	}
	return r, nil
}

func (s *s3Store) open(ctx context.Context, name string, off, n int64) (io.ReadCloser, error) {
	if err := check(ctx, name); err != nil {
		return nil, err
	}
	if off < 0 {
		return nil, fmt.Errorf("%w: offset %d", fs.ErrInvalid, off)
	}
	if n == 0 { // a range can't be empty
		_, err := s.stat(ctx, name)
		return http.NoBody, err
	}
	end := int64(-1)
	if n > 0 {
		end = off + n
	}
	r := &s3Reader{ctx: ctx, store: s, name: name, off: off, end: end}
	if err := r.connect(); err != nil {
		return nil, err
	}
	return r, nil
}

// get opens bytes off to end-1 of an object, to its end where end < 0; etag,
// where given, must be the object's.
func (s *s3Store) get(
	ctx context.Context, name string, off, end int64, etag string,
) (io.ReadCloser, string, error) {
	var options minio.GetObjectOptions
	if end > 0 {
		if err := options.SetRange(off, end-1); err != nil {
			return nil, "", err
		}
	} else if off > 0 {
		if err := options.SetRange(off, 0); err != nil {
			return nil, "", err
		}
	}
	if etag != "" {
		if err := options.SetMatchETag(etag); err != nil {
			return nil, "", err
		}
	}
	body, info, _, err := minio.Core{Client: s.conn.client}.GetObject(ctx, s.conn.bucket, s.key(name), options)
	if err != nil {
		return nil, "", err
	}
	return body, info.ETag, nil
}

func (s *s3Store) Stat(ctx context.Context, name string) (Info, error) {
	if err := check(ctx, name); err != nil {
		return Info{}, failed("stat", name, err)
	}
	info, err := s.stat(ctx, name)
	return info, failed("stat", name, err)
}

func (s *s3Store) stat(ctx context.Context, name string) (Info, error) {
	o, err := s.conn.client.StatObject(ctx, s.conn.bucket, s.key(name), minio.StatObjectOptions{})
	if err != nil {
		return Info{}, objectCause(err)
	}
	return Info{Name: name, Size: o.Size, Modified: o.LastModified}, nil
}

// objectCause is s3Cause where an object was asked for: fs.ErrNotExist is about
// the object alone.
func objectCause(err error) error {
	if isMissing(err) {
		return fs.ErrNotExist
	}
	cause := s3Cause(err)
	var e *s3Error
	if errors.As(cause, &e) && errors.Is(e.kind, fs.ErrNotExist) {
		return &s3Error{response: e.response}
	}
	return cause
}

func (s *s3Store) Delete(ctx context.Context, name string) error {
	if err := check(ctx, name); err != nil {
		return failed("delete", name, err)
	}
	err := s.conn.client.RemoveObject(ctx, s.conn.bucket, s.key(name), minio.RemoveObjectOptions{})
	if err == nil || isMissing(err) {
		return nil
	}
	return failed("delete", name, objectCause(err))
}

func (s *s3Store) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		if err := checkPrefix(prefix); err != nil {
			yield(Info{}, failed("list", prefix, err))
			return
		}
		noOwner := false
		options := minio.ListObjectsOptions{Prefix: s.key(prefix), Recursive: true, FetchOwner: &noOwner}
		base, last := s.key(""), ""
		for object := range s.conn.client.ListObjectsIter(ctx, s.conn.bucket, options) {
			if object.Err != nil {
				yield(Info{}, failed("list", prefix, s3Cause(object.Err)))
				return
			}
			name := strings.TrimPrefix(object.Key, base)
			if checkName(name) != nil {
				continue // a folder's marker, or somebody else's
			}
			if name <= last {
				yield(Info{}, failed("list", prefix,
					fmt.Errorf("the server lists %s after %s; it does not keep S3's order", name, last)))
				return
			}
			last = name
			if !yield(Info{Name: name, Size: object.Size, Modified: object.LastModified}, nil) {
				return
			}
		}
		// The client ends a listing without a word when the context ends.
		if err := ctx.Err(); err != nil {
			yield(Info{}, failed("list", prefix, err))
		}
	}
}
