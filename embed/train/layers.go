package train

import (
	"fmt"
	"math"

	"github.com/facesieve/facesieve/embed/matmul"
	"gorgonia.org/gorgonia"
)

// reshaped is a matrix with the same values in so many rows and columns.
func reshaped(x *gorgonia.Node, rows, cols int) (*gorgonia.Node, error) {
	o := &operation{
		name: fmt.Sprintf("reshaped %dx%d", rows, cols), rows: rows, cols: cols, operands: 1, wrt: []bool{true},
		run: func(out []float32, in [][]float32) { copy(out, in[0]) },
	}
	o.diff = func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
		dx, err := reshaped(grad, in[0].Shape()[0], in[0].Shape()[1])
		return gorgonia.Nodes{dx}, err
	}
	return o.apply(x)
}

// product is x·wᵀ: each of n rows of x, of so many values, with each of the rows
// of w.
type product struct{ n, outputs, values int }

func (p product) node(x, w *gorgonia.Node) (*gorgonia.Node, error) {
	turned := make([]float32, p.values*p.outputs)
	o := &operation{name: fmt.Sprintf("product%+v", p), rows: p.n, cols: p.outputs, operands: 2,
		wrt: []bool{true, true}}
	o.run = func(out []float32, in [][]float32) {
		transpose(turned, in[1], p.outputs, p.values)
		p.split(out, p.n, p.outputs, func(c matmul.Matrix, from int) {
			matmul.Add(c, matmul.Of(c.Rows, p.values, in[0][from*p.values:]), matmul.Of(p.values, p.outputs, turned))
		})
	}
	o.diff = func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
		dx, err := p.inputGradient().apply(in[1], grad)
		if err != nil {
			return nil, err
		}
		dw, err := p.weightGradient().apply(in[0], grad)
		return gorgonia.Nodes{dx, dw}, err
	}
	return o.apply(x, w)
}

func (p product) inputGradient() *operation {
	return &operation{
		name: fmt.Sprintf("input of product%+v", p), rows: p.n, cols: p.values, operands: 2,
		run: func(out []float32, in [][]float32) {
			p.split(out, p.n, p.values, func(c matmul.Matrix, from int) {
				matmul.Add(c, matmul.Of(c.Rows, p.outputs, in[1][from*p.outputs:]), matmul.Of(p.outputs, p.values, in[0]))
			})
		},
	}
}

func (p product) weightGradient() *operation {
	return &operation{
		name: fmt.Sprintf("weights of product%+v", p), rows: p.outputs, cols: p.values, operands: 2,
		run: func(out []float32, in [][]float32) {
			p.split(out, p.outputs, p.values, func(c matmul.Matrix, from int) {
				grad := matmul.Matrix{Rows: p.n, Cols: c.Rows, Stride: p.outputs, Data: in[1][from:]}
				matmul.AddTransposed(c, grad, matmul.Of(p.n, p.values, in[0]))
			})
		},
	}
}

// split clears a result and gives its rows away in parts.
func (p product) split(out []float32, rows, cols int, f func(c matmul.Matrix, from int)) {
	share(rows, func(_, from, end int) {
		if from < end {
			c := matmul.Of(end-from, cols, out[from*cols:])
			clear(c.Data)
			f(c, from)
		}
	})
}

// unitRows scales each row of x to length one.
func unitRows(x *gorgonia.Node) (*gorgonia.Node, error) {
	rows, cols := x.Shape()[0], x.Shape()[1]
	o := &operation{
		name: fmt.Sprintf("unit rows %dx%d", rows, cols), rows: rows, cols: cols, operands: 1, wrt: []bool{true},
		run: func(out []float32, in [][]float32) {
			share(rows, func(_, from, end int) {
				for r := from; r < end; r++ {
					row, to := in[0][r*cols:][:cols], out[r*cols:][:cols]
					scale := 1 / length(row)
					for i, v := range row {
						to[i] = v * scale
					}
				}
			})
		},
	}
	o.diff = func(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error) {
		dx, err := unitRowsGradient(rows, cols).apply(in[0], out, grad)
		return gorgonia.Nodes{dx}, err
	}
	return o.apply(x)
}

// unitRowsGradient is of the rows, the unit rows and their gradient: the part of
// the gradient across the row, over the row's length.
func unitRowsGradient(rows, cols int) *operation {
	return &operation{
		name: fmt.Sprintf("input of unit rows %dx%d", rows, cols), rows: rows, cols: cols, operands: 3,
		run: func(out []float32, in [][]float32) {
			share(rows, func(_, from, end int) {
				for r := from; r < end; r++ {
					unit, grad, to := in[1][r*cols:][:cols], in[2][r*cols:][:cols], out[r*cols:][:cols]
					scale, along := 1/length(in[0][r*cols:][:cols]), dot(unit, grad)
					for i := range to {
						to[i] = (grad[i] - along*unit[i]) * scale
					}
				}
			})
		},
	}
}

// length is a row's, kept above nothing so that it may be divided by.
func length(row []float32) float32 {
	return float32(max(math.Sqrt(float64(dot(row, row))), 1e-12))
}

func dot(a, b []float32) float32 {
	var sum float32
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}
