package program

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestInterruptsInTwoSteps(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	s := &Interrupts{cancel: cancel}
	var said []string
	s.Tell(func(text string) { said = append(said, text) })
	finish, release := s.FirstFinishes()
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
	again, _ := s.FirstFinishes()
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
