package embed

import (
	"bufio"
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// peakMemory gives the most bytes that the process has held in memory.
func peakMemory(t testing.TB) int64 {
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
	t.Logf("peak after 500 images %d MiB, after %d more %d MiB; %d images without a face",
		first>>20, len(paths), last>>20, without)
	if float64(last) > 1.1*float64(first) {
		t.Errorf("the peak grew from %d to %d bytes", first, last)
	}
}

// BenchmarkMemory embeds a number of images and gives the peak of the process's
// memory: run each number in a process of its own. The larger number is the same
// photographs again and again: the largest ones decide the peak.
func BenchmarkMemory(b *testing.B) {
	if runtime.GOOS != "linux" {
		missing(b, "Linux, for the peak of memory")
	}
	for _, n := range []int{500, 3000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			e := start(b, realConfig(b))
			paths := below(b, shared(b, "data", "vggface2-mini", "train"), "*/*.jpg")
			images := make([]schemas.Image, n)
			for i := range images {
				images[i] = schemas.Image{Path: paths[i%500*len(paths)/500], Length: -1, Size: -1}
			}
			read := func(_ context.Context, i int) ([]byte, error) { return os.ReadFile(images[i].Path) }
			for b.Loop() {
				if _, err := e.Embed(b.Context(), images, false, read, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(peakMemory(b))/1e6, "peak-MB")
		})
	}
}
