package embed

import (
	"bufio"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// peakMemory gives the most bytes that the process has held in memory.
func peakMemory(t *testing.T) int64 {
	t.Helper()
	f, err := os.Open("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kilobytes, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kilobytes << 10
		}
	}
	t.Fatal("no peak in /proc/self/status")
	return 0
}

// TestMemoryDoesNotGrow takes minutes: only where FACESIEVE_ACCEPTANCE is set.
func TestMemoryDoesNotGrow(t *testing.T) {
	if os.Getenv("FACESIEVE_ACCEPTANCE") == "" {
		t.Skip("SKIPPED: set FACESIEVE_ACCEPTANCE to measure memory")
	}
	if runtime.GOOS != "linux" {
		missing(t, "Linux, for the peak of memory")
	}
	e := start(t, realConfig(t))
	paths := below(t, shared(t, "data", "vggface2-mini", "train"), "*/*.jpg")
	embedAll(t, e, paths[:500], false)
	first := peakMemory(t)
	without := 0
	for _, r := range embedAll(t, e, paths, false) {
		if r.Error != "" {
			without++
			t.Logf("%s: %s", r.Path, r.Error)
		}
	}
	last := peakMemory(t)
	t.Logf("peak after 500 images %d MiB, after %d more %d MiB; %d images without a face", first>>20, len(paths), last>>20, without)
	if float64(last) > 1.1*float64(first) {
		t.Errorf("the peak grew from %d to %d bytes", first, last)
	}
}
