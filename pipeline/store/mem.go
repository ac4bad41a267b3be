package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"
)

// memStore keeps objects in memory, for tests.
type memStore struct {
	name    string
	mu      sync.RWMutex
	objects map[string]memObject
}

// memObject is an object; its bytes are never written again.
type memObject struct {
	data     []byte
	modified time.Time
}

func newMem(name string) *memStore {
	return &memStore{name: name, objects: map[string]memObject{}}
}

func (s *memStore) String() string { return "mem:" + s.name }

func (s *memStore) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	return s.GetRange(ctx, name, 0, -1)
}

func (s *memStore) GetRange(ctx context.Context, name string, off, n int64) (io.ReadCloser, error) {
	if off < 0 {
		return nil, failed("get", name, fmt.Errorf("%w: offset %d", fs.ErrInvalid, off))
	}
	o, err := s.load(ctx, name)
	if err != nil {
		return nil, failed("get", name, err)
	}
	data := o.data[min(off, int64(len(o.data))):]
	if n >= 0 {
		data = data[:min(n, int64(len(data)))]
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

func (s *memStore) Stat(ctx context.Context, name string) (Info, error) {
	o, err := s.load(ctx, name)
	if err != nil {
		return Info{}, failed("stat", name, err)
	}
	return o.info(name), nil
}

func (s *memStore) load(ctx context.Context, name string) (memObject, error) {
	if err := check(ctx, name); err != nil {
		return memObject{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	o, ok := s.objects[name]
	if !ok {
		return memObject{}, fs.ErrNotExist
	}
	return o, nil
}

func (o memObject) info(name string) Info {
	return Info{Name: name, Size: int64(len(o.data)), Modified: o.modified}
}

func (s *memStore) Put(ctx context.Context, name string, r io.ReadSeeker, size int64) error {
	if err := check(ctx, name); err != nil {
		return failed("put", name, err)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return failed("put", name, err)
	}
	var data bytes.Buffer
	if n, err := io.CopyN(&data, r, size); errors.Is(err, io.EOF) {
		return failed("put", name, fmt.Errorf("%w: %d of %d bytes", io.ErrUnexpectedEOF, n, size))
	} else if err != nil {
		return failed("put", name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.objects[name]; ok {
		return failed("put", name, fs.ErrExist)
	}
	s.objects[name] = memObject{data.Bytes(), time.Now()}
	return nil
}

func (s *memStore) Replace(ctx context.Context, name string, data []byte) error {
	if err := check(ctx, name); err != nil {
		return failed("replace", name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[name] = memObject{bytes.Clone(data), time.Now()}
	return nil
}

func (s *memStore) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		err := ctx.Err()
		if err == nil {
			err = checkPrefix(prefix)
		}
		if err != nil {
			yield(Info{}, failed("list", prefix, err))
			return
		}
		for _, info := range s.snapshot(prefix) {
			if !yield(info, nil) {
				return
			}
		}
	}
}

func (s *memStore) snapshot(prefix string) []Info {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var infos []Info
	for name, o := range s.objects {
		if strings.HasPrefix(name, prefix) {
			infos = append(infos, o.info(name))
		}
	}
	slices.SortFunc(infos, func(a, b Info) int { return strings.Compare(a.Name, b.Name) })
	return infos
}

func (s *memStore) Delete(ctx context.Context, name string) error {
	if err := check(ctx, name); err != nil {
		return failed("delete", name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, name)
	return nil
}
