package train

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
)

// crossEntropy is the mean over rows of -log softmax(scale * (logits - margin of
// the true class)) at the true class. With scale 1 and margin 0 it is the plain
// one; on cosines with both it is AM-Softmax.
type crossEntropy struct {
	rows, classes int
	scale, margin float32
}

// node is the loss of logits, rows by classes, and the true classes, rows by one.
func (e crossEntropy) node(logits, classes *gorgonia.Node) (*gorgonia.Node, error) {
	o := &operation{name: fmt.Sprintf("cross entropy%+v", e), operands: 2, wrt: []bool{true, false}}
	losses := make([]float64, e.rows)
	o.run = func(out []float32, in [][]float32) {
		share(e.rows, func(_, from, end int) {
			for r := from; r < end; r++ {
				row, own := in[0][r*e.classes:][:e.classes], int(in[1][r])
				top, sum := e.softmax(row, own, nil)
				losses[r] = math.Log(sum) + top - e.logit(row, own, own)
			}
		})
		var total float64
		for _, l := range losses {
			total += l
		}
		out[0] = float32(total / float64(e.rows))
	}
	o.diff = func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
		dx, err := e.gradient().apply(in[0], in[1], grad)
		return gorgonia.Nodes{dx, nil}, err
	}
	return o.apply(logits, classes)
}

// gradient is of the logits, the true classes and the loss's gradient.
func (e crossEntropy) gradient() *operation {
	return &operation{
		name: fmt.Sprintf("logits of cross entropy%+v", e), rows: e.rows, cols: e.classes, operands: 3,
		scalars: []bool{false, false, true},
		run: func(out []float32, in [][]float32) {
			scale := e.scale * in[2][0] / float32(e.rows)
			share(e.rows, func(_, from, end int) {
				for r := from; r < end; r++ {
					row, to, own := in[0][r*e.classes:][:e.classes], out[r*e.classes:][:e.classes], int(in[1][r])
					_, sum := e.softmax(row, own, to)
					for i := range to {
						to[i] *= scale / float32(sum)
					}
					to[own] -= scale
				}
			})
		},
	}
}

// logit is the scaled logit of a class, with the margin taken off the true one.
func (e crossEntropy) logit(row []float32, class, own int) float64 {
	if class == own {
		return float64(e.scale) * (float64(row[class]) - float64(e.margin))
	}
	return float64(e.scale) * float64(row[class])
}

// softmax gives the greatest scaled logit of a row and the sum of exp(logit -
// greatest), so that nothing overflows; into exps, unless nil, go the summands.
func (e crossEntropy) softmax(row []float32, own int, exps []float32) (top, sum float64) {
	top = e.logit(row, own, own)
	for i, v := range row {
		if i != own {
			top = max(top, float64(e.scale)*float64(v))
		}
	}
	for i := range row {
		v := math.Exp(e.logit(row, i, own) - top)
		sum += v
		if exps != nil {
			exps[i] = float32(v)
		}
	}
	return top, sum
}
