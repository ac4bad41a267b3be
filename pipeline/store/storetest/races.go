package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/facesieve/facesieve/pipeline/store"
)

// racingPuts lets writers of different and of equal bytes meet at a name:
// exactly one wins, and its bytes stand.
func racingPuts(t *testing.T, s store.Store) {
	for round := range 10 {
		for _, kind := range []string{"equal", "different"} {
			name := fmt.Sprintf("race/%s/%d", kind, round)
			const writers = 8
			var winner atomic.Int64
			var wins atomic.Int32
			var start, done sync.WaitGroup
			start.Add(1)
			for w := range writers {
				data := noise(uint64(round), 100_000)
				if kind == "different" {
					data = noise(uint64(w), 1000+w)
				}
				done.Go(func() {
					start.Wait()
					switch err := put(t.Context(), s, name, data); {
					case err == nil:
						wins.Add(1)
						winner.Store(int64(w))
					case !errors.Is(err, fs.ErrExist):
						t.Errorf("writer %d: %v", w, err)
					}
				})
			}
			start.Done()
			done.Wait()
			if wins.Load() != 1 {
				t.Fatalf("%d of %d writers won %s", wins.Load(), writers, name)
			}
			if kind == "different" {
				w := int(winner.Load())
				wantObject(t, s, name, noise(uint64(w), 1000+w))
			}
		}
	}
}

// noTornReads reads while objects are written: whole or nothing.
func noTornReads(t *testing.T, s store.Store) {
	const rounds, size = 6, 2 << 20
	var old, fresh = bytes.Repeat([]byte("o"), size), bytes.Repeat([]byte("f"), size+1)
	for round := range rounds {
		created, replaced := fmt.Sprintf("put/%d", round), fmt.Sprintf("replace/%d", round)
		if err := s.Replace(t.Context(), replaced, old); err != nil {
			t.Fatal(err)
		}
		written := make(chan struct{})
		var done sync.WaitGroup
		done.Go(func() {
			defer close(written)
			if err := errors.Join(put(t.Context(), s, created, fresh),
				s.Replace(t.Context(), replaced, fresh)); err != nil {
				t.Error(err)
			}
		})
		done.Go(func() {
			for last := false; !last; {
				select {
				case <-written:
					last = true
				default:
				}
				got, err := read(s.Get(t.Context(), created))
				if err == nil && !bytes.Equal(got, fresh) || err != nil && (last || !errors.Is(err, fs.ErrNotExist)) {
					t.Errorf("torn: %d bytes of %s, %v", len(got), created, err)
					return
				}
				got, err = read(s.Get(t.Context(), replaced))
				if err != nil || !bytes.Equal(got, fresh) && (last || !bytes.Equal(got, old)) {
					t.Errorf("torn: %d bytes of %s, %v", len(got), replaced, err)
					return
				}
			}
		})
		done.Wait()
	}
}

// concurrent runs every method at once, each goroutine on names of its own and
// on one name that all share.
func concurrent(t *testing.T, s store.Store) {
	ctx := t.Context()
	mustPut(t, s, "shared", []byte("shared"))
	var done sync.WaitGroup
	for g := range 8 {
		done.Go(func() {
			for i := range 10 {
				name := fmt.Sprintf("own/%d/%d", g, i)
				data := noise(uint64(g*10+i), 5000)
				if err := put(ctx, s, name, data); err != nil {
					t.Error(err)
				}
				if got, err := read(s.Get(ctx, name)); err != nil || !bytes.Equal(got, data) {
					t.Errorf("%s: %d bytes, %v", name, len(got), err)
				}
				if err := s.Replace(ctx, "shared", []byte("shared")); err != nil {
					t.Error(err)
				}
				if got, err := read(s.GetRange(ctx, "shared", 1, 2)); err != nil || string(got) != "ha" {
					t.Errorf("shared: %q, %v", got, err)
				}
				seen := false
				for info, err := range s.List(ctx, fmt.Sprintf("own/%d/", g)) {
					if err != nil {
						t.Error(err)
					}
					seen = seen || info.Name == name
				}
				if !seen {
					t.Errorf("List after Put lacks %s", name)
				}
				if i%2 == 1 {
					if err := s.Delete(ctx, name); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	done.Wait()
	if got := names(t, s, "own/"); len(got) != 40 {
		t.Errorf("%d objects are left, want 40", len(got))
	}
}
