package main

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"testing"

	"github.com/facesieve/facesieve/worker/program"
)

// TestInterrupt interrupts a program that waits for a server that never answers.
func TestInterrupt(t *testing.T) {
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cmd := exec.CommandContext(t.Context(), path, "status", "--store", "s3://bucket/facesieve",
		"--s3-endpoint", "http://"+l.Addr().String())
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=me", "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_REGION=us-east-1")
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
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != program.ExitInterrupted {
		t.Errorf("%v; want exit code %d", err, program.ExitInterrupted)
	}
	if want := "coordinator: interrupted; the same command goes on where it stopped\n"; said.String() != want {
		t.Errorf("said %q; want %q", said.String(), want)
	}
}
