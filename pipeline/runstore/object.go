package runstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// Exists says whether a store has an object.
func Exists(ctx context.Context, st store.Store, name string) (bool, error) {
	_, err := st.Stat(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Get returns a whole object's bytes.
func Get(ctx context.Context, st store.Store, name string) (_ []byte, err error) {
	r, err := st.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return io.ReadAll(r)
}

// GetJSON reads an object into v.
func GetJSON(ctx context.Context, st store.Store, name string, v any) error {
	data, err := Get(ctx, st, name)
	if err != nil {
		return err
	}
	if err := schemas.Unmarshal(data, v); err != nil {
		return fmt.Errorf("pipeline: %s in %s: %w", name, st, err)
	}
	return nil
}

// GetTable reads an object with read.
func GetTable[T any](ctx context.Context, st store.Store, name string, read func(io.Reader) (T, error)) (T, error) {
	var zero T
	data, err := Get(ctx, st, name)
	if err != nil {
		return zero, err
	}
	v, err := read(bytes.NewReader(data))
	if err != nil {
		return zero, fmt.Errorf("pipeline: %s in %s is damaged (delete it and run the same command again): %w", name, st, err)
	}
	return v, nil
}

// Create puts an object where there is none, and says whether it did.
func Create(ctx context.Context, st store.Store, name string, data []byte) (created bool, err error) {
	err = st.Put(ctx, name, bytes.NewReader(data), int64(len(data)))
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	return err == nil, err
}

// Put creates an object. One that exists is as good: its name follows from its
// content or from the task that makes it, and both give the same bytes.
func Put(ctx context.Context, st store.Store, name string, data []byte) error {
	_, err := Create(ctx, st, name, data)
	return err
}

// PutJSON creates an object that holds v.
func PutJSON(ctx context.Context, st store.Store, name string, v any) error {
	data, err := schemas.Marshal(v)
	if err != nil {
		return err
	}
	return Put(ctx, st, name, data)
}

// PutTable creates an object that write writes.
func PutTable(ctx context.Context, st store.Store, name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return fmt.Errorf("pipeline: write %s: %w", name, err)
	}
	return Put(ctx, st, name, b.Bytes())
}
