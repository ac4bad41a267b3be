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

// pairs gives an attribute of one number for each axis.
func pairs(n graph.Node, name string, other int) [2]int {
	if v := n.Ints[name]; v != nil {
		return [2]int{int(v[0]), int(v[1])}
	}
	return [2]int{other, other}
}

// windows calls see with every window: its image and output position, and the
// image positions under it with their place in the kernel.
func windows(n graph.Node, in array, kernel [2]int, see func(image int, at [2]int, inside [][4]int)) (height, width int) {
	stride, dilation := pairs(n, "strides", 1), pairs(n, "dilations", 1)
	pads := []int64{0, 0, 0, 0}
	if p := n.Ints["pads"]; p != nil {
		pads = p
	}
	size := func(axis int) int {
		return (in.shape[2+axis]+int(pads[axis]+pads[axis+2])-dilation[axis]*(kernel[axis]-1)-1)/stride[axis] + 1
	}
	for image := range in.shape[0] {
		for y := range size(0) {
			for x := range size(1) {
				var inside [][4]int
				for i := range kernel[0] {
					for j := range kernel[1] {
						row, column := y*stride[0]-int(pads[0])+i*dilation[0], x*stride[1]-int(pads[1])+j*dilation[1]
						if row >= 0 && column >= 0 && row < in.shape[2] && column < in.shape[3] {
							inside = append(inside, [4]int{row, column, i, j})
						}
					}
				}
				see(image, [2]int{y, x}, inside)
			}
		}
	}
	return size(0), size(1)
}

func convolve(n graph.Node, in []array) array {
	w := in[1]
	var sums []float64
	height, width := windows(n, in[0], [2]int{w.shape[2], w.shape[3]}, func(image int, at [2]int, inside [][4]int) {
		for o := range w.shape[0] {
			var sum float64
			for _, p := range inside {
				for c := range w.shape[1] {
					sum += in[0].data[in[0].offset(image, c, p[0], p[1])] * w.data[w.offset(o, c, p[2], p[3])]
				}
			}
			if len(in) > 2 {
				sum += in[2].data[o]
			}
			sums = append(sums, sum)
		}
	})
	return pixelsToPlanes(sums, in[0].shape[0], w.shape[0], height, width)
}

func pool(n graph.Node, in array) array {
	kernel := [2]int{in.shape[2], in.shape[3]}
	if n.Op != "GlobalAveragePool" {
		kernel = pairs(n, "kernel_shape", 0)
	}
	var results []float64
	height, width := windows(n, in, kernel, func(image int, at [2]int, inside [][4]int) {
		for c := range in.shape[1] {
			sum, best := 0.0, math.Inf(-1)
			for _, p := range inside {
				v := in.data[in.offset(image, c, p[0], p[1])]
				sum, best = sum+v, max(best, v)
			}
			count := len(inside)
			if n.Int["count_include_pad"] != 0 {
				count = kernel[0] * kernel[1]
			}
			if n.Op == "MaxPool" {
				results = append(results, best)
			} else {
				results = append(results, sum/float64(count))
			}
		}
	})
	return pixelsToPlanes(results, in.shape[0], in.shape[1], height, width)
}

func pixelsToPlanes(values []float64, images, channels, height, width int) array {
	out := newArray(images, channels, height, width)
	for i := range values {
		c, rest := i%channels, i/channels
		x, rest := rest%width, rest/width
		out.data[out.offset(rest/height, c, rest%height, x)] = values[i]
	}
	return out
}
