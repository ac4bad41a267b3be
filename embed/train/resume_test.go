package train

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const childEnv = "FACETRAIN_TEST_DIR"

// TestMain trains in a process of its own where a test asks for one to kill: it
// tells each step and waits after it.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		asked := bufio.NewScanner(os.Stdin)
		told := func(what string) {
			fmt.Println(what)
			asked.Scan()
		}
		_, _, err := Train(context.Background(), small(), blobs(1, 6, 6, Margin), heldOut(100, 10), Run{
			Dir: dir, Every: 3,
			Watch: func(p Progress) { told(fmt.Sprint("step ", p.Done)) },
			Epoch: func(p Point) { told(fmt.Sprint("epoch ", p.Epoch)) },
		})
		fmt.Println("ended", err)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// trainAndKill trains in a child process and kills it when it says so.
func trainAndKill(t *testing.T, dir, at string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "ended") {
			t.Fatalf("the training was not killed at %s: %s", at, lines.Text())
		}
		if lines.Text() == at {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			break
		}
		if _, err := fmt.Fprintln(in); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Fatalf("the process killed at %s ended by itself", at)
	}
}

// A training that is killed, at any place and more than once, ends with the bytes
// of one that is not.
func TestResume(t *testing.T) {
	p, h := blobs(1, 6, 6, Margin), heldOut(100, 10)
	whole, s, err := Train(t.Context(), small(), p, h, Run{Dir: t.TempDir(), Every: 3})
	if err != nil {
		t.Fatal(err)
	}
	want := made(t, whole, s, p, h)
	// 4 steps an epoch: before the first checkpoint; after one within an epoch;
	// when an epoch is measured and not yet kept; after that.
	for _, kills := range [][]string{{"step 2"}, {"step 8", "step 11"}, {"epoch 1"}, {"step 9", "step 12"}} {
		dir, first := t.TempDir(), 0
		for _, at := range kills {
			trainAndKill(t, dir, at)
		}
		m, s, err := Train(t.Context(), small(), p, h, Run{Dir: dir, Every: 3, Watch: func(p Progress) {
			if first == 0 {
				first = p.Done
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if made(t, m, s, p, h) != want {
			t.Errorf("killed at %v the model has other bytes", kills)
		}
		if began := first > 1; began != (kills[0] != "step 2") {
			t.Errorf("killed at %v the training went on at step %d", kills, first)
		}
	}
}

// An interrupted training keeps all steps that it did.
func TestInterrupt(t *testing.T) {
	p, h := blobs(1, 6, 6, Margin), heldOut(100, 10)
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, _, err := Train(ctx, small(), p, h, Run{Dir: dir, Watch: func(p Progress) {
		if p.Done == 6 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted: %v", err)
	}
	data, err := os.ReadFile(filepath.Join(dir, CheckpointFile))
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseCheckpoint(data)
	if err != nil || c.State.Epoch != 1 || c.State.Step != 2 {
		t.Errorf("the checkpoint is at epoch %d, step %d: %v; 6 steps of 4 an epoch were done",
			c.State.Epoch, c.State.Step, err)
	}
}

// An interrupted training that can't keep its steps says so, and not that it was
// interrupted.
func TestInterruptWithoutPlace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, _, err := Train(ctx, small(), blobs(1, 6, 6, Margin), heldOut(100, 10), Run{Dir: dir, Watch: func(p Progress) {
		if p.Done == 2 {
			if err := os.Remove(dir); err != nil {
				t.Error(err)
			}
			cancel()
		}
	}})
	if !errors.Is(err, fs.ErrNotExist) || errors.Is(err, context.Canceled) {
		t.Errorf("interrupted without a folder: %v", err)
	}
}

// A finished training is measured on the pictures that it is given now.
func TestFinishedTrainingIsMeasuredAgain(t *testing.T) {
	p, dir, o := blobs(1, 6, 6, Margin), t.TempDir(), small()
	o.Epochs = 1
	if _, _, err := Train(t.Context(), o, p, heldOut(100, 10), Run{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	h := heldOut(200, 30)
	m, s, err := Train(t.Context(), o, p, h, Run{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewEmbedder(m, 16)
	if err != nil {
		t.Fatal(err)
	}
	want, err := h.Measure(e)
	if got := s.History.last(); err != nil || got.Plain != want.Plain || *got.Densities != *want.Densities {
		t.Errorf("it says %+v of pictures that give %+v (%v)", got, want, err)
	}
}

// A checkpoint of another training is refused, and one of no training.
func TestForeignCheckpoint(t *testing.T) {
	p, h := blobs(1, 6, 6, Margin), heldOut(100, 10)
	dir, o := t.TempDir(), small()
	o.Epochs = 1
	if _, _, err := Train(t.Context(), o, p, h, Run{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	other := o
	other.Rate *= 2
	if _, _, err := Train(t.Context(), other, p, h, Run{Dir: dir}); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("with another rate: %v", err)
	}
	if _, _, err := Train(t.Context(), o, blobs(2, 6, 6, Margin), h, Run{Dir: dir}); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("with other pictures: %v", err)
	}
	path := filepath.Join(dir, CheckpointFile)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(*State){
		func(s *State) { s.Epoch = 99 },
		func(s *State) { s.Step = 1 }, // of the epoch after the last
		func(s *State) { s.Epoch, s.Step = 0, 4 },
		func(s *State) { s.Epoch = -1 },
		func(s *State) { s.Window.Steps = curveSteps },
		func(s *State) { s.Window.Steps = -1 },
	} {
		c, err := ParseCheckpoint(data)
		if err != nil {
			t.Fatal(err)
		}
		change(&c.State)
		bytes, err := c.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, bytes, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Train(t.Context(), o, p, h, Run{Dir: dir}); !errors.Is(err, ErrCheckpoint) {
			t.Errorf("at epoch %d, step %d, %d steps of a curve's point: %v",
				c.State.Epoch, c.State.Step, c.State.Window.Steps, err)
		}
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Train(t.Context(), o, p, h, Run{Dir: dir}); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("with a bit turned: %v", err)
	}
	if err := Clear(dir); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Train(t.Context(), other, p, h, Run{Dir: dir}); err != nil {
		t.Errorf("after it is removed: %v", err)
	}
}
