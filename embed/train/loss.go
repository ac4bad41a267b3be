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
	scale         float32
}

// node is the loss of logits, rows by classes; of the true classes, rows by one;
// and of the margin, one by one, which is no parameter.
func (e crossEntropy) node(logits, classes, margin *gorgonia.Node) (*gorgonia.Node, error) {
	// What the gradient takes over: it has the loss for an operand, so that it
	// runs afterwards.
	exps, sums := make([]float32, e.rows*e.classes), make([]float64, e.rows)
	o := &operation{name: fmt.Sprintf("cross entropy%+v", e), operands: 3, wrt: []bool{true, false, false}}
	losses := make([]float64, e.rows)
	o.run = func(out []float32, in [][]float32) {
		share(e.rows, func(_, from, end int) {
			for r := from; r < end; r++ {
				losses[r], sums[r] = e.row(in[0][r*e.classes:][:e.classes], int(in[1][r]), in[2][0],
					exps[r*e.classes:][:e.classes])
			}
		})
		var total float64
		for _, l := range losses {
			total += l
		}
		out[0] = float32(total / float64(e.rows))
	}
	o.diff = func(in gorgonia.Nodes, loss, grad *gorgonia.Node) (gorgonia.Nodes, error) {
		dx, err := e.gradient(exps, sums).apply(loss, in[1], grad)
		return gorgonia.Nodes{dx, nil, nil}, err
	}
	return o.apply(logits, classes, margin)
}

// gradient is of the loss, the true classes and the loss's gradient. exps and
// sums are what row gave for each.
func (e crossEntropy) gradient(exps []float32, sums []float64) *operation {
	return &operation{
		name: fmt.Sprintf("logits of cross entropy%+v", e), rows: e.rows, cols: e.classes, operands: 3,
		scalars: []bool{true, false, true},
		run: func(out []float32, in [][]float32) {
			scale := e.scale * in[2][0] / float32(e.rows)
			share(e.rows, func(_, from, end int) {
				for r := from; r < end; r++ {
					to, factor := out[r*e.classes:][:e.classes], scale/float32(sums[r])
					for i, v := range exps[r*e.classes:][:e.classes] {
						to[i] = v * factor
					}
					to[int(in[1][r])] -= scale
				}
			})
		},
	}
}

// row is one row's loss. The exponentials of the scaled logits over the greatest,
// so that nothing overflows, go into exps; their sum is given, too.
func (e crossEntropy) row(logits []float32, own int, margin float32, exps []float32) (loss, sum float64) {
	scale := float64(e.scale)
	reached := scale * (float64(logits[own]) - float64(margin))
	top := reached
	for i, v := range logits {
		if i != own {
			top = max(top, scale*float64(v))
		}
	}
	for i, v := range logits {
		x := scale * float64(v)
		if i == own {
			x = reached
		}
		x = math.Exp(x - top)
		sum += x
		exps[i] = float32(x)
	}
	return math.Log(sum) + top - reached, sum
}
