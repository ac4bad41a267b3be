package queue_test

import (
	"testing"

	"github.com/facesieve/facesieve/pipeline/queue"
)

// Waiting, leased and given-back tasks are unfinished; done ones, and those that
// were never pushed, are not.
func TestUnfinished(t *testing.T) {
	ctx, _, q := open(t, queue.CreateOptions{})
	for shard := range 4 {
		push(ctx, t, q, task(shard), true)
	}
	done(ctx, t, pull(ctx, t, q)) // shard 0
	pull(ctx, t, q)               // shard 1
	if err := pull(ctx, t, q).Release(ctx); err != nil {
		t.Fatal(err)
	}
	holds, err := q.Unfinished(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for shard, want := range []bool{false, true, true, true, false} {
		if got := holds(task(shard)); got != want {
			t.Errorf("shard %d: unfinished is %v, want %v", shard, got, want)
		}
	}
}
