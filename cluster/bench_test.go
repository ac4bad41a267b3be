package cluster

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkNearest tells products a second: of images with centroids, by dimension.
func BenchmarkNearest(b *testing.B) {
	for _, dim := range []int{128, 512} {
		queries, centroids := directions(1, 1024, dim), directions(2, 2000, dim)
		skip := func(q, c int) bool { return c == q }
		for _, c := range []struct {
			name string
			do   func()
		}{
			{"best", func() { Nearest(queries, centroids, skip) }},
			{"ten", func() { NearestK(queries, centroids, 10, skip) }},
		} {
			b.Run(fmt.Sprintf("%s/%d", c.name, dim), func(b *testing.B) {
				for b.Loop() {
					c.do()
				}
				products := float64(queries.Rows) * float64(centroids.Rows) * float64(b.N)
				b.ReportMetric(products*float64(dim)/b.Elapsed().Seconds()/1e9, "GMAC/s")
			})
		}
	}
}

// directions draws a matrix of unit vectors.
func directions(seed uint64, rows, dim int) Matrix {
	r := rand.New(rand.NewPCG(seed, 3))
	m := NewMatrix(rows, dim)
	for i := range rows {
		direction(r, m.Row(i))
	}
	return m
}
