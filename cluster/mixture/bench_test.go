package mixture_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/mixture"
)

// What a label costs grows with its images, and hardly above 512.
func BenchmarkSplits(b *testing.B) {
	for _, n := range []int{20, 100, 512, 10_000} {
		r := rand.New(rand.NewPCG(1, 1))
		v := cluster.NewMatrix(n, dimensions)
		put(r, v, 0, n, direction(r))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for range b.N {
				mixture.Splits(v)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "us/image")
		})
	}
}
