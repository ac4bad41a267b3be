package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/facesieve/facesieve/pipeline/store"
)

// bigSize is above what HTTP clients and servers buffer.
const bigSize = 20 << 20

func roundTrip(t *testing.T, s store.Store) {
	before := time.Now().Add(-time.Minute) // clocks of servers differ a little
	for name, data := range map[string][]byte{
		"a":                           []byte("one"),
		"runs/0123/plan":              []byte("two"),
		"runs/0123/report/images.csv": {0, 1, 2, 255},
		"empty":                       {},
		"odd !#$%&'()+,;=@[]^_`{}~ x": []byte("odd"),
		strings.Repeat("n", 200):      []byte("long"),
	} {
		mustPut(t, s, name, data)
		wantObject(t, s, name, data)
		info, err := s.Stat(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Modified.Before(before) {
			t.Errorf("%s was modified at %v, before it was made", name, info.Modified)
		}
	}
	if got := s.String(); got == "" || strings.Contains(got, "\n") {
		t.Errorf("String() = %q", got)
	}
}

func putCreates(t *testing.T, s store.Store) {
	mustPut(t, s, "x/first", []byte("first"))
	for _, data := range []string{"second", "first", ""} {
		wantError(t, "second Put", put(t.Context(), s, "x/first", []byte(data)), fs.ErrExist)
	}
	wantObject(t, s, "x/first", []byte("first"))

	// The reader is read from its start, wherever it stands, and stays open.
	r := &closable{Reader: bytes.NewReader([]byte("whole"))}
	if _, err := io.CopyN(io.Discard, r, 3); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), "x/whole", r, 5); err != nil {
		t.Fatal(err)
	}
	wantObject(t, s, "x/whole", []byte("whole"))
	if r.closed {
		t.Error("Put closed its reader")
	}
}

type closable struct {
	*bytes.Reader
	closed bool
}

func (c *closable) Close() error { c.closed = true; return nil }

func replace(t *testing.T, s store.Store) {
	for _, text := range []string{"created", "a longer second version", "", "3"} {
		if err := s.Replace(t.Context(), "runs/r/source.json", []byte(text)); err != nil {
			t.Fatal(err)
		}
		wantObject(t, s, "runs/r/source.json", []byte(text))
	}
	wantError(t, "Put over Replace", put(t.Context(), s, "runs/r/source.json", nil), fs.ErrExist)
	data := []byte("mine")
	if err := s.Replace(t.Context(), "kept", data); err != nil {
		t.Fatal(err)
	}
	data[0] = 'X'
	wantObject(t, s, "kept", []byte("mine"))
}

func missing(t *testing.T, s store.Store) {
	wantMissing(t, s, "nothing")
	mustPut(t, s, "folder/object", []byte("x"))
	for _, name := range []string{"nothing", "folder", "folder/other", "folder/object/below", "folder/obj"} {
		wantMissing(t, s, name)
		for _, part := range [][2]int64{{0, 1}, {0, 0}, {5, 1}, {1, -1}} {
			_, err := read(s.GetRange(t.Context(), name, part[0], part[1]))
			wantError(t, fmt.Sprintf("GetRange %s %v", name, part), err, fs.ErrNotExist)
		}
	}
}

func ranges(t *testing.T, s store.Store) {
	data := []byte("0123456789")
	mustPut(t, s, "digits", data)
	mustPut(t, s, "empty", nil)
	for _, c := range []struct {
		off, n int64
		want   string
	}{
		{0, 10, "0123456789"}, {0, 1, "0"}, {9, 1, "9"}, {3, 4, "3456"}, {8, 5, "89"}, {0, 100, "0123456789"},
		{0, -1, "0123456789"}, {7, -1, "789"}, {10, -1, ""}, {10, 3, ""}, {99, 3, ""}, {4, 0, ""}, {99, 0, ""},
	} {
		got, err := read(s.GetRange(t.Context(), "digits", c.off, c.n))
		if err != nil || string(got) != c.want {
			t.Errorf("GetRange(%d, %d) = %q, %v, want %q", c.off, c.n, got, err, c.want)
		}
	}
	for _, n := range []int64{-1, 0, 5} {
		if got, err := read(s.GetRange(t.Context(), "empty", 0, n)); err != nil || len(got) != 0 {
			t.Errorf("GetRange(0, %d) of an empty object = %q, %v", n, got, err)
		}
	}
	_, err := s.GetRange(t.Context(), "digits", -1, 2)
	wantError(t, "a negative offset", err, fs.ErrInvalid)
}

