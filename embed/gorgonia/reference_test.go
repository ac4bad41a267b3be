package gorgonia_test

import (
	"fmt"
	"math"
	"slices"

	"github.com/facesieve/facesieve/embed/graph"
)

// array is a tensor of the reference: a plain float64 computation of every
// operator as ONNX's text says it, batch included.
type array struct {
	shape []int
	data  []float64
}

func newArray(shape ...int) array {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return array{shape, make([]float64, n)}
}

func (a array) offset(index ...int) int {
	at := 0
	for i, d := range a.shape {
		at = at*d + index[i]
	}
	return at
}

func arrayOf(t graph.Tensor) array {
	a := newArray(t.Shape...)
	for i := range a.data {
		if t.Ints != nil {
			a.data[i] = float64(t.Ints[i])
		} else {
			a.data[i] = float64(t.Data[i])
		}
	}
	return a
}

// broadcast gives the element of b that stands with element at of a value of
// shape shape.
func broadcast(b array, shape []int, at int) float64 {
	index, stride := 0, 1
	for i := 1; i <= len(shape); i++ {
		d := shape[len(shape)-i]
		if i <= len(b.shape) {
			if own := b.shape[len(b.shape)-i]; own != 1 {
				index += at % d * stride
				stride *= own
			}
		}
		at /= d
	}
	return b.data[index]
}

// reference computes a graph's first output.
func reference(g *graph.Graph, input array) array {
	values := map[string]array{g.Inputs[0].Name: input}
	for name, t := range g.Weights {
		values[name] = arrayOf(t)
	}
	for _, n := range g.Nodes {
		values[n.Outputs[0]] = compute(n, values)
	}
	return values[g.Outputs[0].Name]
}

func compute(n graph.Node, values map[string]array) array {
	var in []array
	for _, name := range n.Inputs {
		in = append(in, values[name])
	}
	each := func(f func(v float64, i int) float64) array {
		out := newArray(in[0].shape...)
		for i, v := range in[0].data {
			out.data[i] = f(v, i)
		}
		return out
	}
	switch n.Op {
	case "Conv":
		return convolve(n, in)
	case "MaxPool", "AveragePool", "GlobalAveragePool":
		return pool(n, in[0])
	case "BatchNormalization":
		area := 1
		for _, d := range in[0].shape[2:] {
			area *= d
		}
		return each(func(v float64, i int) float64 {
			c := i / area % in[0].shape[1]
			return (v-in[3].data[c])/math.Sqrt(in[4].data[c]+float64(n.Floats["epsilon"]))*in[1].data[c] + in[2].data[c]
		})
	case "Relu":
		return each(func(v float64, _ int) float64 { return max(v, 0) })
	case "PRelu":
		return each(func(v float64, i int) float64 {
			if v < 0 {
				return v * broadcast(in[1], in[0].shape, i)
			}
			return v
		})
	case "Clip":
		low, high := math.Inf(-1), math.Inf(1)
		if len(in) > 1 && n.Inputs[1] != "" {
			low = in[1].data[0]
		}
		if len(in) > 2 {
			high = in[2].data[0]
		}
		return each(func(v float64, _ int) float64 { return min(max(v, low), high) })
	case "Add":
		if len(in[1].data) > len(in[0].data) || len(in[1].shape) > len(in[0].shape) {
			in[0], in[1] = in[1], in[0]
		}
		return each(func(v float64, i int) float64 { return v + broadcast(in[1], in[0].shape, i) })
	case "Gemm":
		return product(n, in)
	case "Flatten", "Reshape":
		return array{[]int{in[0].shape[0], len(in[0].data) / in[0].shape[0]}, in[0].data}.as(n, in)
	}
	panic(fmt.Sprint("the reference does not know ", n))
}

// as gives the shape that a Reshape's target says.
func (a array) as(n graph.Node, in []array) array {
	if n.Op == "Flatten" {
		return a
	}
	shape := slices.Clone(a.shape[:0:0])
	product, free := 1, -1
	for i, d := range in[1].data {
		size := int(d)
		if d == 0 {
			size = in[0].shape[i]
		}
		if d == -1 {
			free, size = i, 1
		}
		product *= size
		shape = append(shape, size)
	}
	if free >= 0 {
		shape[free] = len(a.data) / product
	}
	return array{shape, a.data}
}

func product(n graph.Node, in []array) array {
	alpha, beta := float64(n.Floats["alpha"]), float64(n.Floats["beta"])
	rows, k, cols := in[0].shape[0], in[0].shape[1], in[1].shape[1]
	if n.Int["transB"] != 0 {
		cols = in[1].shape[0]
	}
	out := newArray(rows, cols)
	for r := range rows {
		for c := range cols {
			var sum float64
			for i := range k {
				w := in[1].data
				if n.Int["transB"] != 0 {
					sum += in[0].data[r*k+i] * w[c*k+i]
				} else {
					sum += in[0].data[r*k+i] * w[i*cols+c]
				}
			}
			out.data[r*cols+c] = alpha * sum
			if len(in) > 2 {
				out.data[r*cols+c] += beta * broadcast(in[2], out.shape, r*cols+c)
			}
		}
	}
	return out
}
