package pipeline_test

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"testing"
	"time"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/schemas"
)

// held leases a task of a run's vectors, as a worker that takes long.
func held(t *testing.T, l *harness, id schemas.RunID) *queue.Lease {
	t.Helper()
	q, err := l.conn().Join(t.Context(), id, schemas.PoolVectors)
	if err != nil {
		t.Fatal(err)
	}
	lease, err := q.Pull(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return lease
}

// released gives a lease back.
func released(t *testing.T, lease *queue.Lease) {
	t.Helper()
	// Where its queue is gone, nobody has it.
	if err := lease.Release(context.WithoutCancel(t.Context())); err != nil && !errors.Is(err, queue.ErrClosed) {
		t.Error(err)
	}
}

// waits runs a coordinator that waits for the lease of another one's task, and calls do then.
func waits(t *testing.T, l *harness, planned *plan.Run, job string, do func(end context.CancelFunc)) error {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	defer end()
	c := l.coordinator()
	c.Queue.Job = job
	told, leased := 0, 0
	c.QueueCounts = func(n map[schemas.Pool]queue.Counts) { leased = max(leased, n[schemas.PoolVectors].Leased) }
	c.LastTasks = func(tasks int) { told += tasks; do(end) }
	_, err := c.Run(ctx, planned)
	if told != 1 || leased != 1 {
		t.Errorf("told of %d tasks, and that %d are leased; want 1", told, leased)
	}
	return err
}

// A command after one that was stopped while it waited for the tasks of a coordinator before
// it waits for them too: its report is the whole one.
func TestCommandAfterOneThatWaited(t *testing.T) {
	q := small(t)
	whole := newHarness(t)
	want, _ := whole.must(q)
	for name, jobs := range map[string][3]string{"no job": {}, "one job": {"a", "b", "b"}} {
		t.Run(name, func(t *testing.T) {
			l, planned := killed(t, q, schemas.StageMatch, jobs[0])
			lease := held(t, l, planned.ID)
			err := waits(t, l, planned, jobs[1], func(end context.CancelFunc) { end() })
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			c := l.coordinator()
			c.Queue.Job = jobs[2]
			waited, giveBack := false, sync.OnceFunc(func() { released(t, lease) })
			c.LastTasks = func(int) { waited = true; giveBack() }
			c.Progress = func(p run.Progress) {
				if p.Stage == schemas.StageMatch {
					giveBack()
				}
			}
			_, s, err := l.runPlanned(t.Context(), c, planned)
			if err != nil || len(s.Failures) != 0 || !waited {
				t.Errorf("%v, %+v, waited: %v", err, s, waited)
			}
			same(t, "after one that waited", l.report(planned.ID), whole.report(want.ID))
		})
	}
}

// Tasks of a coordinator that is gone and that no worker holds are not waited for: the
// command begins without any worker.
func TestCommandOverTasksThatNobodyHolds(t *testing.T) {
	l, planned := killed(t, small(t), schemas.StageMatch, "")
	ctx, end := context.WithCancel(t.Context())
	defer end()
	c := l.coordinator()
	c.LastTasks = func(tasks int) { t.Errorf("%d tasks are waited for", tasks) }
	c.Progress = func(p run.Progress) {
		if p.Stage == schemas.StageEmbed {
			end()
		}
	}
	if _, err := c.Run(ctx, planned); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}

// A run that is cancelled while its coordinator waits for the tasks of another ends, and its
// queue with it, whether somebody removes the queue or not.
func TestCancelledWhileItWaits(t *testing.T) {
	by := schemas.Cancellation{By: "me@here", At: "2026-01-02T03:04:05Z"}
	for name, remove := range map[string]bool{"the store alone": false, "the queue too": true} {
		t.Run(name, func(t *testing.T) {
			l, planned := killed(t, small(t), schemas.StageMatch, "")
			lease := held(t, l, planned.ID)
			defer released(t, lease)
			failures := len(l.names(schemas.FailuresFolder(planned.ID)))
			err := waits(t, l, planned, "", func(context.CancelFunc) {
				if _, err := admin.Cancel(t.Context(), l.store, planned.ID, by); err != nil {
					t.Error(err)
				}
				if remove {
					if err := l.conn().Delete(t.Context(), planned.ID); err != nil {
						t.Error(err)
					}
				}
			})
			var cancelled *run.CancelledError
			if !errors.As(err, &cancelled) || err.Error() != cancelled.Error() {
				t.Errorf("it ended with %v", err)
			}
			if runs, err := l.conn().Runs(t.Context()); err != nil || len(runs) != 0 {
				t.Errorf("queues that are left: %v, %v", runs, err)
			}
			if n := len(l.names(schemas.FailuresFolder(planned.ID))); n != failures || n == 0 {
				t.Errorf("%d failures of %d are left", n, failures)
			}
		})
	}
}

// A run that is cancelled after its last task, before anybody looks again, has no report.
func TestCancelledBeforeTheReport(t *testing.T) {
	l := newHarness(t)
	c := l.coordinator()
	c.Look = time.Hour
	planned, err := c.Plan(t.Context(), small(t))
	if err != nil {
		t.Fatal(err)
	}
	c.Progress = func(p run.Progress) {
		if p.Stage == schemas.StageJudge && p.End {
			by := schemas.Cancellation{By: "me@here", At: "2026-01-02T03:04:05Z"}
			if _, err := admin.Cancel(t.Context(), l.store, planned.ID, by); err != nil {
				t.Error(err)
			}
		}
	}
	var cancelled *run.CancelledError
	if _, _, err := l.runPlanned(t.Context(), c, planned); !errors.As(err, &cancelled) {
		t.Errorf("it ended with %v", err)
	}
	if _, err := c.Summary(t.Context(), planned.ID); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("its report: %v", err)
	}
}
