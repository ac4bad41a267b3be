package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"go.uber.org/zap"

	"github.com/facesieve/facesieve/schemas"
)

const (
	lookPause = 5 * time.Second // between looks for a cancellation
	lastWord  = 5 * time.Second // for ending the queue of a run that ends early
)

// CancelledError says that somebody ended the run for good while it was at work.
type CancelledError struct {
	Run          schemas.RunID
	Cancellation schemas.Cancellation
}

// Error returns who cancelled the run, and when.
func (e *CancelledError) Error() string {
	return fmt.Sprintf("run %s was cancelled by %s at %s", e.Run, e.Cancellation.By, e.Cancellation.At)
}

// takeUp removes the mark of a run that was cancelled, and tells of it. A process that
// replaces one of the job that was cancelled takes nothing up: nobody has asked for it.
func (e *execution) takeUp(ctx context.Context) error {
	cancelled, err := e.run.Cancelled(ctx)
	if err != nil || cancelled == nil {
		return err
	}
	if job := e.coordinator.Queue.Job; job != "" {
		var last schemas.SourceFile
		err := e.run.GetJSON(ctx, schemas.SourceObject(e.run.ID), &last)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if last.Job == job {
			// Of a process that was killed: nobody is going to fill it.
			return errors.Join(&CancelledError{e.run.ID, *cancelled}, e.coordinator.Conn.Delete(ctx, e.run.ID))
		}
	}
	if e.coordinator.TakeUp != nil {
		e.coordinator.TakeUp(*cancelled)
	}
	return e.run.Store.Delete(ctx, schemas.CancelledObject(e.run.ID))
}

// cancelled returns a CancelledError where the run was cancelled.
func (e *execution) cancelled(ctx context.Context) error {
	c, err := e.run.Cancelled(ctx)
	if err != nil || c == nil {
		return err
	}
	return &CancelledError{e.run.ID, *c}
}

// unlessCancelled calls do under a context that ends where the run is cancelled. Where the
// run ends early, but for an interrupt, its queue goes: nobody is going to fill it.
func (e *execution) unlessCancelled(ctx context.Context, do func(context.Context) error) error {
	watched, end := context.WithCancelCause(ctx)
	defer end(nil)
	go e.watch(watched, end)
	err := do(watched)
	if err == nil {
		return nil // a cancellation came too late: there is nothing to end
	}
	var cancelled *CancelledError
	if errors.As(context.Cause(watched), &cancelled) {
		err = cancelled
	}
	if ctx.Err() == nil {
		last, stop := context.WithTimeout(ctx, lastWord)
		defer stop()
		if err := e.queue.Delete(last); err != nil {
			e.coordinator.Log.Warn("the run's queue is left over", zap.Error(err))
		}
	}
	return err
}

// watch looks for a cancellation until ctx ends, and calls end with it.
func (e *execution) watch(ctx context.Context, end context.CancelCauseFunc) {
	pause := e.coordinator.Look
	if pause <= 0 {
		pause = lookPause
	}
	look := time.NewTicker(pause)
	defer look.Stop()
	var cancelled *CancelledError
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
		// A store that does not answer ends the stages; it need not end this look.
		if err := e.cancelled(ctx); errors.As(err, &cancelled) {
			end(err)
			return
		}
	}
}
