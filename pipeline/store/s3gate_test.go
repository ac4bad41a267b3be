package store_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/store/s3test"
)

// gate stands before a server and mishandles requests.
type gate struct {
	*httptest.Server
	mu     sync.Mutex
	target string
	seen   map[string]int // requests by method
	// before answers a request itself and returns true, or lets it through; n
	// counts the requests of this method, from 1.
	before func(w http.ResponseWriter, r *http.Request, n int) bool
	// cut is how many bytes of an answer's body get through before the connection
	// breaks, or -1 for all; -2 breaks it before the first byte of the answer.
	cut func(r *http.Request, n int) int64
}

func newGate(t *testing.T, target string) *gate {
	g := &gate{target: target, seen: map[string]int{}}
	g.Server = httptest.NewServer(g)
	t.Cleanup(g.Close)
	return g
}

// mishandle sets what goes wrong from now on and counts from one again.
func (g *gate) mishandle(before func(w http.ResponseWriter, r *http.Request, n int) bool, cut func(r *http.Request, n int) int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.seen)
	g.before, g.cut = before, cut
}

func (g *gate) count(method string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.seen[method]
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	g.seen[r.Method]++
	n, before, cutAt := g.seen[r.Method], g.before, g.cut
	g.mu.Unlock()
	if before != nil && before(w, r, n) {
		return
	}
	out, err := http.NewRequestWithContext(r.Context(), r.Method, g.target+r.URL.RequestURI(), r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	// The signature covers the host that the client knows.
	out.Header, out.Host, out.ContentLength = r.Header, r.Host, r.ContentLength
	in, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer in.Body.Close()
	cut := int64(-1)
	if cutAt != nil {
		cut = cutAt(r, n)
	}
	if cut == -2 {
		panic(http.ErrAbortHandler)
	}
	for key, values := range in.Header {
		w.Header()[key] = values
	}
	w.WriteHeader(in.StatusCode)
	if cut >= 0 {
		if _, err := io.CopyN(w, in.Body, cut); err == nil {
			_ = http.NewResponseController(w).Flush() // the connection breaks next in any case
		}
		panic(http.ErrAbortHandler)
	}
	if _, err := io.Copy(w, in.Body); err != nil {
		panic(http.ErrAbortHandler)
	}
}

func refuse(w http.ResponseWriter, status int, code string) bool {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, err := io.WriteString(w, "<Error><Code>"+code+"</Code><Message>said\nby the test</Message></Error>")
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return true
}

// gated is a store behind a gate before a real server.
func gated(t *testing.T) (*gate, store.Store) {
	t.Helper()
	server := s3test.Start(t)
	server.Setenv(t)
	g := newGate(t, server.Endpoint)
	s, err := store.Open(t.Context(), server.URL("gated"), store.Options{S3: store.S3Options{Endpoint: g.URL}})
	if err != nil {
		t.Fatal(err)
	}
	return g, s
}

func put(ctx context.Context, s store.Store, name string, data []byte) error {
	return s.Put(ctx, name, bytes.NewReader(data), int64(len(data)))
}

func get(ctx context.Context, s store.Store, name string) ([]byte, error) {
	r, err := s.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}
