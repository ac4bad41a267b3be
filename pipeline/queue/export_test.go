package queue

import (
	"context"

	"github.com/facesieve/facesieve/schemas"
)

// What the fuzz tests look at.
var (
	TaskSubject = taskSubject
	ParseTask   = parseTask
)

// AbandonPull opens a pull and gives it up at the moment when a task has arrived
// on it and nobody has looked.
func (q *Queue) AbandonPull(ctx context.Context) error {
	sub, err := q.openPull(schemas.PoolImages)
	if err != nil {
		return err
	}
	for n := 0; n == 0; {
		if n, _, err = sub.Pending(); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	q.giveBack(sub)
	return nil
}

// Pending returns the number of tasks that are not done, leased ones included.
func (q *Queue) Pending(ctx context.Context) (n int, err error) {
	counts, err := q.Counts(ctx)
	for _, c := range counts {
		n += c.Pending + c.Leased
	}
	return n, err
}

// Workers returns the number of pulls that wait for a task, in the pool that has most of
// them, plus that of leases held.
func (q *Queue) Workers(ctx context.Context) (int, error) {
	counts, err := q.Counts(ctx)
	waiting, leased := 0, 0
	for _, c := range counts {
		waiting, leased = max(waiting, c.Waiting), leased+c.Leased
	}
	return waiting + leased, err
}
