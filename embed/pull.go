package embed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"github.com/facesieve/facesieve/internal/origin"
)

// Errors of Pull.
var (
	// ErrHash means that a file is not the one with the pinned digest.
	ErrHash = errors.New("hash differs")
	// ErrPull means that a file could not be fetched.
	ErrPull = errors.New("download failed")
)

// Pull returns the path of a model's file and fetches it where no folder of the
// cache holds it. A download that was cut goes on where it ended; the file gets
// its name only after its hash was checked. progress, if not nil, is told the
// bytes that are there and the bytes of the whole file. Errors wrap ErrHash or
// ErrPull and name the file, its hash, its address, and the folder to put it
// into by hand.
func (c Cache) Pull(ctx context.Context, m Model, progress func(done, total int64)) (string, error) {
	path, err := c.Find(m.SHA256)
	if !errors.Is(err, fs.ErrNotExist) {
		return path, err
	}
	dirs, err := c.dirs()
	if err != nil {
		return "", origin.Errorf("embed", "pull %s: %w", m.Name, err)
	}
	if m.URL == "" {
		return "", origin.Errorf("embed", "pull %s: the model was given by path: %w", m.Name, fs.ErrNotExist)
	}
	path = filepath.Join(dirs[0], filepath.Base(m.File))
	if err := c.pull(ctx, m, path, progress); err != nil {
		return "", origin.Errorf("embed", "pull %s: %w; or put %s (%d bytes, SHA-256 %s, from %s) into %s by hand",
			m.Name, err, filepath.Base(m.File), m.Bytes, m.SHA256, m.URL, dirs[0])
	}
	return path, nil
}

// pull fetches a model into path by way of a partial file beside it, which names
// the digest so that two versions never mix.
func (c Cache) pull(ctx context.Context, m Model, path string, progress func(done, total int64)) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	partial := path + "." + string(m.SHA256)[:min(12, len(m.SHA256))] + ".partial"
	f, err := os.OpenFile(partial, os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return err
	}
	err = c.fetch(ctx, m, f, progress)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	_, digest, err := digestFile(partial)
	if err != nil {
		return err
	}
	if digest != m.SHA256 {
		return errors.Join(fmt.Errorf("%w: got %s", ErrHash, digest), os.Remove(partial))
	}
	return os.Rename(partial, path)
}

// fetch makes f hold the whole file, asking only for what it does not hold yet.
func (c Cache) fetch(ctx context.Context, m Model, f *os.File, progress func(done, total int64)) error {
	have, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if have == m.Bytes {
		return nil
	}
	if have > m.Bytes {
		have = 0
	}
	response, err := c.get(ctx, m.URL, have)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusPartialContent {
		have = 0 // the server sends everything
	}
	if err := f.Truncate(have); err != nil {
		return err
	}
	if _, err := f.Seek(have, io.SeekStart); err != nil {
		return err
	}
	counted := &counter{to: f, done: have, total: m.Bytes, progress: progress}
	// One byte too many is enough to see that this is another file.
	if _, err := io.Copy(counted, io.LimitReader(response.Body, m.Bytes-have+1)); err != nil {
		return fmt.Errorf("%w after %d of %d bytes (the next pull goes on there): %w",
			ErrPull, counted.done, m.Bytes, err)
	}
	if counted.done < m.Bytes {
		return fmt.Errorf("%w: it ended after %d of %d bytes (the next pull goes on there)",
			ErrPull, counted.done, m.Bytes)
	}
	return nil
}

// get asks for an address from an offset on. A server that does not know the
// range is asked for everything.
func (c Cache) get(ctx context.Context, url string, offset int64) (*http.Response, error) {
	client := c.Client
	if client == nil {
		client = http.DefaultClient
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	if offset > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPull, err)
	}
	switch response.StatusCode {
	case http.StatusOK:
		return response, nil
	case http.StatusPartialContent:
		var start int64
		_, err := fmt.Sscanf(response.Header.Get("Content-Range"), "bytes %d-", &start)
		if err == nil && start == offset {
			return response, nil
		}
	}
	if err := response.Body.Close(); err != nil {
		return nil, err
	}
	if offset > 0 {
		return c.get(ctx, url, 0)
	}
	return nil, fmt.Errorf("%w: the server answered %s", ErrPull, response.Status)
}

// counter tells progress of what is written.
type counter struct {
	to          io.Writer
	done, total int64
	progress    func(done, total int64)
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.to.Write(b)
	c.done += int64(n)
	if c.progress != nil {
		c.progress(c.done, c.total)
	}
	return n, err
}
