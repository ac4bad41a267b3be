package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestShutdownInTwoSteps(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	s := &shutdown{cancel: cancel}
	var said []string
	s.tell(func(format string, _ ...any) { said = append(said, format) })
	soft, release := s.softly()
	s.interrupt()
	select {
	case <-soft:
	default:
		t.Fatal("the worker was not asked to stop")
	}
	if ctx.Err() != nil {
		t.Fatal("the first interrupt cancelled tasks at work")
	}
	s.interrupt()
	if !errors.Is(context.Cause(ctx), errInterrupted) {
		t.Fatalf("after the second: %v", context.Cause(ctx))
	}
	if len(said) != 2 || !strings.Contains(said[0], "finishing") {
		t.Errorf("said %q", said)
	}
	release()
	again, _ := s.softly()
	select {
	case <-again:
	default:
		t.Error("a worker that begins after an interrupt goes on")
	}
}

func TestShutdownWithoutAWorker(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	s := &shutdown{cancel: cancel}
	s.interrupt()
	if !errors.Is(context.Cause(ctx), errInterrupted) || !s.interrupted() {
		t.Errorf("%v", context.Cause(ctx))
	}
}

// TestInterrupt interrupts a program that waits for a server that never answers.
func TestInterrupt(t *testing.T) {
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cmd := exec.CommandContext(t.Context(), path, "status", "--store", "s3://bucket/facesieve", "--s3-endpoint", "http://"+l.Addr().String())
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=me", "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION=us-east-1")
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c, err := l.Accept() // it is waiting
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }() // the client is gone
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Errorf("%v; want exit code %d", err, exitInterrupted)
	}
	if want := "coordinator: interrupted; the same command goes on where it stopped\n"; said.String() != want {
		t.Errorf("said %q; want %q", said.String(), want)
	}
}
