package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// staleAge is the age from which a temp file belongs to a dead writer.
const staleAge = 24 * time.Hour

// fileStore keeps each object in a file of the same name under root.
type fileStore struct {
	root   string
	synced sync.Map // folder -> struct{}: its entry and its parents' are on disk
	// fill writes an object's bytes into its temp file; tests put a full disk here.
	fill func(ctx context.Context, f *os.File, r io.Reader, size int64) error
}

func openFile(ctx context.Context, folder string, existing bool) (Store, error) {
	root, err := filepath.Abs(folder)
	if err != nil {
		return nil, failed("open", folder, err)
	}
	s := &fileStore{root: root, fill: fill}
	if err := ctx.Err(); err != nil {
		return nil, failed("open", folder, err)
	}
	if existing {
		_, err = os.ReadDir(root)
		err = cause(err)
	} else {
		err = s.prepare()
	}
	if err != nil {
		return nil, failed("open", folder, err)
	}
	return s, nil
}

// prepare makes the root and the temp folder, proves that files can be written
// and linked, and sweeps out what dead writers left.
func (s *fileStore) prepare() error {
	temp := filepath.Join(s.root, tempFolder)
	if err := os.MkdirAll(temp, 0o777); err != nil {
		return openHint(err)
	}
	f, err := os.CreateTemp(temp, "open-*")
	if err != nil {
		return openHint(err)
	}
	f.Close()
	defer removeTemp(f.Name())
	if err := os.Link(f.Name(), f.Name()+"-link"); err != nil {
		return withHint(fmt.Errorf("hard links: %w", linkCause(err)),
			"the store needs a file system that has them: choose a local disk or s3://BUCKET/PREFIX")
	}
	if err := os.Remove(f.Name() + "-link"); err != nil {
		return openHint(err)
	}
	return s.sweep(temp)
}

// openHint adds what to do to what went wrong with the root.
func openHint(err error) error {
	err = cause(err)
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return withHint(err, "make the folder writable or choose another one")
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		return withHint(err, "a file stands where the folder should: choose another one")
	}
	return spaceHint(err)
}

// spaceHint adds what to do about a full disk.
func spaceHint(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return withHint(err, "free space on the store's disk, then run the same command again")
	}
	return err
}

func linkCause(err error) error {
	var le *os.LinkError
	if errors.As(err, &le) {
		return le.Err
	}
	return err
}

// sweep removes temp files older than staleAge.
func (s *fileStore) sweep(temp string) error {
	entries, err := os.ReadDir(temp)
	if err != nil {
		return cause(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > staleAge {
			err = os.Remove(filepath.Join(temp, e.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return cause(err)
		}
	}
	return nil
}

func (s *fileStore) String() string { return (&url.URL{Scheme: "file", Path: s.root}).String() }

func (s *fileStore) path(name string) string {
	return filepath.Join(s.root, filepath.FromSlash(name))
}

func (s *fileStore) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	r, err := s.open(ctx, name, 0, -1)
	if err != nil {
		return nil, failed("get", name, err)
	}
	return r, nil
}

func (s *fileStore) GetRange(ctx context.Context, name string, off, n int64) (io.ReadCloser, error) {
	r, err := s.open(ctx, name, off, n)
	if err != nil {
		return nil, failed("get", name, err)
	}
	return r, nil
}

// section reads a part of a file and closes the file.
type section struct {
	io.Reader
	io.Closer
}

func (s *fileStore) open(ctx context.Context, name string, off, n int64) (io.ReadCloser, error) {
	if err := check(ctx, name); err != nil {
		return nil, err
	}
	if off < 0 {
		return nil, fmt.Errorf("%w: offset %d", fs.ErrInvalid, off)
	}
	f, err := os.Open(s.path(name))
	if err != nil {
		return nil, missing(err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fs.ErrNotExist
	}
	if err == nil && off > 0 {
		_, err = f.Seek(off, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, cause(err)
	}
	if n < 0 {
		return f, nil
	}
	return section{io.LimitReader(f, n), f}, nil
}

// check refuses an ended context and a bad name; every method calls it first.
func check(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return checkName(name)
}

// missing tells a file where a folder should be from other faults: an object
// below an object's name isn't there.
func missing(err error) error {
	err = cause(err)
	if errors.Is(err, syscall.ENOTDIR) {
		return fs.ErrNotExist
	}
	return err
}

func (s *fileStore) Stat(ctx context.Context, name string) (Info, error) {
	if err := check(ctx, name); err != nil {
		return Info{}, failed("stat", name, err)
	}
	info, err := os.Stat(s.path(name))
	if err == nil && info.IsDir() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return Info{}, failed("stat", name, missing(err))
	}
	return Info{Name: name, Size: info.Size(), Modified: info.ModTime()}, nil
}

func (s *fileStore) Delete(ctx context.Context, name string) error {
	if err := check(ctx, name); err != nil {
		return failed("delete", name, err)
	}
	// Unlink, unlike os.Remove, leaves an empty folder alone.
	err := syscall.Unlink(s.path(name))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EISDIR) {
		return nil
	}
	return failed("delete", name, err)
}
