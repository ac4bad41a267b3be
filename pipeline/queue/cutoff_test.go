package queue_test

import (
	"context"
	"testing"

	"github.com/facesieve/facesieve/pipeline/queue"
)

// TestPullThatIsCutOffGivesItsTaskBack ends pulls at every point of a second
// delivery. None may look like the death of a worker.
func TestPullThatIsCutOffGivesItsTaskBack(t *testing.T) {
	ctx, s, q := open(t, queue.CreateOptions{AckWait: soon})
	push(ctx, t, q, task(1), true)
	if err := pull(ctx, t, q).Release(ctx); err != nil {
		t.Fatal(err)
	}
	watch := s.stream(ctx)
	for i := range 60 {
		short, cut := context.WithCancel(ctx)
		go func() {
			for range i { // further into the pull each time
				if _, err := watch.Info(short); err != nil {
					break
				}
			}
			cut()
		}()
		l, err := q.Pull(short)
		if err == nil {
			err = l.Release(ctx)
			if err != nil {
				t.Fatal(err)
			}
		}
		cut()
	}
	l := pull(ctx, t, q)
	if l.Deaths() != 0 {
		t.Errorf("%d pulls that were cut off count as deaths", l.Deaths())
	}
	done(ctx, t, l)
}
