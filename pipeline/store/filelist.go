package store

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"os"
	"slices"
	"strings"
	"syscall"
)

func (s *fileStore) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		if err := checkPrefix(prefix); err != nil {
			yield(Info{}, failed("list", prefix, err))
			return
		}
		folder := prefix[:strings.LastIndexByte(prefix, '/')+1]
		_, err := s.walk(ctx, folder, prefix, yield)
		if err != nil {
			yield(Info{}, failed("list", prefix, err))
		}
	}
}

// walk yields what lies under folder ("" or ending in '/') and begins with
// prefix. It returns false where the caller has seen enough.
func (s *fileStore) walk(
	ctx context.Context, folder, prefix string, yield func(Info, error) bool,
) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	entries, err := os.ReadDir(s.path(folder))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return true, nil
	}
	if err != nil {
		return false, cause(err)
	}
	// A folder sorts as its name with '/': "a-b" comes before "a/b".
	keys := make([]string, 0, len(entries))
	for _, e := range entries {
		if folder == "" && e.Name() == tempFolder {
			continue
		}
		key := folder + e.Name()
		if e.IsDir() {
			key += "/"
		}
		if strings.HasPrefix(key, prefix) || strings.HasPrefix(prefix, key) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		if strings.HasSuffix(key, "/") {
			if more, err := s.walk(ctx, key, prefix, yield); err != nil || !more {
				return more, err
			}
			continue
		}
		info, err := os.Stat(s.path(key))
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() ||
			!strings.HasPrefix(key, prefix) {
			continue // deleted meanwhile, or not an object
		}
		if err != nil {
			return false, cause(err)
		}
		if !yield(Info{Name: key, Size: info.Size(), Modified: info.ModTime()}, nil) {
			return false, nil
		}
	}
	return true, nil
}
