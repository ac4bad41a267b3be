package queue

import "context"

// What the fuzz tests look at.
var (
	TaskSubject = taskSubject
	ParseTask   = parseTask
)

// AbandonPull opens a pull and gives it up at the moment when a task has arrived
// on it and nobody has looked.
func (q *Queue) AbandonPull(ctx context.Context) error {
	sub, err := q.openPull()
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
