package gorgonia

import (
	"slices"

	"github.com/facesieve/facesieve/embed/graph"
)

// value makes a value, in memory that no value of a later step uses.
func (b *builder) value(shape []int) int {
	v := value{shape: shape, buffer: -1}
	size := v.size()
	for i, f := range b.free {
		if b.buffers[f] >= size {
			v.buffer = f
			b.free = slices.Delete(b.free, i, i+1)
			break
		}
	}
	if v.buffer < 0 {
		v.buffer = len(b.buffers)
		b.buffers = append(b.buffers, size)
		b.total += size
	}
	b.values = append(b.values, v)
	return len(b.values) - 1
}

// finish names a node's output and frees the inputs that no later node uses.
func (b *builder) finish(n graph.Node, output string, out int) {
	b.ids[output] = out
	for _, name := range n.Inputs {
		b.left[name]--
		id, there := b.ids[name]
		if b.left[name] == 0 && there && id > 0 && b.values[id].buffer != b.values[out].buffer {
			b.free = append(b.free, b.values[id].buffer)
		}
	}
}

// inPlace gives the value that a step may write its output into: input id itself
// where no later node uses it.
func (b *builder) inPlace(name string, id int) int {
	if b.left[name] == 1 && id > 0 {
		return id
	}
	return b.value(b.values[id].shape)
}

// toPixels reorders planes of channels to pixels.
func toPixels(out, in []float32, shape []int) {
	channels, area := shape[0], shape[1]*shape[2]
	for c := range channels {
		plane := in[c*area:][:area]
		for i, v := range plane {
			out[i*channels+c] = v
		}
	}
}

// toPlanes reorders pixels to planes of channels.
func toPlanes(out, in []float32, shape []int) {
	channels, area := shape[0], shape[1]*shape[2]
	for c := range channels {
		plane := out[c*area:][:area]
		for i := range plane {
			plane[i] = in[i*channels+c]
		}
	}
}
