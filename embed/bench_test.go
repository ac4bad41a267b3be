//go:build unix

package embed

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/schemas"
)

// benchImages is how many images one timed run takes, trialImages one that
// chooses among settings.
const benchImages, trialImages = 1000, 100

// benchPaths are photographs of all sizes, spread over the set.
func benchPaths(b *testing.B, n int) []string {
	b.Helper()
	all := below(b, shared(b, "data", "vggface2-mini", "train"), "*/*.jpg")
	var paths []string
	for i := range n {
		paths = append(paths, all[i*len(all)/n])
	}
	return paths
}

// speed is jobs a second, and a second of processor time: the second is true on
// a machine that is busy with other things, too.
type speed struct{ wall, processor float64 }

// timed gives the speed of n jobs that do does.
func timed(b *testing.B, n int, do func()) speed {
	b.Helper()
	used := func() float64 {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
	}
	before, began := used(), time.Now()
	do()
	return speed{float64(n) / time.Since(began).Seconds(), float64(n) / (used() - before)}
}

// onEach runs jobs 0 to n-1 on so many goroutines; job is told its goroutine.
func onEach(goroutines, n int, job func(goroutine, i int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				job(g, i)
			}
		})
	}
	all.Wait()
}

// wholeSpeed gives the speed of an engine's whole way, from files on the disk.
func wholeSpeed(b *testing.B, e *Engine, paths []string) speed {
	b.Helper()
	images := make([]schemas.Image, len(paths))
	for i, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			b.Fatal(err)
		}
		images[i] = schemas.Image{Path: p, Object: p, Length: -1, Size: info.Size()}
	}
	read := func(_ context.Context, i int) ([]byte, error) { return os.ReadFile(paths[i]) }
	return timed(b, len(paths), func() {
		if _, err := e.Embed(context.Background(), images, false, read, nil); err != nil {
			b.Fatal(err)
		}
	})
}

// bareSpeed gives the speed of an engine's networks on tensors that are ready.
func bareSpeed(b *testing.B, e *Engine, n int) speed {
	b.Helper()
	batch := e.workers[0].batch
	return timed(b, n, func() {
		onEach(len(e.workers), n/batch, func(worker, _ int) {
			w := e.workers[worker]
			if _, err := w.detector.Run(batch); err != nil {
				b.Error(err)
			}
			if _, err := w.embedder.Run(w.parameters.inputs * batch); err != nil {
				b.Error(err)
			}
		})
	})
}

// report gives median, lowest and highest of paired runs and of the ratio of the
// second to the first, by wall time and by processor time.
func report(b *testing.B, names [2]string, first, second []speed) {
	b.Helper()
	three := func(name string, of func(i int) float64) {
		var x []float64
		for i := range first {
			x = append(x, of(i))
		}
		slices.Sort(x)
		b.ReportMetric(x[len(x)/2], name)
		b.ReportMetric(x[0], name+"-min")
		b.ReportMetric(x[len(x)-1], name+"-max")
	}
	three(names[0], func(i int) float64 { return first[i].wall })
	three(names[1], func(i int) float64 { return second[i].wall })
	ratio := names[1] + "/" + names[0]
	three(ratio, func(i int) float64 { return second[i].wall / first[i].wall })
	three(ratio+"-cpu", func(i int) float64 { return second[i].processor / first[i].processor })
	b.ReportMetric(0, "ns/op")
}

// fastest opens an engine for each of several settings and gives those that are
// fastest bare and on the whole way, by the best of two short trials in turn.
func fastest(b *testing.B) (bare, whole *Engine) {
	b.Helper()
	cores := runtime.GOMAXPROCS(0)
	settings := []Config{{Sessions: cores, Threads: 1, Batch: 1}, {Sessions: cores + 1, Threads: 1, Batch: 1}, {Sessions: cores, Threads: 1, Batch: 8}, {Sessions: 2 * cores, Threads: 1, Batch: 1}}
	if cores > 1 {
		settings = append(settings, Config{Sessions: 1, Threads: cores, Batch: 1}, Config{Sessions: 1, Threads: cores, Batch: 8})
	}
	paths := benchPaths(b, trialImages)
	engines := make([]*Engine, len(settings))
	best := make([][2]float64, len(settings)) // bare, whole
	for i, s := range settings {
		c := realConfig(b)
		c.Sessions, c.Threads, c.Batch = s.Sessions, s.Threads, s.Batch
		engines[i] = start(b, c)
	}
	for range 2 {
		for i, e := range engines {
			best[i][0] = max(best[i][0], bareSpeed(b, e, trialImages).wall)
			best[i][1] = max(best[i][1], wholeSpeed(b, e, paths).wall)
		}
	}
	var at [2]int
	for i, s := range settings {
		b.Logf("%d sessions x %d threads, batch %d: bare %.1f, whole %.1f images a second",
			s.Sessions, s.Threads, s.Batch, best[i][0], best[i][1])
		for k := range at {
			if best[i][k] > best[at[k]][k] {
				at[k] = i
			}
		}
	}
	return engines[at[0]], engines[at[1]]
}

