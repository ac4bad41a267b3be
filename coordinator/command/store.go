package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/worker/program"
)

// defaultStore is the folder of results where none is named.
const defaultStore = "facesieve"

// storeFlags name the store, and the server of s3:// URLs.
type storeFlags struct {
	url string
	s3  store.S3Options
}

// AddFlags defines the flags.
func (s *storeFlags) AddFlags(f *pflag.FlagSet) {
	f.StringVar(&s.url, "store", defaultStore, "where results are kept: a folder, or s3://bucket/prefix")
	f.StringVar(&s.s3.Endpoint, "s3-endpoint", "",
		"server of s3:// URLs; default $AWS_ENDPOINT_URL_S3, $AWS_ENDPOINT_URL, Amazon's")
}

// open opens the store, a new one where there is none.
func (s *storeFlags) open(ctx context.Context) (store.Store, error) {
	return s.openWith(ctx, store.Options{S3: s.s3})
}

func (s *storeFlags) openWith(ctx context.Context, o store.Options) (store.Store, error) {
	st, err := store.Open(ctx, s.url, o)
	var endpoint *store.EndpointError
	if err == nil || program.Hint(err) != "" || errors.As(err, &endpoint) || errors.Is(err, context.Canceled) {
		return st, err
	}
	return nil, program.WithHint(err, "choose another place with --store")
}

// openExisting opens a store that is there, for commands that only look.
func (s *storeFlags) openExisting(ctx context.Context) (store.Store, error) {
	if folder := strings.TrimPrefix(s.url, "file://"); !strings.Contains(folder, ":") {
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			return nil, program.WithHint(fmt.Errorf("no store at %s: %w", folder, fs.ErrNotExist),
				"name one with --store, or make one with coordinator run")
		}
	}
	return s.openWith(ctx, store.Options{S3: s.s3, Existing: true})
}

// openToPlan opens the store for a plan that is only looked at: where there is
// none, none is made.
func (s *storeFlags) openToPlan(ctx context.Context) (store.Store, error) {
	st, err := s.openExisting(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return store.Open(ctx, "mem:", store.Options{})
	}
	return st, err
}

// again are the flags that name the same store, for a command to give next.
func (s *storeFlags) again() (flags string) {
	if s.url != defaultStore {
		flags = " --store " + quoted(s.url)
	}
	if s.s3.Endpoint != "" {
		flags += " --s3-endpoint " + quoted(s.s3.Endpoint)
	}
	return flags
}
