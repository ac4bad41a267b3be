package gorgonia

import (
	"math"

	"github.com/facesieve/facesieve/embed/graph"
)

func (b *builder) averagePool(n graph.Node) error {
	err := onlyAttributes(n, "auto_pad", "ceil_mode", "count_include_pad",
		"dilations", "kernel_shape", "pads", "strides")
	if err != nil {
		return err
	}
	return b.average(n, n.Int["count_include_pad"] != 0)
}

func (b *builder) globalAveragePool(n graph.Node) error {
	if err := onlyAttributes(n); err != nil {
		return err
	}
	id, err := b.input(n, 0)
	if err != nil {
		return err
	}
	if shape := b.program.values[id].shape; len(shape) == 3 {
		n.Ints = map[string][]int64{"kernel_shape": {int64(shape[1]), int64(shape[2])}}
	}
	return b.average(n, true)
}

// average is a pool of means; whole says whether pixels outside the image count
// as zeros. An image that still stands in planes is pooled plane by plane, for
// fewer pixels are reordered then.
func (b *builder) average(n graph.Node, whole bool) error {
	id, err := b.input(n, 0)
	if err != nil {
		return err
	}
	planar := b.program.values[id].planar && len(b.program.values[id].shape) == 3
	if !planar {
		if id, err = b.pixels(n, 0); err != nil {
			return err
		}
	}
	w, out, err := b.pool(n, id)
	if err != nil {
		return err
	}
	b.program.values[out].planar = planar
	channels := b.program.values[id].shape[0]
	b.program.operations = append(b.program.operations, func(m *memory) {
		if planar {
			w.averagePlanes(m.values[out], m.values[id], whole)
		} else {
			w.averagePixels(m.values[out], m.values[id], channels, whole)
		}
	})
	b.finish(n, n.Outputs[0], out)
	return nil
}

func (b *builder) maxPool(n graph.Node) error {
	err := onlyAttributes(n, "auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order",
		"strides")
	if err != nil {
		return err
	}
	id, err := b.pixels(n, 0)
	if err != nil {
		return err
	}
	w, out, err := b.pool(n, id)
	if err != nil {
		return err
	}
	channels := b.program.values[id].shape[0]
	b.emit(func(m *memory) { w.greatest(m.values[out], m.values[id], channels) })
	b.finish(n, n.Outputs[0], out)
	return nil
}

// pool reads the window of a pool over value id and makes its output.
func (b *builder) pool(n graph.Node, id int) (window, int, error) {
	shape := b.program.values[id].shape
	if len(n.Ints["kernel_shape"]) != 2 {
		return window{}, 0, lacks(n, "kernel_shape %v", n.Ints["kernel_shape"])
	}
	w, err := newWindow(n, [2]int{}, shape)
	if err != nil {
		return w, 0, err
	}
	for i := range 2 {
		if w.before[i] >= w.kernel[i] || w.after[i] >= w.kernel[i] {
			return w, 0, wrong(n, "pads as large as the kernel of %v", w.kernel)
		}
		if w.dilation[i] != 1 {
			return w, 0, lacks(n, "dilations %v", w.dilation)
		}
	}
	return w, b.value([]int{shape[0], w.out[0], w.out[1]}), nil
}

// averagePixels gives the mean of each window's pixels, channel by channel.
func (w *window) averagePixels(out, in []float32, channels int, whole bool) {
	for y := range w.out[0] {
		top, bottom, row := w.span(0, y)
		for x := range w.out[1] {
			left, right, column := w.span(1, x)
			sum := out[(y*w.out[1]+x)*channels:][:channels]
			clear(sum)
			for k := top; k < bottom; k++ {
				for j := left; j < right; j++ {
					pixel := in[((row+k)*w.in[1]+column+j)*channels:][:len(sum)]
					for i, v := range pixel {
						sum[i] += v
					}
				}
			}
			scale := 1 / float32(w.count(bottom-top, right-left, whole))
			for i := range sum {
				sum[i] *= scale
			}
		}
	}
}

// count is what a window's sum is divided by.
func (w *window) count(height, width int, whole bool) int {
	if whole {
		return w.kernel[0] * w.kernel[1]
	}
	return height * width
}

// averagePlanes gives the mean of each window of each plane.
func (w *window) averagePlanes(out, in []float32, whole bool) {
	area := w.in[0] * w.in[1]
	for ; len(in) > 0; in = in[area:] {
		for y := range w.out[0] {
			top, bottom, row := w.span(0, y)
			line := out[:w.out[1]]
			for x := range line {
				left, right, column := w.span(1, x)
				var sum float32
				for k := top; k < bottom; k++ {
					for _, v := range in[(row+k)*w.in[1]+column+left:][:max(0, right-left)] {
						sum += v
					}
				}
				line[x] = sum / float32(w.count(bottom-top, right-left, whole))
			}
			out = out[w.out[1]:]
		}
	}
}

// greatest gives the greatest of each window's pixels, channel by channel.
func (w *window) greatest(out, in []float32, channels int) {
	low := float32(math.Inf(-1))
	for y := range w.out[0] {
		top, bottom, row := w.span(0, y)
		for x := range w.out[1] {
			left, right, column := w.span(1, x)
			best := out[(y*w.out[1]+x)*channels:][:channels]
			for i := range best {
				best[i] = low
			}
			for k := top; k < bottom; k++ {
				for j := left; j < right; j++ {
					pixel := in[((row+k)*w.in[1]+column+j)*channels:][:len(best)]
					for i, v := range pixel {
						best[i] = max(best[i], v)
					}
				}
			}
		}
	}
}
