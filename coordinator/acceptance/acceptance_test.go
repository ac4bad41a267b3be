//go:build acceptance

// Package acceptance drives the built programs on real photographs: data and
// models at $SHARED, else in ../shared beside the repository.
//
// FACESIEVE_ACCEPTANCE is full, or ci for checks that fit into minutes: a third
// of the identities where the whole set would take long. FACESIEVE_ACCEPTANCE_STORE
// names a folder that keeps the vectors every check begins with from one test run
// to the next; without it they are computed once a run.
package acceptance

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// root is the repository's.
const root = "../.."

// programs is the folder of coordinator, worker and nats-server, built for this
// run of the tests.
var programs string

func TestMain(m *testing.M) {
	code, err := testRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "acceptance:", err)
		code = 1
	}
	os.Exit(code)
}

func testRun(m *testing.M) (code int, err error) {
	temp, err := os.MkdirTemp("", "facesieve-acceptance-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	// Another user than this one runs the programs in one of the checks.
	if err := os.Chmod(temp, 0o755); err != nil {
		return 1, err
	}
	programs = filepath.Join(temp, "bin")
	for _, pkg := range []string{"./coordinator", "./worker", "github.com/nats-io/nats-server/v2"} {
		cmd := exec.Command("go", "build", "-trimpath", "-o", programs+"/", pkg)
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			return 1, fmt.Errorf("build %s: %w: %s", pkg, err, out)
		}
	}
	if err := os.Rename(filepath.Join(programs, "v2"), filepath.Join(programs, "nats-server")); err != nil && !os.IsNotExist(err) {
		return 1, err
	}
	base.folder = filepath.Join(temp, "base")
	if kept := os.Getenv("FACESIEVE_ACCEPTANCE_STORE"); kept != "" {
		if base.folder, err = filepath.Abs(kept); err != nil {
			return 1, err
		}
	}
	// Runs that wait for a dead worker's lease leave the processor to others.
	if err := flag.Set("test.parallel", "4"); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// full says whether the long checks are asked for.
func full() bool { return os.Getenv("FACESIEVE_ACCEPTANCE") != "ci" }

// need is a path that a check can't do without: where it is missing the check is
// skipped, and fails in CI.
func need(t *testing.T, path, what string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(abs)
	}
	if err == nil {
		return abs
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s: %v", what, err)
	}
	t.Skipf("SKIPPED: this check needs %s: %v", what, err)
	return ""
}

// shared is a file or folder of the real data.
func shared(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("SHARED")
	if dir == "" {
		dir = filepath.Join(root, "..", "shared")
	}
	return need(t, filepath.Join(dir, name), "real data at $SHARED or ../shared ("+name+")")
}

func vggface2(t *testing.T) string  { return shared(t, "data/vggface2-mini") }
func lfw(t *testing.T) string       { return shared(t, "data/lfw") }
func facescrub(t *testing.T) string { return shared(t, "data/facescrub-mini") }
func models(t *testing.T) string    { return shared(t, "models") }

// onnxruntime is the folder of ONNX Runtime's library.
func onnxruntime(t *testing.T) string {
	t.Helper()
	return need(t, filepath.Join(root, ".onnxruntime"), "ONNX Runtime (make onnxruntime)")
}

// python is the interpreter with the packages of notebooks/requirements.txt.
func python(t *testing.T) string {
	t.Helper()
	return need(t, filepath.Join(root, ".venv/bin/python"), "Python's packages (make venv)")
}
