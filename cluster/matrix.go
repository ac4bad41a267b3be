// Package cluster computes with face vectors: inner products, nearest neighbours
// and trimmed centroids. The packages below it judge labels (labelnoise), compare
// identities (matching) and measure verification (verification). They take numbers
// and return numbers; they read and write nothing and log nothing.
//
// All arithmetic has one order and is equal to the last bit on every processor:
// a product that is added to something stands in an explicit conversion, which
// forbids a fused multiply-add, and Exp, Log and Erfc replace those of math.
package cluster

import "math"

// Matrix is Rows vectors of Cols elements, one after the other in Data.
type Matrix struct {
	Rows, Cols int
	Data       []float32
}

// NewMatrix returns a matrix of zeros.
func NewMatrix(rows, cols int) Matrix {
	return Matrix{Rows: rows, Cols: cols, Data: make([]float32, rows*cols)}
}

// Row returns row i, which shares the matrix's memory.
func (m Matrix) Row(i int) []float32 { return m.Data[i*m.Cols : (i+1)*m.Cols : (i+1)*m.Cols] }

// UsableRows returns the indices of the rows that are finite and not zero, in
// ascending order.
func (m Matrix) UsableRows() []int {
	var rows []int
	for i := range m.Rows {
		if x := Dot(m.Row(i), m.Row(i)); x > 0 && x <= math.MaxFloat32 {
			rows = append(rows, i)
		}
	}
	return rows
}

// Dot returns the inner product of two vectors of one length: the cosine, if both
// are of unit length. Eight partial sums are added pairwise at the end.
func Dot(a, b []float32) float32 {
	var s0, s1, s2, s3, s4, s5, s6, s7 float32
	n := len(a) &^ 7
	for i := 0; i < n; i += 8 {
		x, y := a[i:i+8:i+8], b[i:i+8:i+8]
		s0 += float32(x[0] * y[0])
		s1 += float32(x[1] * y[1])
		s2 += float32(x[2] * y[2])
		s3 += float32(x[3] * y[3])
		s4 += float32(x[4] * y[4])
		s5 += float32(x[5] * y[5])
		s6 += float32(x[6] * y[6])
		s7 += float32(x[7] * y[7])
	}
	for i := n; i < len(a); i++ {
		s0 += float32(a[i] * b[i])
	}
	return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))
}

// Norm returns the Euclidean length of v.
func Norm(v []float32) float32 { return float32(math.Sqrt(float64(Dot(v, v)))) }

// Normalize scales v to unit length in place; a zero vector stays zero.
func Normalize(v []float32) {
	n := Norm(v)
	if n == 0 {
		return
	}
	for i := range v {
		v[i] /= n
	}
}
