package train

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
)

// normalization is a batch normalization (Ioffe and Szegedy 2015) of each column,
// with or without max(0, x) after it.
type normalization struct {
	rows, cols int
	relu       bool
}

// epsilon is added to a variance before its root is taken; the exported model has
// the same.
const epsilon = 1e-5

// statistics is the mean, in row 0, and the variance, in row 1, of each column of
// x: what a batch is normalized by in training, and what running averages are
// made of. It has no gradient of its own; that of apply includes it.
func (n normalization) statistics(x *gorgonia.Node) (*gorgonia.Node, error) {
	var sums [parts][]float64
	for p := range sums {
		sums[p] = make([]float64, 2*n.cols)
	}
	o := &operation{name: fmt.Sprintf("statistics%+v", n), rows: 2, cols: n.cols, operands: 1}
	o.run = func(out []float32, in [][]float32) {
		share(n.rows, func(part, from, end int) {
			clear(sums[part])
			sum, squares := sums[part][:n.cols], sums[part][n.cols:]
			for r := from; r < end; r++ {
				row := in[0][r*n.cols:][:n.cols]
				for c := range row {
					v := float64(row[c])
					sum[c] += v
					squares[c] += v * v
				}
			}
		})
		for c := range n.cols {
			var sum, squares float64
			for p := range sums {
				sum += sums[p][c]
				squares += sums[p][n.cols+c]
			}
			mean := sum / float64(n.rows)
			out[c], out[n.cols+c] = float32(mean), float32(max(0, squares/float64(n.rows)-mean*mean))
		}
	}
	return o.apply(x)
}

// coefficients turn a normalization into a*x + b for each column; inverse is one
// over the standard deviation. affine has the scale in row 0, the shift in row 1.
func (n normalization) coefficients(affine, statistics []float32) (a, b, inverse []float32) {
	a, b, inverse = make([]float32, n.cols), make([]float32, n.cols), make([]float32, n.cols)
	for c := range n.cols {
		inverse[c] = float32(1 / math.Sqrt(float64(statistics[n.cols+c])+epsilon))
		a[c] = affine[c] * inverse[c]
		b[c] = affine[n.cols+c] - statistics[c]*a[c]
	}
	return a, b, inverse
}

// node is x normalized by statistics. Its gradient holds for statistics of x
// itself; with others, in evaluation, nothing is differentiated.
func (n normalization) node(x, affine, statistics *gorgonia.Node) (*gorgonia.Node, error) {
	o := &operation{
		name: fmt.Sprintf("normalization%+v", n), rows: n.rows, cols: n.cols, operands: 3,
		wrt: []bool{true, true, false},
	}
	o.run = func(out []float32, in [][]float32) {
		a, b, _ := n.coefficients(in[1], in[2])
		floor := float32(math.Inf(-1))
		if n.relu {
			floor = 0
		}
		share(n.rows, func(_, from, end int) {
			for r := from; r < end; r++ {
				row, to := in[0][r*n.cols:][:len(a)], out[r*n.cols:][:len(a)]
				for c, v := range row {
					to[c] = max(a[c]*v+b[c], floor)
				}
			}
		})
	}
	o.diff = func(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error) {
		sums, err := n.affineGradient().apply(in[0], in[2], out, grad)
		if err != nil {
			return nil, err
		}
		dx, err := n.inputGradient().apply(in[0], in[1], in[2], out, grad, sums)
		return gorgonia.Nodes{dx, sums, nil}, err
	}
	return o.apply(x, affine, statistics)
}

// keep is the mask that through takes: all where there is no max(0, x).
func (n normalization) keep() uint32 {
	if n.relu {
		return 0
	}
	return math.MaxUint32
}

// through is the gradient before max(0, x) where y is its result: g, or 0 where
// y is 0. Which, no processor can guess, so that it is no branch.
func through(g, y float32, keep uint32) float32 {
	above := uint32(-int32(math.Float32bits(y)) >> 31)
	return math.Float32frombits(math.Float32bits(g) & (above | keep))
}

// affineGradient is of the input, the statistics, the result and its gradient:
// that of the scale in row 0, of the shift in row 1.
func (n normalization) affineGradient() *operation {
	keep := n.keep()
	var sums [parts][]float32
	for p := range sums {
		sums[p] = make([]float32, 2*n.cols)
	}
	o := &operation{name: fmt.Sprintf("affine of normalization%+v", n), rows: 2, cols: n.cols, operands: 4}
	o.run = func(out []float32, in [][]float32) {
		mean := in[1][:n.cols]
		share(n.rows, func(part, from, end int) {
			clear(sums[part])
			product, sum := sums[part][:len(mean)], sums[part][n.cols:][:len(mean)]
			for r := from; r < end; r++ {
				x, y, g := in[0][r*n.cols:][:len(mean)], in[2][r*n.cols:][:len(mean)], in[3][r*n.cols:][:len(mean)]
				for c, v := range g {
					v = through(v, y[c], keep)
					sum[c] += v
					product[c] += v * (x[c] - mean[c])
				}
			}
		})
		for c := range n.cols {
			var product, sum float64
			for p := range sums {
				product += float64(sums[p][c])
				sum += float64(sums[p][n.cols+c])
			}
			out[c] = float32(product / math.Sqrt(float64(in[1][n.cols+c])+epsilon))
			out[n.cols+c] = float32(sum)
		}
	}
	return o
}

// inputGradient is of the input, scale and shift, the statistics, the result, its
// gradient, and the gradient of scale and shift.
func (n normalization) inputGradient() *operation {
	keep := n.keep()
	o := &operation{name: fmt.Sprintf("input of normalization%+v", n), rows: n.rows, cols: n.cols, operands: 6}
	o.run = func(out []float32, in [][]float32) {
		a, _, inverse := n.coefficients(in[1], in[2])
		// a*(g - mean of g - x̂ * mean of g*x̂) with x̂ = (x - mean) * inverse
		level, slope := make([]float32, len(a)), make([]float32, len(a))
		for c := range a {
			slope[c] = -a[c] * inverse[c] * in[5][c] / float32(n.rows)
			level[c] = -a[c]*in[5][n.cols+c]/float32(n.rows) - slope[c]*in[2][c]
		}
		share(n.rows, func(_, from, end int) {
			for r := from; r < end; r++ {
				x, y, g := in[0][r*n.cols:][:len(a)], in[3][r*n.cols:][:len(a)], in[4][r*n.cols:][:len(a)]
				to := out[r*n.cols:][:len(a)]
				for c, v := range g {
					v = through(v, y[c], keep)
					to[c] = a[c]*v + level[c] + slope[c]*x[c]
				}
			}
		})
	}
	return o
}
