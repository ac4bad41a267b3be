package tree

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/facesieve/facesieve/schemas"
)

// MaxImageBytes is the size above which an image is schemas.FaultTooLarge.
const MaxImageBytes = 256 << 20

// span returns the length of the part of an object of size bytes that a row names: its length, or
// a Fault.
func span(im schemas.Image, size int64) (int64, error) {
	n := im.Length
	if n < 0 {
		n = size - im.Offset
	}
	switch {
	case im.Offset < 0 || im.Offset > size || n < 0 || n > size-im.Offset:
		return 0, schemas.FaultTruncated
	case n == 0:
		return 0, schemas.FaultEmpty
	case n > MaxImageBytes:
		return 0, schemas.FaultTooLarge
	}
	return n, nil
}

// Read implements Tree. It opens without waiting, since a name may have become a
// pipe, and looks at the open file, since the name may change hands meanwhile.
func (d *disk) Read(_ context.Context, im schemas.Image) ([]byte, error) {
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
	if !info.Mode().IsRegular() || im.Size >= 0 && info.Size() != im.Size ||
		im.Tag != "" && mtimeTag(info) != im.Tag {
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
