package work

import (
	"context"
	"testing"
)

// A lease is settled though the worker is stopped while the server is told.
func TestWordIsGivenAfterTheEnd(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	told := 0
	err := word(ctx, func(ctx context.Context) error {
		told++
		if told == 1 {
			stop()
			return context.Canceled
		}
		if _, bounded := ctx.Deadline(); !bounded {
			t.Error("the last word has no time limit")
		}
		return ctx.Err()
	})
	if err != nil || told != 2 {
		t.Errorf("told %d times: %v", told, err)
	}
}
