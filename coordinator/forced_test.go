//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/facesieve/facesieve/worker/program"
)

// TestForcedExitLeavesAWord interrupts programs that read a file with credentials which
// nobody writes, until they give up waiting for it.
func TestForcedExitLeavesAWord(t *testing.T) {
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"coordinator": {"run", "--data", "none"},
		"worker":      {"--nats", "nats://127.0.0.1:1"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fifo, word := filepath.Join(dir, "fifo"), filepath.Join(dir, "termination-log")
			if err := syscall.Mkfifo(fifo, 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), filepath.Join(filepath.Dir(path), name),
				append(args, "--store", "s3://bucket/facesieve", "--termination-log", word)...)
			cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=", "AWS_SHARED_CREDENTIALS_FILE="+fifo)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() {
				ended <- cmd.Wait()
				if f, err := os.OpenFile(fifo, os.O_RDONLY|syscall.O_NONBLOCK, 0); err == nil {
					_ = f.Close() // whoever waits below for a reader had one
				}
			}()
			w, err := os.OpenFile(fifo, os.O_WRONLY, 0) // it reads
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			for {
				_ = cmd.Process.Signal(os.Interrupt) // it may have ended
				select {
				case err = <-ended:
				case <-time.After(10 * time.Millisecond): // two at once are one
					continue
				}
				break
			}
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != program.ExitInterrupted {
				t.Errorf("%v; want exit code %d", err, program.ExitInterrupted)
			}
			if got, err := os.ReadFile(word); err != nil || !strings.HasPrefix(string(got), name+": interrupted; ") {
				t.Errorf("the last word is %q, %v", got, err)
			}
		})
	}
}
