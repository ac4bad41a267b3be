//go:build unix

package embed

import (
	"context"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/facesieve/facesieve/embed/photo"
)

// benchImages is how many images one timed run takes.
const benchImages = 300

// benchFiles are photographs of all sizes, spread over the set.
func benchFiles(b *testing.B) [][]byte {
	b.Helper()
	all := below(b, shared(b, "data", "vggface2-mini", "train"), "*/*.jpg")
	var files [][]byte
	for i := range benchImages {
		data, err := os.ReadFile(all[i*len(all)/benchImages])
		if err != nil {
			b.Fatal(err)
		}
		files = append(files, data)
	}
	return files
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

// onEveryCore runs n jobs on all cores; job is told its core.
func onEveryCore(n int, job func(core, i int)) {
	var next atomic.Int64
	var cores sync.WaitGroup
	for core := range runtime.GOMAXPROCS(0) {
		cores.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				job(core, i)
			}
		})
	}
	cores.Wait()
}

// wholeSpeed gives the speed of an engine's whole way.
func wholeSpeed(b *testing.B, e *Engine, files [][]byte) speed {
	b.Helper()
	images, read := rowsOf(files)
	return timed(b, len(files), func() {
		if _, err := e.Embed(context.Background(), images, false, read, nil); err != nil {
			b.Fatal(err)
		}
	})
}

// report gives the medians of paired runs and of their ratios.
func report(b *testing.B, bare, whole []speed) {
	b.Helper()
	median := func(of func(i int) float64) float64 {
		var x []float64
		for i := range bare {
			x = append(x, of(i))
		}
		return slices.Sorted(slices.Values(x))[len(x)/2]
	}
	b.ReportMetric(median(func(i int) float64 { return bare[i].wall }), "bare-img/s")
	b.ReportMetric(median(func(i int) float64 { return whole[i].wall }), "whole-img/s")
	b.ReportMetric(median(func(i int) float64 { return whole[i].wall / bare[i].wall }), "ratio")
	b.ReportMetric(median(func(i int) float64 { return whole[i].processor / bare[i].processor }), "cpu-ratio")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkPipeline compares the whole engine with the bare networks on tensors
// that are ready, in pairs of runs on all cores. Run it with -benchtime 5x.
func BenchmarkPipeline(b *testing.B) {
	files := benchFiles(b)
	c := realConfig(b)
	e := start(b, c)
	var bare, whole []speed
	for b.Loop() {
		bare = append(bare, timed(b, len(files), func() {
			onEveryCore(len(files), func(core, _ int) {
				l := e.lanes[core%len(e.lanes)]
				if _, err := l.detector.Run(1); err != nil {
					b.Error(err)
				}
				if _, err := l.embedder.Run(2); err != nil {
					b.Error(err)
				}
			})
		}))
		whole = append(whole, wholeSpeed(b, e, files))
	}
	report(b, bare, whole)
}

// BenchmarkOverhead compares an engine on networks that cost nothing with a bare
// parallel loop of decode, letterbox and warp.
func BenchmarkOverhead(b *testing.B) {
	files := benchFiles(b)
	e := nullEngine(b, runtime.GOMAXPROCS(0), 1, nil)
	k := e.contract
	inputs := make([][]float32, runtime.GOMAXPROCS(0))
	faces := make([][]byte, len(inputs))
	for i := range inputs {
		inputs[i], faces[i] = make([]float32, 3*k.size*k.size), make([]byte, 3*k.width*k.height)
	}
	var bare, whole []speed
	for b.Loop() {
		bare = append(bare, timed(b, len(files), func() {
			onEveryCore(len(files), func(core, i int) {
				image, err := photo.Decode(files[i], photo.Limits{})
				if err != nil {
					b.Error(err)
					return
				}
				photo.Letterbox(image, k.size, inputs[core])
				sim, err := photo.Align([10]float32{40, 40, 80, 40, 60, 60, 45, 80, 75, 80}, k.points)
				if err != nil {
					b.Error(err)
					return
				}
				photo.Warp(image, sim, k.width, k.height, faces[core])
			})
		}))
		whole = append(whole, wholeSpeed(b, e, files))
	}
	report(b, bare, whole)
}
