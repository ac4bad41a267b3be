package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/cenkalti/backoff/v5"
	"github.com/minio/minio-go/v7"
)

// putTries is how often a Put or a Replace is sent.
const putTries = 20

// writerKey is the user metadata that tells whose Put made an object.
const writerKey = "Facesieve-Put"

// Put sends one conditional PUT. A lost answer is tried again and then refused
// because the first try had succeeded: a random mark in the object's metadata
// tells that case from a race that was lost, even against equal bytes.
func (s *s3Store) Put(ctx context.Context, name string, r io.ReadSeeker, size int64) error {
	if err := check(ctx, name); err != nil {
		return failed("put", name, err)
	}
	mark := rand.Text()
	options := minio.PutObjectOptions{DisableMultipart: true, UserMetadata: map[string]string{writerKey: mark}}
	options.SetMatchETagExcept("*")
	err := s.send(ctx, name, r, size, options)
	if !errors.Is(err, fs.ErrExist) {
		return failed("put", name, err)
	}
	info, statErr := s.conn.client.StatObject(ctx, s.conn.bucket, s.key(name), minio.StatObjectOptions{})
	if statErr == nil && info.UserMetadata[writerKey] == mark {
		return nil
	}
	if statErr != nil && !isMissing(statErr) {
		return failed("put", name, s3Cause(statErr))
	}
	return failed("put", name, fs.ErrExist)
}

func (s *s3Store) Replace(ctx context.Context, name string, data []byte) error {
	if err := check(ctx, name); err != nil {
		return failed("replace", name, err)
	}
	options := minio.PutObjectOptions{DisableMultipart: true}
	return failed("replace", name, s.send(ctx, name, bytes.NewReader(data), int64(len(data)), options))
}

// send tries a PUT until it has a final answer. The client's own retries share
// one reader between tries, which a try that was answered early may still read;
// here each try has its own.
func (s *s3Store) send(ctx context.Context, name string, r io.ReadSeeker, size int64,
	options minio.PutObjectOptions) error {
	end, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if end < size {
		return fmt.Errorf("%w: %d of %d bytes", io.ErrUnexpectedEOF, end, size)
	}
	// Signed in pieces, an empty body is not empty, and a server that answers
	// before it has read it takes the rest for the connection's next request.
	options.DisableContentSha256 = size == 0
	source := &sharedSource{r: r}
	return retry(ctx, putTries, func() error {
		body := &tryBody{source: source, size: size}
		_, err := s.conn.once.PutObject(ctx, s.conn.bucket, s.key(name), body, size, options)
		broken := body.finish()
		switch {
		case err == nil:
			return nil
		case broken != nil:
			return backoff.Permanent(broken)
		case !isTransient(ctx, err):
			return backoff.Permanent(s3Cause(err))
		}
		return s3Cause(err)
	})
}

// sharedSource is the caller's reader, read by one try at a time.
type sharedSource struct {
	mu sync.Mutex
	r  io.ReadSeeker
}

// tryBody reads the first size bytes of a source, for one try.
type tryBody struct {
	source    *sharedSource
	size, off int64
	done      bool
	err       error // the source's own fault
}

var errTryOver = errors.New("this try is over")

func (b *tryBody) Read(p []byte) (int, error) {
	b.source.mu.Lock()
	defer b.source.mu.Unlock()
	switch {
	case b.done:
		return 0, errTryOver
	case b.err != nil:
		return 0, b.err
	case b.off >= b.size:
		return 0, io.EOF
	}
	if _, b.err = b.source.r.Seek(b.off, io.SeekStart); b.err != nil {
		return 0, b.err
	}
	n, err := b.source.r.Read(p[:min(int64(len(p)), b.size-b.off)])
	b.off += int64(n)
	if errors.Is(err, io.EOF) && b.off < b.size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// finish ends the try: the caller's reader is not touched again. It returns the
// fault of the reader, where there was one.
func (b *tryBody) finish() error {
	b.source.mu.Lock()
	defer b.source.mu.Unlock()
	b.done = true
	return b.err
}
