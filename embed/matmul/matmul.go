// Package matmul adds products of float32 matrices: the tall, narrow ones that a
// small convolutional network is trained with, where general libraries written
// in Go reach a tenth of a core.
//
// Every element of a product is one sum in the order of the inner dimension, so
// its bits depend on no tiling and on no number of goroutines. On x86-64 with
// AVX2 and FMA the sum is fused, but in columns that fill no tile; elsewhere gonum
// computes it, rounded otherwise.
package matmul

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// Matrix is Rows x Cols values in row-major memory, which it shares: element (i, j) is
// Data[i*Stride+j].
type Matrix struct {
	Rows, Cols, Stride int
	Data               []float32
}

// Of returns a matrix without gaps between its rows, over the first rows*cols values of
// data. It panics where there are fewer.
func Of(rows, cols int, data []float32) Matrix {
	return Matrix{Rows: rows, Cols: cols, Stride: cols, Data: data[:rows*cols]}
}

// Add adds a·b to c. It runs on the caller's goroutine.
func Add(c, a, b Matrix) { add(c, a, false, b, fast()) }

// AddTransposed adds aᵀ·b to c.
func AddTransposed(c, a, b Matrix) { add(c, a, true, b, fast()) }

const (
	tileRows, tileCols = 6, 16
	// Rows of a that stay near while they meet all columns of b.
	blockRows = 8 * tileRows
)

// add adds to c the product of a, turned or not, and b. Element (i, l) of a as it
// is multiplied is a.Data[i*rs+l*ks], l below k.
func add(c, a Matrix, turned bool, b Matrix, fast bool) {
	m, n := c.Rows, c.Cols
	rs, ks, k := a.Stride, 1, a.Cols
	if turned {
		rs, ks, k = 1, a.Stride, a.Rows
	}
	if m == 0 || n == 0 || k == 0 {
		return
	}
	_, _, _ = c.Data[(m-1)*c.Stride+n-1], a.Data[(m-1)*rs+(k-1)*ks], b.Data[(k-1)*b.Stride+n-1]
	if !fast {
		portable(c, a, turned, k, b)
		return
	}
	as, ak, bs, cs := uintptr(4*rs), uintptr(4*ks), uintptr(4*b.Stride), uintptr(4*c.Stride)
	wide := n - n%tileCols
	for top := 0; top < m; top += blockRows {
		end := min(top+blockRows, m)
		for j := 0; j < wide; j += tileCols {
			i := top
			for ; i+tileRows <= end; i += tileRows {
				tile6(k, &a.Data[i*rs], as, ak, &b.Data[j], bs, &c.Data[i*c.Stride+j], cs)
			}
			for ; i < end; i++ {
				tile1(k, &a.Data[i*rs], ak, &b.Data[j], bs, &c.Data[i*c.Stride+j])
			}
		}
	}
	for i := range m {
		for j := wide; j < n; j++ {
			sum := c.Data[i*c.Stride+j]
			for l := range k {
				sum += float32(a.Data[i*rs+l*ks] * b.Data[l*b.Stride+j])
			}
			c.Data[i*c.Stride+j] = sum
		}
	}
}

// pieceRows and pieceCols bound the products that gonum is given: it starts
// goroutines, and allocates, for those of four blocks of 64 by 64 or more.
const pieceRows, pieceCols = 64, 192

// portable is add without the processor's help.
func portable(c, a Matrix, turned bool, k int, b Matrix) {
	t, rs := blas.NoTrans, a.Stride
	if turned {
		t, rs = blas.Trans, 1
	}
	for i := 0; i < c.Rows; i += pieceRows {
		for j := 0; j < c.Cols; j += pieceCols {
			gonum.Implementation{}.Sgemm(t, blas.NoTrans, min(pieceRows, c.Rows-i), min(pieceCols, c.Cols-j), k,
				1, a.Data[i*rs:], a.Stride, b.Data[j:], b.Stride, 1, c.Data[i*c.Stride+j:], c.Stride)
		}
	}
}
