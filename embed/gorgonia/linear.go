package gorgonia

import (
	"math"
	"slices"

	"github.com/facesieve/facesieve/embed/graph"
	"github.com/facesieve/facesieve/embed/matmul"
)

// linear is a matrix, a bias, and what is done to its results: a convolution of
// patches, or a dense layer.
type linear struct {
	rows, cols int       // outputs, inputs
	width      int       // outputs with those added that fill a tile of the product
	weights    []float32 // cols x width
	bias       []float32 // width
	last       pointwise // nil: nothing
}

// tile is how many outputs the product computes at once.
const tile = 16

// newLinear takes weights of rows x cols, as ONNX has them; bias may be nil.
func newLinear(weights, bias []float32, rows, cols int) *linear {
	l := &linear{rows: rows, cols: cols, width: (rows + tile - 1) / tile * tile}
	l.weights, l.bias = make([]float32, cols*l.width), make([]float32, l.width)
	for r := range rows {
		for c, v := range weights[r*cols:][:cols] {
			l.weights[c*l.width+r] = v
		}
	}
	copy(l.bias, bias)
	return l
}

// fuse makes what is scaled and shifted after the matrix part of it.
func (l *linear) fuse(scale, shift []float64) {
	for at := 0; at < len(l.weights); at += l.width {
		row := l.weights[at:][:l.rows]
		for r := range row {
			row[r] = float32(float64(row[r]) * scale[r])
		}
	}
	for r := range l.rows {
		l.bias[r] = float32(float64(l.bias[r])*scale[r] + shift[r])
	}
}

// wide is the size of the memory that count results need where they are padded.
func (l *linear) wide(count int) int {
	if l.width == l.rows {
		return 0
	}
	return count * l.width
}

// apply gives out = last(in x weights + bias) for count rows of in; wide is
// memory of that size.
func (l *linear) apply(out, in, wide []float32, count int) {
	out = out[:count*l.rows]
	to := out
	if l.width != l.rows {
		to = wide[:count*l.width]
	}
	for at := 0; at < len(to); at += l.width {
		copy(to[at:], l.bias)
	}
	matmul.Add(matmul.Of(count, l.width, to), matmul.Of(count, l.cols, in),
		matmul.Of(l.cols, l.width, l.weights))
	if l.width != l.rows {
		for i := range count {
			copy(out[i*l.rows:][:l.rows], to[i*l.width:])
		}
	}
	if l.last != nil {
		l.last(out, out)
	}
}

// absorb makes the nodes that follow part of a linear layer of outputs of shape
// shape: batch normalisation, then one pointwise operator. It gives the name of
// the last one's output.
func (b *builder) absorb(l *linear, n graph.Node, shape []int) (output string, err error) {
	output = n.Outputs[0]
	for {
		i, ok := b.next(output)
		if !ok {
			return output, nil
		}
		n := b.graph.Nodes[i]
		if len(n.Inputs) == 0 || n.Inputs[0] != output {
			return output, nil
		}
		switch n.Op {
		case "BatchNormalization":
			scale, shift, err := b.normalization(n, shape[0])
			if err != nil {
				return "", err
			}
			l.fuse(scale, shift)
		case "Relu", "PRelu", "Clip":
			if n.Op == "PRelu" && len(n.Inputs) > 1 && len(b.graph.Weights[n.Inputs[1]].Data) > l.rows {
				return output, nil // a slope for every pixel
			}
			if l.last, err = b.function(n, shape); err != nil {
				return "", err
			}
		default:
			return output, nil
		}
		b.fused[i] = true
		output = n.Outputs[0]
		if l.last != nil {
			return output, nil
		}
	}
}

// gemm is a dense layer.
func (b *builder) gemm(n graph.Node) error {
	if err := onlyAttributes(n, "alpha", "beta", "transA", "transB"); err != nil {
		return err
	}
	id, err := b.input(n, 0)
	if err != nil {
		return err
	}
	w, err := b.floats(n, 1)
	if err != nil {
		return err
	}
	in := b.program.values[id].shape
	switch {
	case n.Int["transA"] != 0:
		return lacks(n, "transA %d", n.Int["transA"])
	case len(in) != 1 || len(w.Shape) != 2 || len(w.Data) == 0:
		return wrong(n, "an input of shape %v (batch aside) and weights of shape %v", in, w.Shape)
	}
	rows, cols := w.Shape[1], w.Shape[0]
	weights := w.Data
	if n.Int["transB"] != 0 {
		rows, cols = cols, rows
	} else if weights, err = transposed(w, 1, 0); err != nil {
		return wrong(n, "%w", err)
	}
	if cols != in[0] {
		return wrong(n, "weights of shape %v for an input of %d", w.Shape, in[0])
	}
	l := newLinear(weights, nil, rows, cols)
	b.total += len(l.weights)
	if err := b.dense(l, n); err != nil {
		return err
	}
	output, err := b.absorb(l, n, []int{rows})
	if err != nil {
		return err
	}
	out := b.value([]int{rows})
	b.program.wide = max(b.program.wide, l.wide(1))
	b.emit(func(m *memory) { l.apply(m.values[out], m.values[id], m.wide, 1) })
	b.finish(n, output, out)
	return nil
}

// dense gives a layer the bias and the factors of a Gemm node.
func (b *builder) dense(l *linear, n graph.Node) error {
	bias := make([]float64, l.rows)
	factor := func(name string) float64 {
		if f, there := n.Floats[name]; there {
			return float64(f)
		}
		return 1
	}
	if t, ok, err := b.constant(n, 2); err != nil {
		return err
	} else if ok {
		flat := slices.DeleteFunc(slices.Clone(t.Shape), func(d int) bool { return d == 1 })
		last := len(t.Shape) - 1
		if t.Data == nil || len(t.Data) != 1 && !slices.Equal(flat, []int{l.rows}) ||
			last >= 0 && len(t.Data) > 1 && t.Shape[last] != l.rows {
			return wrong(n, "a bias of shape %v for %d outputs", t.Shape, l.rows)
		}
		for i := range bias {
			bias[i] = factor("beta") * float64(t.Data[i%len(t.Data)])
		}
	}
	l.fuse(slices.Repeat([]float64{factor("alpha")}, l.rows), bias)
	return nil
}

// normalization gives what a BatchNormalization node multiplies each of count
// channels with and adds to it.
func (b *builder) normalization(n graph.Node, count int) (scale, shift []float64, err error) {
	if err := onlyAttributes(n, "epsilon", "momentum", "spatial", "training_mode"); err != nil {
		return nil, nil, err
	}
	if spatial, there := n.Int["spatial"]; n.Int["training_mode"] != 0 || there && spatial != 1 {
		return nil, nil, lacks(n, "training, or statistics of more than channels")
	}
	var numbers [4][]float32
	for k := range numbers {
		t, err := b.floats(n, k+1)
		if err != nil {
			return nil, nil, err
		}
		if numbers[k] = t.Data; len(t.Shape) != 1 || len(t.Data) != count {
			return nil, nil, wrong(n, "its input %d has shape %v, for %d channels", k+1, t.Shape, count)
		}
	}
	epsilon := float64(float32(1e-5))
	if e, there := n.Floats["epsilon"]; there {
		epsilon = float64(e)
	}
	for c := range count {
		gamma, beta, mean, variance := numbers[0][c], numbers[1][c], numbers[2][c], numbers[3][c]
		s := float64(gamma) / math.Sqrt(float64(variance)+epsilon)
		scale, shift = append(scale, s), append(shift, float64(beta)-float64(mean)*s)
	}
	return scale, shift, nil
}
