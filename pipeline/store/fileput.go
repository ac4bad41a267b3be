package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

func (s *fileStore) Put(ctx context.Context, name string, r io.ReadSeeker, size int64) error {
	if err := check(ctx, name); err != nil {
		return failed("put", name, err)
	}
	// A cheap answer to the usual case; link below decides.
	if _, err := os.Lstat(s.path(name)); err == nil {
		return failed("put", name, fs.ErrExist)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return failed("put", name, err)
	}
	return failed("put", name, s.create(ctx, name, r, size, linkNew))
}

func (s *fileStore) Replace(ctx context.Context, name string, data []byte) error {
	if err := check(ctx, name); err != nil {
		return failed("replace", name, err)
	}
	return failed("replace", name, s.create(ctx, name, bytes.NewReader(data), int64(len(data)), os.Rename))
}

// create writes a temp file, flushes it, gives it its name by publish and
// flushes the folder, in this order: the name never stands for bytes that a
// power cut could take back.
func (s *fileStore) create(ctx context.Context, name string, r io.Reader, size int64,
	publish func(temp, final string) error) error {
	temp, err := s.writeTemp(ctx, r, size)
	if err != nil {
		return spaceHint(cause(err))
	}
	defer removeTemp(temp)
	final := s.path(name)
	folder := filepath.Dir(final)
	if err := s.makeFolder(folder); err != nil {
		return spaceHint(cause(err))
	}
	err = publish(temp, final)
	if errors.Is(err, fs.ErrNotExist) {
		// Somebody removed the folder after this store had made it.
		s.synced.Clear()
		if err := s.makeFolder(folder); err != nil {
			return spaceHint(cause(err))
		}
		err = publish(temp, final)
	}
	if err != nil {
		return spaceHint(linkCause(err))
	}
	return cause(syncFolder(folder))
}

// writeTemp writes and flushes a temp file and returns its path; after an error
// there is no file.
func (s *fileStore) writeTemp(ctx context.Context, r io.Reader, size int64) (path string, err error) {
	folder := filepath.Join(s.root, tempFolder)
	open := func() (*os.File, error) {
		// Not os.CreateTemp, whose files are for their owner alone.
		return os.OpenFile(filepath.Join(folder, "put-"+rand.Text()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	}
	f, err := open()
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(folder, 0o777); err == nil {
			f, err = open()
		}
	}
	if err != nil {
		return "", err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
		if err != nil {
			removeTemp(f.Name())
		}
	}()
	if err := s.fill(ctx, f, r, size); err != nil {
		return "", err
	}
	return f.Name(), f.Sync()
}

// removeTemp removes a temp file that may be gone already; what can't be removed
// now is swept out when the store is opened a day later.
func removeTemp(path string) { _ = os.Remove(path) }

// fill copies exactly size bytes of r, a piece at a time so that a cancelled
// context ends it.
func fill(ctx context.Context, f *os.File, r io.Reader, size int64) error {
	const piece = 1 << 20
	for left := size; left > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := io.CopyN(f, r, min(left, piece))
		left -= n
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%w: %d of %d bytes", io.ErrUnexpectedEOF, size-left, size)
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// linkNew gives temp a second name unless that name exists. Over NFS a repeated
// request can report EEXIST for the link its first try made: two links on the
// temp file say that the name is ours.
func linkNew(temp, final string) error {
	err := os.Link(temp, final)
	if errors.Is(err, fs.ErrExist) {
		var st syscall.Stat_t
		if syscall.Stat(temp, &st) == nil && st.Nlink == 2 {
			return nil
		}
	}
	return err
}

// makeFolder makes a folder and its parents and flushes the entries of those
// that this store hasn't flushed before.
func (s *fileStore) makeFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	var flushed []string
	for dir := folder; len(dir) > len(s.root); dir = filepath.Dir(dir) {
		if _, ok := s.synced.Load(dir); ok {
			break
		}
		if err := syncFolder(filepath.Dir(dir)); err != nil {
			return err
		}
		flushed = append(flushed, dir)
	}
	for _, dir := range flushed {
		s.synced.Store(dir, struct{}{})
	}
	return nil
}

func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer d.Close()
	// Some network file systems can't flush a folder and flush it anyway.
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}
