package store_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/store"
)

// TestSlowDown meets a server that is busy or broken twice at every kind of
// request.
func TestSlowDown(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
	}{{503, "SlowDown"}, {500, "InternalError"}, {409, "ConditionalRequestConflict"}} {
		t.Run(c.code, func(t *testing.T) {
			g, s := gated(t)
			only := http.MethodPut // a conflict is an answer to a conditional write
			g.mishandle(func(w http.ResponseWriter, r *http.Request, n int) bool {
				return n <= 2 && (c.status != 409 || r.Method == only) && refuse(w, c.status, c.code)
			}, nil)
			data := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
			if err := put(t.Context(), s, "a", data); err != nil {
				t.Fatal(err)
			}
			if got, err := get(t.Context(), s, "a"); err != nil || !bytes.Equal(got, data) {
				t.Errorf("Get gave %d bytes, %v", len(got), err)
			}
			if _, err := s.Stat(t.Context(), "a"); err != nil {
				t.Error(err)
			}
			if err := s.Delete(t.Context(), "a"); err != nil {
				t.Error(err)
			}
			if got := g.count(http.MethodPut); got != 3 {
				t.Errorf("%d PUTs, want two that were refused and one", got)
			}
		})
	}
}

// TestLostAnswer breaks the connection after the server has made the object: it
// is this Put's, and nobody else's, even of equal bytes.
func TestLostAnswer(t *testing.T) {
	g, s := gated(t)
	g.mishandle(nil, func(r *http.Request, n int) int64 {
		if r.Method == http.MethodPut && n == 1 {
			return -2
		}
		return -1
	})
	if err := put(t.Context(), s, "a", []byte("same")); err != nil {
		t.Errorf("a Put whose answer was lost: %v", err)
	}
	if got := g.count(http.MethodPut); got != 2 {
		t.Errorf("%d PUTs, want one whose answer was lost and one", got)
	}
	if err := put(t.Context(), s, "a", []byte("same")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("another Put of the same bytes: %v", err)
	}
}

// TestBrokenRead goes on reading where the connection broke off.
func TestBrokenRead(t *testing.T) {
	g, s := gated(t)
	data := make([]byte, 5<<20)
	for i := range data {
		data[i] = byte(i * 7 / 3)
	}
	if err := put(t.Context(), s, "a", data); err != nil {
		t.Fatal(err)
	}
	g.mishandle(nil, func(r *http.Request, n int) int64 {
		if r.Method == http.MethodGet && n <= 2 {
			return 1 << 20
		}
		return -1
	})
	if got, err := get(t.Context(), s, "a"); err != nil || !bytes.Equal(got, data) {
		t.Errorf("got %d bytes of %d, %v", len(got), len(data), err)
	}
	if got := g.count(http.MethodGet); got != 3 {
		t.Errorf("%d GETs, want 3", got)
	}
	// Bytes of two versions never make one answer.
	g.mishandle(nil, func(r *http.Request, n int) int64 {
		if r.Method == http.MethodGet && n == 1 {
			return 1 << 20
		}
		return -1
	})
	r, err := s.Get(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := s.Replace(t.Context(), "a", bytes.Repeat([]byte("x"), len(data))); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err == nil || errors.Is(err, fs.ErrExist) || !bytes.Equal(got, data[:len(got)]) {
		t.Errorf("a replaced object gave %d bytes, %v", len(got), err)
	}
}

// TestCancelInBackOff ends the wait for a server that stays busy.
func TestCancelInBackOff(t *testing.T) {
	for method, call := range map[string]func(context.Context, store.Store) error{
		http.MethodPut: func(ctx context.Context, s store.Store) error { return put(ctx, s, "a", []byte("x")) },
		http.MethodGet: func(ctx context.Context, s store.Store) error { _, err := get(ctx, s, "a"); return err },
	} {
		g, s := gated(t)
		ctx, cancel := context.WithCancel(t.Context())
		g.mishandle(func(w http.ResponseWriter, r *http.Request, n int) bool {
			if n == 3 {
				cancel()
			}
			return refuse(w, 503, "SlowDown")
		}, nil)
		if err := call(ctx, s); !errors.Is(err, context.Canceled) {
			t.Errorf("%s gave %v", method, err)
		}
		if got := g.count(method); got != 3 {
			t.Errorf("%s: %d requests, want none after the third", method, got)
		}
	}
}

// TestForbidden is a fault of the credentials, in one line, at once.
func TestForbidden(t *testing.T) {
	g, s := gated(t)
	g.mishandle(func(w http.ResponseWriter, r *http.Request, _ int) bool { return refuse(w, 403, "AccessDenied") }, nil)
	err := put(t.Context(), s, "a", []byte("x"))
	if !errors.Is(err, fs.ErrPermission) || strings.Contains(err.Error(), "\n") || g.count(http.MethodPut) != 1 {
		t.Errorf("%d PUTs, %v", g.count(http.MethodPut), err)
	}
}

// TestLostBucket is no missing object: rows must not be written off for it.
func TestLostBucket(t *testing.T) {
	g, s := gated(t)
	g.mishandle(func(w http.ResponseWriter, r *http.Request, _ int) bool { return refuse(w, 404, "NoSuchBucket") }, nil)
	if _, err := get(t.Context(), s, "a"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a lost bucket gave %v", err)
	}
}
