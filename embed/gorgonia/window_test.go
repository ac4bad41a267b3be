package gorgonia_test

import (
	"math"

	"github.com/facesieve/facesieve/embed/graph"
)

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
