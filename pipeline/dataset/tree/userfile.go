package tree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/facesieve/facesieve/pipeline/store"
)

// OpenFile opens a file that a user names by its path, file:// or s3:// URL, for
// reading at any offset. A file in a bucket is copied to a temporary file without
// a name, which goes when it is closed. Missing: fs.ErrNotExist.
func OpenFile(ctx context.Context, url string, s3 store.S3Options) (*os.File, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if strings.HasPrefix(url, "s3://") {
		slash := strings.LastIndexByte(url, '/')
		b, err := openBucket(ctx, url[:slash], s3)
		if err != nil {
			return nil, err
		}
		return Fetch(ctx, b, url[slash+1:])
	}
	name, err := LocalPath(url)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no file %s: %w", name, fs.ErrNotExist)
	}
	return f, err
}

// Fetch opens a file of a tree for reading at any offset, as OpenFile does.
func Fetch(ctx context.Context, t Tree, name string) (*os.File, error) {
	r, err := t.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	if f, ok := r.(*os.File); ok {
		return f, nil
	}
	defer r.Close()
	f, err := TemporaryFile()
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(f, r)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// TemporaryFile makes a file without a name: it goes when it is closed, whatever
// ends the process.
func TemporaryFile() (*os.File, error) {
	f, err := os.CreateTemp("", "facesieve-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
