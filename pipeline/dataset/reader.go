package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// MaxImageBytes is the size above which an image is schemas.FaultTooLarge.
const MaxImageBytes = 256 << 20

// Reader reads images by their rows. Its methods may be called concurrently.
type Reader struct {
	url  string
	read func(ctx context.Context, im schemas.Image) ([]byte, error)
}

// OpenReader opens the images below a URL. It does not look whether anything is
// there: a worker may be asked about another source first.
func OpenReader(ctx context.Context, url string, s3 store.S3Options) (*Reader, error) {
	r := &Reader{url: url}
	if strings.HasPrefix(url, "s3://") {
		b, err := openBucket(ctx, url, s3)
		if err != nil {
			return nil, fmt.Errorf("dataset: %w", err)
		}
		r.url, r.read = b.String(), b.read
		return r, nil
	}
	root, err := localPath(url)
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	if root == "" {
		return nil, errors.New("dataset: no data given: name a folder or an s3:// URL")
	}
	r.read = (&disk{root: root}).read
	return r, nil
}

// String is the URL without credentials.
func (r *Reader) String() string { return r.url }

// Read gives an image's bytes. What is wrong with this image is a schemas.Fault
// (missing, forbidden, changed, broken-link, empty, truncated, too-large); every
// other error is a fault of the machine. Size and Tag are checked where the row
// has them (Size -1 and "" are not checked).
func (r *Reader) Read(ctx context.Context, im schemas.Image) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	data, err := r.read(ctx, im)
	var fault schemas.Fault
	switch {
	case err == nil:
		return data, nil
	case errors.As(err, &fault):
		return nil, fault
	default:
		return nil, fmt.Errorf("dataset: read %q of %s: %w", im.Path, r.url, err)
	}
}

// span is the part of an object of size bytes that a row names: its length, or
// a Fault.
func span(im schemas.Image, size int64) (int64, error) {
	n := im.Length
	if n < 0 {
		n = size - im.Offset
	}
	switch {
	case im.Offset+n > size || n < 0:
		return 0, schemas.FaultTruncated
	case n == 0:
		return 0, schemas.FaultEmpty
	case n > MaxImageBytes:
		return 0, schemas.FaultTooLarge
	}
	return n, nil
}

// read opens without waiting, since a name may have become a pipe, and looks at
// the open file, since the name may change hands meanwhile.
func (d *disk) read(_ context.Context, im schemas.Image) ([]byte, error) {
	name := d.full(im.Object)
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, diskFault(name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || im.Size >= 0 && info.Size() != im.Size || im.Tag != "" && mtimeTag(info) != im.Tag {
		return nil, schemas.FaultChanged
	}
	n, err := span(im, info.Size())
	if err != nil {
		return nil, err
	}
	data := make([]byte, n)
	if _, err := io.ReadFull(io.NewSectionReader(f, im.Offset, n), data); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, schemas.FaultChanged
		}
		return nil, err
	}
	return data, nil
}

// diskFault tells what is wrong with an image from what is wrong with the
// machine (too many open files, I/O errors).
func diskFault(name string, err error) error {
	switch {
	case errors.Is(err, syscall.ELOOP):
		return schemas.FaultLink
	case errors.Is(err, fs.ErrNotExist):
		if info, lerr := os.Lstat(name); lerr == nil && info.Mode()&fs.ModeSymlink != 0 {
			return schemas.FaultLink
		}
		return schemas.FaultMissing
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ENAMETOOLONG), errors.Is(err, syscall.EINVAL):
		return schemas.FaultMissing
	case errors.Is(err, fs.ErrPermission):
		return schemas.FaultForbidden
	case errors.Is(err, syscall.ENXIO):
		return schemas.FaultChanged // a pipe or a socket now
	}
	return err
}
