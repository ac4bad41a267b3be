// Package storefault is a store whose faults are planned: a test says which call
// fails and how, and fails itself where a planned fault was never met.
package storefault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"sync"
	"testing"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/store"
)

// Op is a method of store.Store.
type Op string

// The methods that faults can be planned for. A fault of List comes after its
// first object, or at its end where it has none.
const (
	Get      Op = "get"
	GetRange Op = "getrange"
	Stat     Op = "stat"
	Put      Op = "put"
	Replace  Op = "replace"
	List     Op = "list"
	Delete   Op = "delete"
)

// Fault is one planned fault: it is met once.
type Fault struct {
	Op Op
	// Pattern is what the call's name (List: prefix) must match, as path.Match has
	// it, where '*' stops at '/'; "" matches every name.
	Pattern string
	// Nth is the matching call that fails, counted from 1 over the store's life;
	// 0 is the first.
	Nth int
	// Err is what the call returns, or what its reader returns where Partial is
	// above zero; nil is ErrPlanned.
	Err error
	// Partial lets Get and GetRange give this many bytes before Err.
	Partial int64
	// Done lets Put, Replace and Delete do their work first: the answer is lost,
	// not the request.
	Done bool
	// Before runs before anything else of the failing call, as to cancel a context
	// or to let another writer come first.
	Before func()
}

// ErrPlanned is a fault's error where it names none.
var ErrPlanned = errors.New("planned fault")

// planned is a fault and its calls so far.
type planned struct {
	fault Fault
	calls int
	hit   bool
}

type faulty struct {
	inner store.Store
	mu    sync.Mutex
	plan  []*planned
}

// New returns a store that is inner with faults. t fails at once where a fault makes no sense, and at
// its end where one was never met.
func New(inner store.Store, t testing.TB, faults ...Fault) store.Store {
	t.Helper()
	s := &faulty{inner: inner}
	for _, f := range faults {
		if err := f.check(); err != nil {
			t.Fatalf("storefault: %v", err)
		}
		f.Nth = max(f.Nth, 1)
		if f.Err == nil {
			f.Err = ErrPlanned
		}
		s.plan = append(s.plan, &planned{fault: f})
	}
	t.Cleanup(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, p := range s.plan {
			if !p.hit {
				t.Errorf("storefault: never met: call %d of %s %q; %d calls matched", p.fault.Nth,
					p.fault.Op, p.fault.Pattern, p.calls)
			}
		}
	})
	return s
}

func (f Fault) check() error {
	if _, err := path.Match(f.Pattern, ""); err != nil {
		return fmt.Errorf("pattern %q: %w", f.Pattern, err)
	}
	reads := f.Op == Get || f.Op == GetRange
	writes := f.Op == Put || f.Op == Replace || f.Op == Delete
	switch {
	case !reads && !writes && f.Op != Stat && f.Op != List:
		return fmt.Errorf("no such call: %q", f.Op)
	case f.Partial != 0 && !reads:
		return fmt.Errorf("%s has no partial answer", f.Op)
	case f.Done && !writes:
		return fmt.Errorf("%s does no work that an answer could be lost of", f.Op)
	case f.Nth < 0 || f.Partial < 0:
		return fmt.Errorf("negative call or size: %d, %d", f.Nth, f.Partial)
	}
	return nil
}

// meet counts a call and returns the fault that it meets, or nil. Every fault
// counts the calls that match it, also those that meet another fault.
func (s *faulty) meet(op Op, name string) *planned {
	s.mu.Lock()
	var met *planned
	for _, p := range s.plan {
		if p.fault.Op != op {
			continue
		}
		if ok, _ := path.Match(p.fault.Pattern, name); !ok && p.fault.Pattern != "" {
			continue
		}
		if p.calls++; p.calls == p.fault.Nth && met == nil {
			met, p.hit = p, true
		}
	}
	s.mu.Unlock()
	if met != nil && met.fault.Before != nil {
		met.fault.Before()
	}
	return met
}

// fail returns the error as a store would wrap it.
func (p *planned) fail(name string) error {
	return origin.Errorf("store", "%s %s: %w", p.fault.Op, name, p.fault.Err)
}

func (s *faulty) String() string { return s.inner.String() }

func (s *faulty) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	return s.read(Get, name, func() (io.ReadCloser, error) { return s.inner.Get(ctx, name) })
}

func (s *faulty) GetRange(ctx context.Context, name string, off, n int64) (io.ReadCloser, error) {
	return s.read(GetRange, name, func() (io.ReadCloser, error) { return s.inner.GetRange(ctx, name, off, n) })
}

func (s *faulty) read(op Op, name string, open func() (io.ReadCloser, error)) (io.ReadCloser, error) {
	p := s.meet(op, name)
	switch {
	case p == nil:
		return open()
	case p.fault.Partial == 0:
		return nil, p.fail(name)
	}
	r, err := open()
	if err != nil {
		return nil, err
	}
	return &partial{Closer: r, r: io.LimitReader(r, p.fault.Partial), err: p.fail(name)}, nil
}

// partial gives err where its reader ends.
type partial struct {
	io.Closer
	r   io.Reader
	err error
}

func (p *partial) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	if err == io.EOF {
		err = p.err
	}
	return n, err
}

func (s *faulty) Stat(ctx context.Context, name string) (store.Info, error) {
	if p := s.meet(Stat, name); p != nil {
		return store.Info{}, p.fail(name)
	}
	return s.inner.Stat(ctx, name)
}

func (s *faulty) Put(ctx context.Context, name string, r io.ReadSeeker, size int64) error {
	return s.write(Put, name, func() error { return s.inner.Put(ctx, name, r, size) })
}

func (s *faulty) Replace(ctx context.Context, name string, data []byte) error {
	return s.write(Replace, name, func() error { return s.inner.Replace(ctx, name, bytes.Clone(data)) })
}

func (s *faulty) Delete(ctx context.Context, name string) error {
	return s.write(Delete, name, func() error { return s.inner.Delete(ctx, name) })
}

func (s *faulty) write(op Op, name string, work func() error) error {
	p := s.meet(op, name)
	if p == nil {
		return work()
	}
	if p.fault.Done {
		if err := work(); err != nil {
			return err
		}
	}
	return p.fail(name)
}

func (s *faulty) List(ctx context.Context, prefix string) iter.Seq2[store.Info, error] {
	return func(yield func(store.Info, error) bool) {
		p := s.meet(List, prefix)
		for info, err := range s.inner.List(ctx, prefix) {
			if !yield(info, err) || err != nil {
				return
			}
			if p != nil {
				break
			}
		}
		if p != nil {
			yield(store.Info{}, p.fail(prefix))
		}
	}
}
