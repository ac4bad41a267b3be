package queue_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/schemas"
)

func judgeTask(shard int) schemas.Task {
	return schemas.Task{Run: run, Stage: schemas.StageJudge, Shard: shard}
}

func join(ctx context.Context, t *testing.T, s *natsServer, pools ...schemas.Pool) *queue.Queue {
	t.Helper()
	q, err := s.dial(ctx).Join(ctx, run, pools...)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// A worker of one pool gets no task of another, and does not count as somebody who
// takes them.
func TestPoolsAreApart(t *testing.T) {
	ctx, s, q := open(t, queue.CreateOptions{})
	push(ctx, t, q, task(1), true)
	push(ctx, t, q, judgeTask(2), true)
	vectors := join(ctx, t, s, schemas.PoolVectors)
	l := pull(ctx, t, vectors)
	if l.Task() != judgeTask(2) {
		t.Errorf("the pool of vectors has %+v", l.Task())
	}
	waiting, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if l, err := vectors.Pull(waiting); err == nil {
			t.Errorf("the pool of vectors has %+v", l.Task())
		}
	}()
	until(ctx, t, "the pull is open", func() bool {
		c, err := q.Counts(ctx, schemas.PoolVectors)
		return err == nil && c[schemas.PoolVectors].Waiting == 1
	})
	c, err := q.Counts(ctx)
	if err != nil || c[schemas.PoolImages] != (queue.Counts{Pending: 1}) ||
		c[schemas.PoolVectors] != (queue.Counts{Leased: 1, Waiting: 1, Deliveries: 1}) {
		t.Errorf("the pools have %+v, %v", c, err)
	}
	cancel()
	<-ended
	done(ctx, t, l)
	l = pull(ctx, t, join(ctx, t, s, schemas.PoolImages))
	if l.Task() != task(1) {
		t.Errorf("the pool of images has %+v", l.Task())
	}
	done(ctx, t, l)
	wantPending(ctx, t, q, 0)
}

// Who takes tasks of all pools holds one at a time: with this AckWait a second task that
// came with the first would never be seen again, or count as a death.
func TestPullsOfSeveralPools(t *testing.T) {
	ctx, s, q := open(t, queue.CreateOptions{AckWait: time.Hour})
	const tasks = 60
	var pullers sync.WaitGroup
	left := make(chan struct{}, tasks)
	all, stop := context.WithCancel(ctx)
	for range 3 {
		worker := join(ctx, t, s)
		pullers.Go(func() {
			for {
				l, err := worker.Pull(all)
				if err != nil {
					return
				}
				if l.Deaths() != 0 {
					t.Errorf("%s: %d deaths", l.Task().Name(), l.Deaths())
				}
				if err := l.Done(ctx); err != nil {
					t.Error(err)
				}
				left <- struct{}{}
			}
		})
	}
	for i := range tasks / 2 {
		push(ctx, t, q, task(i), true)
		push(ctx, t, q, judgeTask(i), true)
	}
	for range tasks {
		select {
		case <-left:
		case <-ctx.Done():
			t.Fatal("a task was lost")
		}
	}
	stop()
	pullers.Wait()
	wantPending(ctx, t, q, 0)
}
