package runstore

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// Exists says whether a store has an object of this name.
func Exists(ctx context.Context, st store.Store, name string) (bool, error) {
	_, err := st.Stat(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Get returns a whole object's bytes; the error is fs.ErrNotExist where the store
// lacks it.
func Get(ctx context.Context, st store.Store, name string) (_ []byte, err error) {
	r, err := st.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return io.ReadAll(r)
}

// GetJSON reads an object into v, as schemas.Unmarshal does. The error is
// fs.ErrNotExist where the store lacks the object, and schemas.ErrFormat or
// schemas.ErrInvalid where it holds something else.
func GetJSON(ctx context.Context, st store.Store, name string, v any) error {
	data, err := Get(ctx, st, name)
	if err != nil {
		return err
	}
	if err := schemas.Unmarshal(data, v); err != nil {
		return origin.Errorf("pipeline", "%s in %s: %w", name, st, err)
	}
	return nil
}

// GetTable reads an object with read, one of the readers of package schemas, and
// returns its rows. Errors are those of GetJSON.
func GetTable[T any](
	ctx context.Context, st store.Store, name string, read func(io.Reader) (T, error),
) (T, error) {
	var zero T
	data, err := Get(ctx, st, name)
	if err != nil {
		return zero, err
	}
	v, err := read(bytes.NewReader(data))
	if err != nil {
		return zero, origin.Errorf("pipeline",
			"%s in %s is damaged (delete it and run the same command again): %w", name, st, err)
	}
	return v, nil
}

// Create puts an object where there is none of this name, and says whether it did.
func Create(ctx context.Context, st store.Store, name string, data []byte) (created bool, err error) {
	err = st.Put(ctx, name, bytes.NewReader(data), int64(len(data)))
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	return err == nil, err
}

// Put creates an object, unless it exists: its name follows from its content or from
// the task that makes it, so that what is there holds the same bytes.
func Put(ctx context.Context, st store.Store, name string, data []byte) error {
	_, err := Create(ctx, st, name, data)
	return err
}

// PutJSON creates an object that holds v (schemas.Marshal), unless it exists.
func PutJSON(ctx context.Context, st store.Store, name string, v any) error {
	data, err := schemas.Marshal(v)
	if err != nil {
		return err
	}
	return Put(ctx, st, name, data)
}

// PutTable creates an object that holds what write writes, unless it exists.
func PutTable(ctx context.Context, st store.Store, name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return origin.Errorf("pipeline", "write %s: %w", name, err)
	}
	return Put(ctx, st, name, b.Bytes())
}
