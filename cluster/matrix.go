// Package cluster is geometry and statistics on vectors: numbers in, numbers
// out. It reads and writes nothing and logs nothing.
//
// Sums and products that reach a report use one fixed order of float32
// operations without fused multiply-add, so that they are equal to the last bit
// on every processor.
package cluster

import "math"

// Matrix is Rows vectors of Cols elements, one after the other.
type Matrix struct {
	Rows, Cols int
	Data       []float32
}

// NewMatrix gives a matrix of zeros.
func NewMatrix(rows, cols int) Matrix {
	return Matrix{Rows: rows, Cols: cols, Data: make([]float32, rows*cols)}
}

// Row is row i; it shares the matrix's memory.
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

// Dot is the inner product of two vectors of one length, summed in eight lanes
// that are added pairwise at the end. The conversions forbid fused operations.
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

// Norm is the Euclidean length of v.
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
