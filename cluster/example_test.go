package cluster_test

import (
	"fmt"

	"github.com/facesieve/facesieve/cluster"
)

// Vectors of unit length are compared by their inner product, the cosine.
func ExampleNearest() {
	images := cluster.Matrix{Rows: 2, Cols: 2, Data: []float32{
		.6, .8,
		-1, 0,
	}}
	centroids := cluster.Matrix{Rows: 3, Cols: 2, Data: []float32{
		1, 0,
		0, 1,
		-.8, .6,
	}}
	for i, n := range cluster.Nearest(images, centroids, nil) {
		fmt.Printf("image %d: centroid %d, cosine %.1f\n", i, n.Index, n.Score)
	}
	// Output:
	// image 0: centroid 1, cosine 0.8
	// image 1: centroid 2, cosine 0.8
}

// The image that shows somebody else is left out, and has a low score.
func ExampleTrimmedCentroid() {
	images := cluster.NewMatrix(5, 3)
	for i, direction := range [][]float32{{9, 1, 0}, {9, 0, 1}, {9, -1, 0}, {9, 0, -1}, {1, 9, 1}} {
		copy(images.Row(i), direction)
		cluster.Normalize(images.Row(i))
	}
	centroid := cluster.TrimmedCentroid(images)
	for i, score := range centroid.Scores(images) {
		fmt.Printf("%.2f %v\n", score, centroid.Kept[i])
	}
	// Output:
	// 0.99 true
	// 0.99 true
	// 0.99 true
	// 0.99 true
	// 0.11 false
}
