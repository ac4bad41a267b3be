package queue

import (
	"context"
	"fmt"

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
func (q *Queue) Pending(ctx context.Context) (int, error) {
	c, err := q.Counts(ctx)
	if err != nil {
		return 0, fmt.Errorf("queue: pending of run %s: %w", q.run, err)
	}
	return c.Pending + c.Leased, nil
}