func remove(t *testing.T, s store.Store) {
	mustPut(t, s, "d/a", []byte("a"))
	mustPut(t, s, "d/b", []byte("b"))
	for _, name := range []string{"d/a", "d/a", "never", "d", "d/b/c"} {
		if err := s.Delete(t.Context(), name); err != nil {
			t.Errorf("Delete %s: %v", name, err)
		}
	}
	wantMissing(t, s, "d/a")
	wantObject(t, s, "d/b", []byte("b"))
	mustPut(t, s, "d/a", []byte("again"))
	wantObject(t, s, "d/a", []byte("again"))
}

func bigObject(t *testing.T, s store.Store) {
	data := noise(1, bigSize)
	mustPut(t, s, "big", data)
	wantObject(t, s, "big", data)
	got, err := read(s.GetRange(t.Context(), "big", bigSize/2, 1<<20))
	if err != nil || !bytes.Equal(got, data[bigSize/2:][:1<<20]) {
		t.Errorf("a range from the middle: %d bytes, %v", len(got), err)
	}
	// A reader that is given up early holds nothing back.
	r, err := s.Get(t.Context(), "big")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, r, 10); err != nil {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func shortReader(t *testing.T, s store.Store) {
	err := s.Put(t.Context(), "short", strings.NewReader("abc"), 4)
	wantError(t, "Put of too few bytes", err, io.ErrUnexpectedEOF)
	wantMissing(t, s, "short")
	// Of a longer reader the first bytes are the object.
	if err := s.Put(t.Context(), "long", strings.NewReader("abcdef"), 4); err != nil {
		t.Fatal(err)
	}
	wantObject(t, s, "long", []byte("abcd"))
	if got := names(t, s, ""); !slices.Equal(got, []string{"long"}) {
		t.Errorf("the store holds %q", got)
	}
}

var errReader = errors.New("the disk under the reader broke")

// brokenReader fails when it has given half of its bytes.
type brokenReader struct {
	*bytes.Reader
	left int
}

func (b *brokenReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errReader
	}
	n, err := b.Reader.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// ReadAt hides the embedded reader's, which doesn't fail.
func (b *brokenReader) ReadAt([]byte, int64) (int, error) { return 0, errReader }

func failingReader(t *testing.T, s store.Store) {
	data := noise(2, 3<<20)
	err := s.Put(t.Context(), "broken", &brokenReader{bytes.NewReader(data), len(data) / 2}, int64(len(data)))
	wantError(t, "Put from a broken reader", err, errReader)
	wantMissing(t, s, "broken")
	mustPut(t, s, "broken", []byte("whole"))
	wantObject(t, s, "broken", []byte("whole"))
}

func badNames(t *testing.T, s store.Store) {
	ctx := t.Context()
	for _, name := range []string{
		"", ".", "..", "/", "/a", "a/", "a//b", "../a", "a/../b", "a/..", "./a", "a/.", "a\\b", "a\x00b", "a\nb",
		"a\x7f", "é", "\xff", ".tmp", ".tmp/a", strings.Repeat("n", 256), strings.Repeat("n/", 512) + "n",
	} {
		wantError(t, "Put", put(ctx, s, name, []byte("x")), fs.ErrInvalid)
		wantError(t, "Replace", s.Replace(ctx, name, nil), fs.ErrInvalid)
		wantError(t, "Delete", s.Delete(ctx, name), fs.ErrInvalid)
		_, err := s.Get(ctx, name)
		wantError(t, "Get", err, fs.ErrInvalid)
		_, err = s.Stat(ctx, name)
		wantError(t, "Stat", err, fs.ErrInvalid)
	}
	if got := names(t, s, ""); len(got) != 0 {
		t.Errorf("the store holds %q", got)
	}
}

func cancelled(t *testing.T, s store.Store) {
	mustPut(t, s, "a", []byte("x"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := read(s.Get(ctx, "a"))
	wantError(t, "Get", err, context.Canceled)
	_, err = read(s.GetRange(ctx, "a", 0, 1))
	wantError(t, "GetRange", err, context.Canceled)
	_, err = s.Stat(ctx, "a")
	wantError(t, "Stat", err, context.Canceled)
	wantError(t, "Put", put(ctx, s, "b", []byte("x")), context.Canceled)
	wantError(t, "Replace", s.Replace(ctx, "b", []byte("x")), context.Canceled)
	wantError(t, "Delete", s.Delete(ctx, "a"), context.Canceled)
	var listed error
	for _, err := range s.List(ctx, "") {
		listed = err
	}
	wantError(t, "List", listed, context.Canceled)
	wantObject(t, s, "a", []byte("x"))
	wantMissing(t, s, "b")
}