// plainSpeed gives the speed of a plain Python script that does the same as the
// whole engine, on the same images; more are further arguments.
func plainSpeed(b *testing.B, n int, more ...string) (s speed) {
	b.Helper()
	c := realConfig(b)
	args := []string{filepath.Join("..", "bench", "baseline.py"), c.DetectorFile, c.ModelFile, shared(b, "data", "vggface2-mini", "train"), strconv.Itoa(n)}
	cmd := exec.Command(filepath.Join("..", ".venv", "bin", "python"), append(args, more...)...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "OPENBLAS_") })
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		b.Fatalf("%s: %v (make venv gets what it needs)\n%s", cmd, err, &said)
	}
	if _, err := fmt.Sscanf(string(out), "%f images a second, %f", &s.wall, &s.processor); err != nil {
		b.Fatalf("%s: %v", out, err)
	}
	return s
}

// BenchmarkPipeline compares the whole engine, from files to vectors, with the
// bare networks on tensors that are ready, each at its best settings, and with a
// plain script, with and without OpenCV's detector class, in runs by turns. Run it with -benchtime 5x.
func BenchmarkPipeline(b *testing.B) {
	bare, whole := fastest(b)
	paths := benchPaths(b, benchImages)
	var first, second, plain, opencv []speed
	for b.Loop() {
		first = append(first, bareSpeed(b, bare, len(paths)))
		second = append(second, wholeSpeed(b, whole, paths))
		plain = append(plain, plainSpeed(b, len(paths)))
		opencv = append(opencv, plainSpeed(b, len(paths), "opencv"))
	}
	report(b, [2]string{"plain", "whole"}, plain, second)
	report(b, [2]string{"opencv", "whole"}, opencv, second)
	report(b, [2]string{"bare", "whole"}, first, second)
}

// BenchmarkMirror compares the whole engine on faces and their mirror images with the
// same on faces alone, in runs by turns.
func BenchmarkMirror(b *testing.B) {
	c := realConfig(b)
	alone := start(b, c)
	c.Spec.Flip = FlipSum
	both := start(b, c)
	paths := benchPaths(b, benchImages)
	var first, second []speed
	for b.Loop() {
		first = append(first, wholeSpeed(b, both, paths))
		second = append(second, wholeSpeed(b, alone, paths))
	}
	report(b, [2]string{"both", "alone"}, first, second)
}

// BenchmarkOverhead compares an engine on networks that cost nothing with a bare
// parallel loop of decode, letterbox and warp.
func BenchmarkOverhead(b *testing.B) {
	cores := runtime.GOMAXPROCS(0)
	paths := benchPaths(b, benchImages)
	e := nullEngine(b, cores, 1, nil)
	p := e.parameters
	inputs, faces := make([][]float32, cores), make([][]byte, cores)
	for i := range inputs {
		inputs[i], faces[i] = make([]float32, 3*p.size*p.size), make([]byte, 3*p.width*p.height)
	}
	one := func(core, i int) error {
		data, err := os.ReadFile(paths[i])
		if err != nil {
			return err
		}
		image, err := photo.Decode(data, photo.Limits{})
		if err != nil {
			return err
		}
		p.detector.Prepare(image, p.size, inputs[core])
		sim, err := photo.Align([10]float32{40, 40, 80, 40, 60, 60, 45, 80, 75, 80}, p.points)
		if err != nil {
			return err
		}
		photo.Warp(image, sim, p.width, p.height, faces[core])
		return nil
	}
	var first, second []speed
	for b.Loop() {
		first = append(first, timed(b, len(paths), func() {
			onEach(cores, len(paths), func(core, i int) {
				if err := one(core, i); err != nil {
					b.Error(err)
				}
			})
		}))
		second = append(second, wholeSpeed(b, e, paths))
	}
	report(b, [2]string{"loop", "null"}, first, second)
}
