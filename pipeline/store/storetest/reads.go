package storetest

import (
	"context"
	"io"
	"strings"
	"sync"

	"github.com/facesieve/facesieve/pipeline/store"
)

// Reads is a store that counts how often each object below a prefix is read whole.
type Reads struct {
	store.Store
	prefix string

	mu    sync.Mutex
	count map[string]int
}

// CountReads returns st with a count of what is read of the objects whose names begin
// with prefix.
func CountReads(st store.Store, prefix string) *Reads {
	return &Reads{Store: st, prefix: prefix, count: map[string]int{}}
}

// Get opens an object, and counts it.
func (r *Reads) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if strings.HasPrefix(name, r.prefix) {
		r.mu.Lock()
		r.count[name]++
		r.mu.Unlock()
	}
	return r.Store.Get(ctx, name)
}

// Take returns the counts since it was called last, by name.
func (r *Reads) Take() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	count := r.count
	r.count = map[string]int{}
	return count
}
