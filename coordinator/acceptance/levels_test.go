//go:build acceptance

package acceptance

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/cpu"
)

// TestProcessorLevelsAgree: programs built for the first and for the third level of
// amd64 judge the same vectors with equal bytes.
func TestProcessorLevelsAgree(t *testing.T) {
	if !full() {
		t.Skip("builds the program twice: in full size alone; what the compiler emits is read by the tests of cluster")
	}
	if runtime.GOARCH != "amd64" || !cpu.X86.HasAVX2 || !cpu.X86.HasFMA {
		t.Skip("SKIPPED: this processor does not run GOAMD64=v3")
	}
	prepared(t)
	folder := t.TempDir()
	var want map[string]string
	for _, level := range []string{"v1", "v3"} {
		program := filepath.Join(folder, "coordinator-"+level)
		build := exec.Command("go", "build", "-trimpath", "-o", program, "./coordinator")
		build.Dir, build.Env = root, append(os.Environ(), "GOAMD64="+level)
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		st, out := filepath.Join(folder, "store-"+level), filepath.Join(folder, "report-"+level)
		link(t, base.folder, st)
		run := exec.Command(program, "run", "--store", st, "--from", string(base.vggface2.id), "--drop", ".9", "--out", out)
		if text, err := run.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", level, err, tail(string(text)))
		}
		got := (&finished{folder: out}).digests(t)
		if want == nil {
			want = got
			continue
		}
		same(t, "GOAMD64="+level, want, got)
	}
}
