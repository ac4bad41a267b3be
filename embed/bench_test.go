package embed

import (
	"context"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
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

// rate runs n jobs on every core and gives jobs a second; job is told its core.
func rate(n int, job func(core, i int)) float64 {
	var next atomic.Int64
	var cores sync.WaitGroup
	began := time.Now()
	for core := range runtime.GOMAXPROCS(0) {
		cores.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				job(core, i)
			}
		})
	}
	cores.Wait()
	return float64(n) / time.Since(began).Seconds()
}

// wholeRate gives images a second of an engine's whole way.
func wholeRate(b *testing.B, e *Engine, files [][]byte) float64 {
	b.Helper()
	images, _ := rowsOf(files)
	began := time.Now()
	_, err := e.Embed(context.Background(), images, false, func(_ context.Context, i int) ([]byte, error) { return files[i], nil }, nil)
	if err != nil {
		b.Fatal(err)
	}
	return float64(len(files)) / time.Since(began).Seconds()
}

// report gives the medians of paired runs and of their ratios.
func report(b *testing.B, bare, whole []float64, unit string) {
	b.Helper()
	var ratios []float64
	for i := range bare {
		ratios = append(ratios, whole[i]/bare[i])
	}
	median := func(x []float64) float64 { return slices.Sorted(slices.Values(x))[len(x)/2] }
	b.ReportMetric(median(bare), "bare-"+unit)
	b.ReportMetric(median(whole), "whole-"+unit)
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkPipeline compares the whole engine with the bare networks on tensors
// that are ready, in pairs of runs on all cores. Run it with -benchtime 5x.
func BenchmarkPipeline(b *testing.B) {
	files := benchFiles(b)
	c := realConfig(b)
	e := start(b, c)
	var bare, whole []float64
	for b.Loop() {
		bare = append(bare, rate(len(files), func(core, _ int) {
			l := e.lanes[core%len(e.lanes)]
			if _, err := l.detector.Run(1); err != nil {
				b.Error(err)
			}
			if _, err := l.embedder.Run(2); err != nil {
				b.Error(err)
			}
		}))
		whole = append(whole, wholeRate(b, e, files))
	}
	report(b, bare, whole, "img/s")
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
	var bare, whole []float64
	for b.Loop() {
		bare = append(bare, rate(len(files), func(core, i int) {
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
		}))
		whole = append(whole, wholeRate(b, e, files))
	}
	report(b, bare, whole, "img/s")
}
