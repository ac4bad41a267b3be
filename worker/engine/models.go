package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"github.com/facesieve/facesieve/embed"
	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/program"
)

// find is the path of a model file, verified; "" is the model that is part of this
// program.
func (f *Flags) find(ctx context.Context, st store.Store, d schemas.Digest) (string, error) {
	if embed.Builtin(d) != nil {
		return "", nil
	}
	cache, err := f.Cache()
	if err != nil {
		return "", err
	}
	path, err := cache.Find(d)
	if !errors.Is(err, fs.ErrNotExist) {
		return path, err
	}
	own, err := embed.CacheDir()
	if err != nil {
		return "", err
	}
	if err := fetch(ctx, st, d, own); err != nil {
		err = origin.Errorf("engine", "model %s is in no folder and not in %s: %w", d, st, err)
		return "", program.WithHint(err, "give its folder with --models")
	}
	return embed.Cache{Dirs: []string{own}}.Find(d)
}

// fetch copies a model from the store into a folder. Who reads it by its digest
// checks it.
func fetch(ctx context.Context, st store.Store, d schemas.Digest, dir string) (err error) {
	r, err := st.Get(ctx, schemas.ModelObject(d))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := renameio.NewPendingFile(filepath.Join(dir, string(d)+".onnx"), renameio.WithTempDir(dir),
		renameio.WithPermissions(0o600))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Cleanup()) }()
	if _, err := io.Copy(f, r); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}

// Publish puts the model files that a Spec names into the store, pulling those
// that no folder has, so that workers need no network but the store's.
func (f *Flags) Publish(ctx context.Context, st store.Store, models []embed.Model,
	progress func(name string, done, total int64)) error {
	cache, err := f.Cache()
	if err != nil {
		return err
	}
	for _, m := range models {
		if m.SHA256 == "" {
			continue
		}
		if _, err := st.Stat(ctx, schemas.ModelObject(m.SHA256)); err == nil {
			continue
		}
		if m.Data != nil {
			if err := put(ctx, st, m.SHA256, bytes.NewReader(m.Data), m.Bytes); err != nil {
				return err
			}
			continue
		}
		path, err := modelFile(ctx, cache, m, progress)
		if err != nil {
			return err
		}
		if err := upload(ctx, st, m.SHA256, path); err != nil {
			return err
		}
	}
	return nil
}

func modelFile(ctx context.Context, cache embed.Cache, m embed.Model,
	progress func(string, int64, int64)) (string, error) {
	if m.URL == "" {
		return m.File, nil
	}
	return cache.Pull(ctx, m, func(done, total int64) { progress(m.Name, done, total) })
}

func upload(ctx context.Context, st store.Store, d schemas.Digest, path string) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return put(ctx, st, d, file, info.Size())
}

// put writes a model that the store may have got from somebody else meanwhile.
func put(ctx context.Context, st store.Store, d schemas.Digest, r io.ReadSeeker, size int64) error {
	err := st.Put(ctx, schemas.ModelObject(d), r, size)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}
