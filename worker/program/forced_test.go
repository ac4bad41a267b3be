package program

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// forcedMode names what the program in TestForced does.
const forcedMode = "FACESIEVE_TEST_FORCED"

// TestForced is a program that hangs: it never ends by itself.
func TestForced(t *testing.T) {
	mode := os.Getenv(forcedMode)
	if mode == "" {
		return // it is none
	}
	ctx, i, stop := WatchInterrupts(context.Background())
	defer stop()
	w := &LastWord{path: os.Getenv(forcedMode + "_WORD")}
	w.WriteForced(i, Messages{Program: "worker", Interrupted: "it goes on"}, os.Stderr)
	switch mode {
	case "alone":
		defer i.ExitAfter(ctx, time.Millisecond)()
	case "hung word":
		i.BeforeExit(func() { select {} })
	}
	if _, err := os.Stdout.WriteString("begun\n"); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
	if _, err := os.Stdout.WriteString("hangs\n"); err != nil {
		t.Fatal(err)
	}
	select {}
}

// A forced exit leaves the last word, and waits neither for what hangs nor for a word that
// can't be written.
func TestForcedExit(t *testing.T) {
	for _, c := range []struct {
		mode  string
		again bool // another interrupt forces it
		word  string
	}{
		{"alone", false, "worker: interrupted; it goes on"},
		{"interrupts", true, "worker: interrupted; it goes on"},
		{"hung word", true, ""},
	} {
		t.Run(c.mode, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "termination-log")
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestForced$")
			cmd.Env = append(os.Environ(), forcedMode+"="+c.mode, forcedMode+"_WORD="+path)
			said, err := cmd.StdoutPipe()
			if err == nil {
				err = cmd.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(said)
			for lines.Scan() {
				if text := lines.Text(); text == "begun" || text == "hangs" && c.again {
					if err := cmd.Process.Signal(os.Interrupt); err != nil {
						t.Error(err)
					}
				}
			}
			var exit *exec.ExitError
			if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != ExitInterrupted {
				t.Errorf("%v", err)
			}
			got, err := os.ReadFile(path)
			if string(got) != c.word || (err == nil) != (c.word != "") {
				t.Errorf("the last word is %q, %v; want %q", got, err, c.word)
			}
		})
	}
}
