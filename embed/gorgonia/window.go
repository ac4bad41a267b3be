package gorgonia

import (
	"math"

	"gorgonia.org/tensor"

	"github.com/facesieve/facesieve/embed/graph"
)

// window is how a kernel moves over an image: all pairs are height, width.
type window struct {
	kernel, stride, dilation [2]int
	before, after            [2]int // padding
	in, out                  [2]int // sizes of the image and of what comes out
}

// newWindow reads the attributes of a Conv or a pool over an image of the shape;
// a kernel of 0 is to be found among them.
func newWindow(n graph.Node, kernel [2]int, shape []int) (window, error) {
	w := window{kernel: kernel, in: [2]int{shape[1], shape[2]}}
	if pad := n.Strings["auto_pad"]; pad != "" && pad != "NOTSET" {
		return w, lacks(n, "auto_pad %s", pad)
	}
	if n.Int["ceil_mode"] != 0 {
		return w, lacks(n, "ceil_mode %d", n.Int["ceil_mode"])
	}
	if len(n.Ints["pads"]) == 4 {
		pads := n.Ints["pads"]
		n.Ints = map[string][]int64{
			"kernel_shape": n.Ints["kernel_shape"], "strides": n.Ints["strides"], "dilations": n.Ints["dilations"],
			"before": pads[:2], "after": pads[2:],
		}
	} else if len(n.Ints["pads"]) != 0 {
		return w, lacks(n, "pads %v", n.Ints["pads"])
	}
	for _, a := range []struct {
		name         string
		to           *[2]int
		other, least int
	}{
		{"kernel_shape", &w.kernel, 0, 1}, {"strides", &w.stride, 1, 1}, {"dilations", &w.dilation, 1, 1},
		{"before", &w.before, 0, 0}, {"after", &w.after, 0, 0},
	} {
		values := n.Ints[a.name]
		if len(values) != 0 && len(values) != 2 {
			return w, lacks(n, "%s %v", a.name, values)
		}
		for i := range 2 {
			d := int64(a.other)
			if len(values) == 2 {
				d = values[i]
			} else if a.name == "kernel_shape" {
				d = int64(kernel[i])
			}
			if d < int64(a.least) || d > math.MaxInt16 {
				return w, wrong(n, "%s %v", a.name, values)
			}
			a.to[i] = int(d)
		}
	}
	if kernel != [2]int{} && w.kernel != kernel {
		return w, wrong(n, "kernel_shape %v, weights of %v", w.kernel, kernel)
	}
	for i := range 2 {
		room := w.in[i] + w.before[i] + w.after[i] - w.dilation[i]*(w.kernel[i]-1) - 1
		if room < 0 {
			return w, wrong(n, "a kernel of %v is larger than the image of %v", w.kernel, w.in)
		}
		w.out[i] = room/w.stride[i] + 1
	}
	return w, nil
}

// span gives which of a kernel's positions along an axis lie inside the image
// where the window stands at output position at, and the image position of
// kernel position 0.
func (w *window) span(axis, at int) (from, to, origin int) {
	origin = at*w.stride[axis] - w.before[axis]
	d := w.dilation[axis]
	if origin < 0 {
		from = (-origin + d - 1) / d
	}
	to = w.kernel[axis]
	if last := w.in[axis] - 1 - origin; last < 0 {
		to = 0
	} else {
		to = min(to, last/d+1)
	}
	return min(from, to), to, origin
}

// transposed gives a weight with its dimensions in another order.
func transposed(t graph.Tensor, axes ...int) ([]float32, error) {
	d := tensor.New(tensor.WithShape(t.Shape...), tensor.WithBacking(append([]float32(nil), t.Data...)))
	moved, err := tensor.Transpose(d, axes...)
	if err != nil {
		return nil, err
	}
	return moved.Data().([]float32), nil
}
