package pipeline_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// A run that is cancelled in the middle ends, for its coordinator and for its workers,
// whether its queue is removed or not, and is taken up again by the same request.
func TestCancel(t *testing.T) {
	q := small(t)
	whole := newHarness(t)
	want, _ := whole.must(q)
	by := schemas.Cancellation{By: "me@here", At: "2026-01-02T03:04:05Z"}
	for name, remove := range map[string]bool{"the store alone": false, "the queue too": true} {
		t.Run(name, func(t *testing.T) {
			l := newHarness(t)
			c := l.coordinator()
			c.Look = time.Hour
			if !remove {
				c.Look = 10 * time.Millisecond
			}
			planned, err := c.Plan(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			cancel := once(2, func() {
				if _, err := admin.Cancel(t.Context(), l.store, planned.ID, by); err != nil {
					t.Error(err)
				}
				if remove {
					if err := c.Conn.Delete(t.Context(), planned.ID); err != nil {
						t.Error(err)
					}
				}
			})
			l.engine.fail = func([]schemas.Image) error { cancel(); return nil }
			w := l.worker(0)
			w.Look = 10 * time.Millisecond
			left := make(chan error, 1)
			go func() { left <- w.Run(t.Context(), planned.ID, nil) }()
			_, err = c.Run(t.Context(), planned)
			var cancelled *run.CancelledError
			if !errors.As(err, &cancelled) || cancelled.Cancellation != by {
				t.Errorf("the coordinator ended with %v", err)
			}
			if err := <-left; err != nil {
				t.Errorf("the worker ended with %v", err)
			}
			if runs, err := l.conn().Runs(t.Context()); err != nil || len(runs) != 0 {
				t.Errorf("queues that are left: %v, %v", runs, err)
			}
			if all, err := admin.Status(t.Context(), l.store); err != nil || len(all) != 1 || all[0].State != admin.StateCancelled {
				t.Errorf("status: %+v, %v", all, err)
			}
			l.engine.fail = nil
			var told []schemas.Cancellation
			c = l.coordinator()
			c.TakeUp = func(c schemas.Cancellation) { told = append(told, c) }
			if _, _, err := l.runPlanned(t.Context(), c, planned); err != nil || len(told) != 1 || told[0] != by {
				t.Errorf("taken up again: %v, told %v", err, told)
			}
			same(t, "taken up again", l.report(planned.ID), whole.report(want.ID))
			if _, err := admin.Cancel(t.Context(), l.store, planned.ID, by); !errors.Is(err, admin.ErrReported) {
				t.Errorf("a run that has its report was cancelled: %v", err)
			}
		})
	}
	if _, err := admin.Cancel(t.Context(), memory(t), want.ID, by); !errors.Is(err, plan.ErrNoRun) {
		t.Errorf("a run that is not there was cancelled: %v", err)
	}
}

// keeper is a store that keeps pointers to vectors: another coordinator reads them.
type keeper struct {
	store.Store
	t *testing.T
}

func (k keeper) Delete(ctx context.Context, name string) error {
	if strings.HasPrefix(name, schemas.EmbedFolder) {
		k.t.Errorf("%s was deleted", name)
	}
	return k.Store.Delete(ctx, name)
}

// Two coordinators of one request, of which one comes while the other is at work, both
// end well with one report, though images are missing, which a command that starts anew
// would look for again.
func TestTwoCoordinators(t *testing.T) {
	set := crowd(30, 6).with(tree{"p003/001.jpg": "nobody", "p004/002.jpg": "broken"})
	folder := t.TempDir()
	gone := filepath.Join(folder, "p000/001.jpg")
	begin := func(l *harness, c *run.Coordinator) *plan.Run {
		t.Helper()
		planned, err := c.Plan(t.Context(), ask(set.write(t, folder)))
		if err != nil {
			t.Fatal(err)
		}
		return planned
	}
	whole := newHarness(t)
	c := whole.coordinator()
	want := begin(whole, c)
	if err := os.Remove(gone); err != nil {
		t.Fatal(err)
	}
	if _, s, err := whole.runPlanned(t.Context(), c, want); err != nil || s.Faults[schemas.FaultMissing] != 1 {
		t.Fatalf("%v, %+v", err, s)
	}
	for _, late := range []int64{2, 5, 7} { // embed calls until the second one comes
		l := newHarness(t)
		l.workers = 2
		first, second := l.coordinator(), l.coordinator()
		second.Store = keeper{l.store, t}
		planned, again := begin(l, first), begin(l, second)
		if planned.ID != want.ID || again.ID != want.ID {
			t.Fatalf("runs %s, %s, %s", want.ID, planned.ID, again.ID)
		}
		if err := os.Remove(gone); err != nil {
			t.Fatal(err)
		}
		come := make(chan struct{})
		calls := once(late, func() { close(come) })
		l.engine.fail = func([]schemas.Image) error { calls(); return nil }
		err := l.work(t.Context(), planned.ID, func(ctx context.Context) error {
			g, gctx := errgroup.WithContext(ctx)
			g.Go(func() error { _, err := first.Run(gctx, planned); return err })
			g.Go(func() error {
				<-come
				_, err := second.Run(gctx, again)
				return err
			})
			return g.Wait()
		})
		if err != nil {
			t.Errorf("%d calls: %v", late, err)
		}
		same(t, "by two coordinators", l.report(planned.ID), whole.report(want.ID))
		if runs, err := l.conn().Runs(t.Context()); err != nil || len(runs) != 0 {
			t.Errorf("queues that are left: %v, %v", runs, err)
		}
	}
}
