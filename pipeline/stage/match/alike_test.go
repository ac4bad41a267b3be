package match

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/pipeline/runstore"
)

const dimensions = 64

// person draws somebody's direction.
func person(r *rand.Rand) []float64 {
	out := make([]float64, dimensions)
	for i := range out {
		out[i] = r.NormFloat64()
	}
	return out
}

// images draws unit vectors about a person's direction.
func images(r *rand.Rand, of []float64, n int) [][]float32 {
	out := make([][]float32, n)
	for k := range out {
		x, sum := make([]float64, dimensions), 0.0
		for i := range x {
			x[i] = of[i] + .8*r.NormFloat64()
			sum += x[i] * x[i]
		}
		for _, v := range x {
			out[k] = append(out[k], float32(v/math.Sqrt(sum)))
		}
	}
	return out
}

// members makes an identity of images.
func members(all ...[][]float32) *runstore.Members {
	var data []float32
	rows := 0
	for _, some := range all {
		for _, x := range some {
			data, rows = append(data, x...), rows+1
		}
	}
	return &runstore.Members{Vectors: cluster.Matrix{Rows: rows, Cols: dimensions, Data: data}}
}

// Halves of one person are alike; two people are not, though some of their images are
// exchanged and their centroids near each other for it.
func TestAlike(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		ann := person(r)
		bob := person(r)
		for i := range bob {
			bob[i] = .5*ann[i] + .87*bob[i] // they look alike: cosine .5
		}
		n := []int{4, 8, 20}[seed%3]
		if got := alike(members(images(r, ann, n)), members(images(r, ann, n))); got < .5 {
			t.Errorf("seed %d: halves of %d images of one person are alike by %.2f", seed, n, got)
		}
		exchanged := max(1, n/8)
		a := members(images(r, ann, n-exchanged), images(r, bob, exchanged))
		b := members(images(r, bob, n-exchanged), images(r, ann, exchanged))
		if got := alike(a, b); got > .5 && n > 4 {
			t.Errorf("seed %d: two people of %d images, %d exchanged, are alike by %.2f", seed, n, exchanged, got)
		}
		if x, y := alike(a, b), alike(b, a); x != y {
			t.Errorf("seed %d: %g one way, %g the other", seed, x, y)
		}
	}
	if got := alike(members(images(rand.New(rand.NewPCG(1, 1)), make([]float64, dimensions), 1)), members(images(rand.New(rand.NewPCG(2, 1)), make([]float64, dimensions), 1))); got != 1 {
		t.Errorf("single images are alike by %g; nothing is known of them", got)
	}
}
