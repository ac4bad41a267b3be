package queue

import (
	"context"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// Unfinished asks the server which tasks are pending or leased now. It does
// not say which are done: of a task that is not in the queue any more the store knows.
func (q *Queue) Unfinished(ctx context.Context) (holds func(schemas.Task) bool, err error) {
	subjects, err := q.held(ctx, "task.>")
	if err != nil {
		return nil, origin.Errorf("queue", "tasks of run %s: %w", q.run, err)
	}
	return func(t schemas.Task) bool { return subjects[taskSubject(t)] > 0 }, nil
}

// held counts the stream's messages on the run's subjects that match rest, by subject.
func (q *Queue) held(ctx context.Context, rest string) (subjects map[string]uint64, err error) {
	err = q.retry(ctx, func(ctx context.Context) error {
		s, err := q.conn.js.Stream(ctx, streamName(q.run))
		if err != nil {
			return err
		}
		info, err := s.Info(ctx, jetstream.WithSubjectFilter(runSubject(q.run, rest)))
		if err == nil {
			subjects = info.State.Subjects
		}
		return err
	})
	return subjects, err
}
