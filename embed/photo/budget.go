package photo

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// Budget is memory, in bytes, that those at work at the same time share.
type Budget struct {
	total int64
	free  *semaphore.Weighted
}

// NewBudget makes a budget of so many bytes, at least 1.
func NewBudget(bytes int64) *Budget {
	return &Budget{total: bytes, free: semaphore.NewWeighted(bytes)}
}

// Take waits until so many bytes are free and holds them until release is called,
// once. A need above the whole budget waits until nothing else is held. The error
// is ctx's.
func (b *Budget) Take(ctx context.Context, bytes int64) (release func(), err error) {
	bytes = min(bytes, b.total)
	if err := b.free.Acquire(ctx, bytes); err != nil {
		return nil, err
	}
	return func() { b.free.Release(bytes) }, nil
}
