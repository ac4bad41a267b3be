package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "write what the commands say into testdata")

// built builds the coordinator, and the worker beside it, once.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "facesieve-coordinator-")
	if err != nil {
		return "", err
	}
	// Another user must be able to run it.
	if err := os.Chmod(dir, 0o755); err != nil {
		return "", err
	}
	if out, err := exec.Command("go", "build", "-o", dir+"/", ".", "../worker").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return filepath.Join(dir, "coordinator"), nil
})

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if path, err := built(); err == nil {
		if err := os.RemoveAll(filepath.Dir(path)); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}
