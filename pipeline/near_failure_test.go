package pipeline_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// cracked is a store that fails to read and to write objects whose name holds a text,
// until it is mended.
type cracked struct {
	store.Store
	text   string
	mended atomic.Bool
	hits   atomic.Int64
}

var errCracked = errors.New("the store is cracked")

func (c *cracked) breaks(name string) bool {
	if c.mended.Load() || !strings.Contains(name, c.text) {
		return false
	}
	c.hits.Add(1)
	return true
}

func (c *cracked) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if c.breaks(name) {
		return nil, errCracked
	}
	return c.Store.Get(ctx, name)
}

func (c *cracked) Put(ctx context.Context, name string, r io.ReadSeeker, size int64) error {
	if c.breaks(name) {
		return errCracked
	}
	return c.Store.Put(ctx, name, r, size)
}

// A shard whose nearest task is given up is left out of all that follows, named, and
// tried again by the next command; nothing of it is left in others' neighbours.
func TestShardLostAtNearest(t *testing.T) {
	q := small(t)
	whole := newHarness(t)
	want, _ := whole.must(q)
	l := newHarness(t)
	st := &cracked{Store: openStore(t, "mem:"+t.Name()+"/cracked"), text: "/nearest/00001"}
	l.store = st
	planned, s, err := l.run(t.Context(), q)
	if !errors.Is(err, run.ErrFailed) || s == nil || len(s.Failures) != 1 || s.Failures[0].Task != "nearest.set.00001.0000" {
		t.Fatalf("%v, %+v", err, s)
	}
	lost := planned.Plan.Sources[0].Shards[1].Images
	if n := planned.Plan.Sources[0].Images - lost; s.Images != n || len(l.verdicts(planned.ID)) != n {
		t.Errorf("%d images; want %d", s.Images, n)
	}
	st.mended.Store(true)
	again, s := l.must(q)
	if len(s.Failures) != 0 || again.ID != want.ID {
		t.Errorf("after the store was mended: %+v", s)
	}
	same(t, "healed", l.report(want.ID), whole.report(want.ID))
	for _, folder := range []string{schemas.NearestFolder(want.ID), schemas.NeighboursFolder(want.ID)} {
		same(t, "healed", l.objects(folder), whole.objects(folder))
	}
}

// Every shard needs every group of lists: a group that is given up ends the run, and
// the next command tries it again.
func TestGroupGivenUpEndsTheRun(t *testing.T) {
	q := small(t)
	whole := newHarness(t)
	want, _ := whole.must(q)
	l := newHarness(t)
	st := &cracked{Store: openStore(t, "mem:"+t.Name()+"/cracked"), text: "/neighbours/00000/00002"}
	l.store = st
	_, s, err := l.run(t.Context(), q)
	if !errors.Is(err, run.ErrFailed) || s != nil || !strings.Contains(err.Error(), "neighbours.set.00000.0000") ||
		!strings.Contains(err.Error(), errCracked.Error()) {
		t.Fatalf("%v, %+v", err, s)
	}
	if n := st.hits.Load(); n != 5 {
		t.Errorf("%d attempts; want 5", n)
	}
	st.mended.Store(true)
	again, _ := l.must(q)
	same(t, "healed", l.report(again.ID), whole.report(want.ID))
}
