// Package storetest is the conformance suite of pipeline/store: every kind of
// store passes it.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/store"
)

// Run checks a kind of store against the contract in store.Store's comment.
// open gives an empty store at every call.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, s store.Store)
	}{
		{"round trip", roundTrip},
		{"put creates", putCreates},
		{"replace", replace},
		{"missing", missing},
		{"ranges", ranges},
		{"list", list},
		{"list many", listMany},
		{"list stops", listStops},
		{"delete", remove},
		{"big object", bigObject},
		{"short reader", shortReader},
		{"failing reader", failingReader},
		{"bad names", badNames},
		{"cancelled", cancelled},
		{"racing puts", racingPuts},
		{"no torn reads", noTornReads},
		{"concurrent", concurrent},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

func put(ctx context.Context, s store.Store, name string, data []byte) error {
	return s.Put(ctx, name, bytes.NewReader(data), int64(len(data)))
}

func mustPut(t *testing.T, s store.Store, name string, data []byte) {
	t.Helper()
	if err := put(t.Context(), s, name, data); err != nil {
		t.Fatal(err)
	}
}

// read reads and closes what Get or GetRange returned.
func read(r io.ReadCloser, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(r)
	return data, errors.Join(err, r.Close())
}

func wantObject(t *testing.T, s store.Store, name string, want []byte) {
	t.Helper()
	got, err := read(s.Get(t.Context(), name))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("%s holds %d bytes %.20q, want %d bytes %.20q", name, len(got), got, len(want), want)
	}
	info, err := s.Stat(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if info.Name != name || info.Size != int64(len(want)) || info.Modified.IsZero() {
		t.Fatalf("Stat says %+v of %s, want %d bytes and a time", info, name, len(want))
	}
}

func wantError(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got error %v, want %v", what, err, want)
	}
	if err != nil && (!strings.HasPrefix(err.Error(), "store: ") || strings.Count(err.Error(), "store: ") != 1) {
		t.Errorf("%s: error %q is not wrapped once as store", what, err)
	}
	if err != nil && strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: error %q is more than one line", what, err)
	}
}

func wantMissing(t *testing.T, s store.Store, name string) {
	t.Helper()
	_, err := read(s.Get(t.Context(), name))
	wantError(t, "Get "+name, err, fs.ErrNotExist)
	_, err = s.Stat(t.Context(), name)
	wantError(t, "Stat "+name, err, fs.ErrNotExist)
}

// names collects List's names and checks each against Stat's size.
func names(t *testing.T, s store.Store, prefix string) []string {
	t.Helper()
	var out []string
	for info, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, info.Name)
	}
	return out
}

// noise returns n bytes that follow from seed and don't compress.
func noise(seed uint64, n int) []byte {
	var key [32]byte
	key[0], key[1] = byte(seed), byte(seed>>8)
	data := make([]byte, n)
	if _, err := rand.NewChaCha8(key).Read(data); err != nil {
		panic(err) // never: its Read has no error
	}
	return data
}
