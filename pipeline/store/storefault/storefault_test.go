package storefault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/store/storefault"
	"github.com/facesieve/facesieve/pipeline/store/storetest"
)

func memory(t testing.TB) store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), "mem:", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A store without faults is a store.
func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return storefault.New(memory(t), t) })
}

func put(t *testing.T, s store.Store, name, text string) error {
	return s.Put(t.Context(), name, strings.NewReader(text), int64(len(text)))
}

func TestFaults(t *testing.T) {
	full := errors.New("disk full")
	inner := memory(t)
	before := false
	s := storefault.New(inner, t,
		storefault.Fault{Op: storefault.Put, Pattern: "vectors/*", Nth: 2, Err: full},
		storefault.Fault{Op: storefault.Put, Pattern: "lost", Done: true},
		storefault.Fault{Op: storefault.Get, Pattern: "vectors/a", Partial: 3},
		storefault.Fault{Op: storefault.Stat, Before: func() { before = true }},
		storefault.Fault{Op: storefault.List, Err: full},
		storefault.Fault{Op: storefault.Delete, Pattern: "vectors/a"},
	)
	if err := put(t, s, "vectors/a", "abcdef"); err != nil {
		t.Error(err)
	}
	if err := put(t, s, "vectors/b", "b"); !errors.Is(err, full) {
		t.Errorf("the second Put gave %v", err)
	}
	if _, err := inner.Stat(t.Context(), "vectors/b"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a Put that failed left an object: %v", err)
	}
	if err := put(t, s, "vectors/b", "b"); err != nil {
		t.Errorf("a fault is met once, but: %v", err)
	}
	if err := put(t, s, "lost", "x"); !errors.Is(err, storefault.ErrPlanned) {
		t.Errorf("a lost answer gave %v", err)
	}
	if err := put(t, s, "lost", "x"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the work of a lost answer wasn't done: %v", err)
	}
	r, err := s.Get(t.Context(), "vectors/a")
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(r); string(data) != "abc" || !errors.Is(err, storefault.ErrPlanned) {
		t.Errorf("a partial read gave %q, %v", data, err)
	}
	if _, err := s.Stat(t.Context(), "vectors/a"); !errors.Is(err, storefault.ErrPlanned) || !before {
		t.Errorf("Stat gave %v", err)
	}
	var seen int
	for _, err = range s.List(t.Context(), "") {
		seen++
	}
	if seen != 2 || !errors.Is(err, full) {
		t.Errorf("List gave %d answers, at last %v", seen, err)
	}
	if err := s.Delete(t.Context(), "vectors/a"); !errors.Is(err, storefault.ErrPlanned) {
		t.Errorf("Delete gave %v", err)
	}
}

// recorder is a test whose failure is looked at.
type recorder struct {
	testing.TB
	said    []string
	cleanup []func()
}

func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}
func (r *recorder) Fatalf(format string, args ...any) { r.Errorf(format, args...) }
func (r *recorder) Cleanup(f func())                  { r.cleanup = append(r.cleanup, f) }

func TestUnmetFaultFails(t *testing.T) {
	rec := &recorder{TB: t}
	s := storefault.New(memory(t), rec, storefault.Fault{Op: storefault.Put, Pattern: "a", Nth: 2})
	if err := put(t, s, "a", "x"); err != nil {
		t.Fatal(err)
	}
	for _, f := range rec.cleanup {
		f()
	}
	if len(rec.said) != 1 || !strings.Contains(rec.said[0], "never met") {
		t.Errorf("a fault that was never met said %q", rec.said)
	}
}

func TestSenselessFaults(t *testing.T) {
	for _, f := range []storefault.Fault{
		{Op: "move"}, {Op: storefault.Put, Partial: 1}, {Op: storefault.Get, Done: true},
		{Op: storefault.Get, Pattern: "["}, {Op: storefault.Get, Nth: -1},
	} {
		rec := &recorder{TB: t}
		storefault.New(memory(t), rec, f)
		if len(rec.said) == 0 {
			t.Errorf("%+v was accepted", f)
		}
	}
}
