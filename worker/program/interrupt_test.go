package program

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestInterruptsInTwoSteps(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	s := &Interrupts{cancel: cancel}
	var said []string
	s.Tell(func(text string) { said = append(said, text) })
	finish, release := s.FirstFinishes(0)
	s.interrupt()
	select {
	case <-finish:
	default:
		t.Fatal("the worker was not asked to stop")
	}
	if ctx.Err() != nil {
		t.Fatal("the first interrupt cancelled tasks at work")
	}
	s.interrupt()
	if !errors.Is(context.Cause(ctx), ErrInterrupted) {
		t.Fatalf("after the second: %v", context.Cause(ctx))
	}
	if len(said) != 2 || !strings.Contains(said[0], "finishing") {
		t.Errorf("said %q", said)
	}
	release()
	again, _ := s.FirstFinishes(0)
	select {
	case <-again:
	default:
		t.Error("a worker that begins after an interrupt goes on")
	}
}

func TestInterruptsWithoutAWorker(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	s := &Interrupts{cancel: cancel}
	s.interrupt()
	if !errors.Is(context.Cause(ctx), ErrInterrupted) || !s.Interrupted() {
		t.Errorf("%v", context.Cause(ctx))
	}
}

// What is not finished when the grace is over is cancelled.
func TestInterruptWithGrace(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	s := &Interrupts{cancel: cancel}
	finish, release := s.FirstFinishes(time.Millisecond)
	defer release()
	s.interrupt()
	<-finish
	<-ctx.Done()
	if !errors.Is(context.Cause(ctx), ErrInterrupted) {
		t.Errorf("after the grace: %v", context.Cause(ctx))
	}
}

// A terminal that takes nothing holds no interrupt up.
func TestInterruptWhileTheTerminalHangs(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	s := &Interrupts{cancel: cancel}
	s.Tell(func(string) { <-t.Context().Done() })
	s.interrupt()
	if !errors.Is(context.Cause(ctx), ErrInterrupted) {
		t.Errorf("%v", context.Cause(ctx))
	}
}
