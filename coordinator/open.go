package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/facesieve/facesieve/pipeline/store"
)

// openStore opens the store, a new one where there is none.
func (a *app) openStore(ctx context.Context) (store.Store, error) {
	return a.openWith(ctx, store.Options{S3: a.s3})
}

func (a *app) openWith(ctx context.Context, o store.Options) (store.Store, error) {
	st, err := store.Open(ctx, a.storeURL, o)
	if err != nil && !strings.Contains(err.Error(), ";") && !errors.Is(err, context.Canceled) {
		err = fmt.Errorf("%w; choose another place with --store", err)
	}
	return st, err
}

// openOld opens a store that is there, for commands that only look.
func (a *app) openOld(ctx context.Context) (store.Store, error) {
	if folder := strings.TrimPrefix(a.storeURL, "file://"); !strings.Contains(folder, ":") {
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("no store at %s: %w; name one with --store, or make one with coordinator run", folder, fs.ErrNotExist)
		}
	}
	return a.openWith(ctx, store.Options{S3: a.s3, Existing: true})
}

// openToPlan opens the store for a plan that is only looked at: where there is
// none, none is made.
func (a *app) openToPlan(ctx context.Context) (store.Store, error) {
	st, err := a.openOld(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return store.Open(ctx, "mem:", store.Options{})
	}
	return st, err
}
