package embed

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow/float16"
)

// sum adds the outputs for a face and for its mirror image and gives the unit
// vector as float16 gives it back; nil where it is not finite or has no length.
func sum(face, mirror []float32) []float32 {
	v := make([]float32, len(face))
	for i := range v {
		v[i] = face[i] + mirror[i]
	}
	if !normalise(v) {
		return nil
	}
	return Round(v)
}

// Round rounds a unit vector to float16 and normalises it again in float32, in
// place: what a vector is after it was stored and loaded. Rounding twice changes
// nothing.
func Round(v []float32) []float32 {
	for i, x := range v {
		v[i] = float16.New(x).Float32()
	}
	if !normalise(v) {
		return nil
	}
	return v
}

// normalise scales v to unit length. It says whether v is finite and not zero.
func normalise(v []float32) bool {
	var squares float64
	for _, x := range v {
		squares += float64(x) * float64(x)
	}
	if squares == 0 || math.IsNaN(squares) || math.IsInf(squares, 0) {
		return false
	}
	scale := 1 / math.Sqrt(squares)
	for i, x := range v {
		v[i] = float32(float64(x) * scale)
	}
	return true
}
