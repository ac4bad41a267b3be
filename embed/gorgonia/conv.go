package gorgonia

import (
	"github.com/facesieve/facesieve/embed/graph"
)

// patchElements bounds the patches that are made at once, to what a core's cache
// holds; one patch may be larger. The product takes patchBlock at once.
const (
	patchElements = 32 << 10
	patchBlock    = 48
)

// convolution is a Conv node: each row of its patches is a window's pixels.
type convolution struct {
	window   window
	linear   *linear
	channels int // of the input
}

// conv is a convolution without groups.
func (b *builder) conv(n graph.Node) error {
	err := onlyAttributes(n, "auto_pad", "dilations", "group", "kernel_shape", "pads", "strides")
	if err != nil {
		return err
	}
	if g, there := n.Int["group"]; there && g != 1 {
		return lacks(n, "group %d", g)
	}
	w, err := b.floats(n, 1)
	if err != nil {
		return err
	}
	id, err := b.pixels(n, 0)
	if err != nil {
		return err
	}
	in := b.program.values[id].shape
	if len(w.Shape) != 4 || len(w.Data) == 0 || w.Shape[1] != in[0] {
		return wrong(n, "weights of shape %v for an input of %d channels", w.Shape, in[0])
	}
	c := convolution{channels: in[0]}
	if c.window, err = newWindow(n, [2]int{w.Shape[2], w.Shape[3]}, in); err != nil {
		return err
	}
	weights, err := transposed(w, 0, 2, 3, 1)
	if err != nil {
		return wrong(n, "%w", err)
	}
	bias, ok, err := b.constant(n, 2)
	if err == nil && ok && (len(bias.Data) != w.Shape[0] || len(bias.Shape) != 1) {
		err = wrong(n, "a bias of shape %v for %d channels", bias.Shape, w.Shape[0])
	}
	if err != nil {
		return err
	}
	c.linear = newLinear(weights, bias.Data, w.Shape[0], len(w.Data)/w.Shape[0])
	shape := []int{w.Shape[0], c.window.out[0], c.window.out[1]}
	if _, err := graph.Elements(shape); err != nil {
		return wrong(n, "%w", err)
	}
	output, err := b.absorb(c.linear, n, shape)
	if err != nil {
		return err
	}
	out := b.value(shape)
	count, patches := c.patchesAtOnce()
	b.program.patches = max(b.program.patches, patches)
	b.program.wide = max(b.program.wide, c.linear.wide(count))
	b.total += len(c.linear.weights) + patches + c.linear.wide(count)
	b.emit(func(m *memory) { c.run(m.values[out], m.values[id], m, count) })
	b.finish(n, output, out)
	return nil
}

// patchesAtOnce returns how many patches are multiplied at a time, and how many numbers
// of memory they are copied into: none where the image's pixels are the patches.
func (c *convolution) patchesAtOnce() (count, numbers int) {
	all := c.window.out[0] * c.window.out[1]
	if c.direct() {
		return all, 0
	}
	count = max(1, patchElements/c.linear.cols)
	if count > patchBlock {
		count -= count % patchBlock
	}
	count = min(count, all)
	return count, count * c.linear.cols
}

// direct says whether the image's pixels are the patches.
func (c *convolution) direct() bool {
	w := c.window
	return w.kernel == [2]int{1, 1} && w.stride == [2]int{1, 1} && w.before == [2]int{} && w.after == [2]int{}
}

// run convolves an image, count patches at once.
func (c *convolution) run(out, in []float32, m *memory, count int) {
	if c.direct() {
		c.linear.apply(out, in, m.wide, count)
		return
	}
	all := c.window.out[0] * c.window.out[1]
	for at := 0; at < all; at += count {
		now := min(count, all-at)
		for i := range now {
			c.patch(m.patches[i*c.linear.cols:][:c.linear.cols], in, (at+i)/c.window.out[1], (at+i)%c.window.out[1])
		}
		c.linear.apply(out[at*c.linear.rows:], m.patches[:now*c.linear.cols], m.wide, now)
	}
}

// patch copies the pixels of one window, row by row, with zeros for those outside
// the image.
func (c *convolution) patch(out, in []float32, y, x int) {
	width := c.window.kernel[1] * c.channels
	top, bottom, row := c.window.span(0, y)
	left, right, column := c.window.span(1, x)
	clear(out[:top*width])
	for k := top; k < bottom; k++ {
		line := in[(row+k*c.window.dilation[0])*c.window.in[1]*c.channels:][:c.window.in[1]*c.channels]
		to := out[k*width:][:width]
		clear(to[:left*c.channels])
		if c.window.dilation[1] == 1 && left < right {
			copy(to[left*c.channels:right*c.channels], line[(column+left)*c.channels:])
		} else {
			for j := left; j < right; j++ {
				copy(to[j*c.channels:][:c.channels], line[(column+j*c.window.dilation[1])*c.channels:])
			}
		}
		clear(to[right*c.channels:])
	}
	clear(out[bottom*width:])
}
