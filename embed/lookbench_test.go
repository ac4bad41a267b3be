//go:build unix

package embed

import (
	"context"
	"os"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// BenchmarkLook compares looking at images again, in the level view alone and in all
// views, with the first look at them, by processor time. Run it with -benchtime 3x.
func BenchmarkLook(b *testing.B) {
	e := start(b, realConfig(b))
	const n = 300
	paths := benchPaths(b, n)
	images := make([]schemas.Image, n)
	for i, p := range paths {
		images[i] = schemas.Image{Path: p, Object: p, Length: -1, Size: -1}
	}
	read := func(_ context.Context, i int) ([]byte, error) { return os.ReadFile(paths[i]) }
	var first []schemas.Embedding
	var err error
	look := func(det float32) speed {
		rows := make([]schemas.Embedding, n)
		for i, r := range first {
			r.Faces, r.HasDetScore, r.DetScore = 1, true, det
			rows[i] = r
		}
		return timed(b, n, func() {
			if _, err := e.Look(b.Context(), images, rows, read, nil); err != nil {
				b.Fatal(err)
			}
		})
	}
	var total [3]float64
	for b.Loop() {
		total[0] += 1e3 / timed(b, n, func() {
			if first, err = e.Embed(b.Context(), images, false, read, nil); err != nil {
				b.Fatal(err)
			}
		}).processor
		total[1] += 1e3 / look(1).processor
		total[2] += 1e3 / look(0).processor
	}
	for i, name := range []string{"first-ms", "level-ms", "all-ms"} {
		b.ReportMetric(total[i]/float64(b.N), name)
	}
	b.ReportMetric(0, "ns/op")
}
