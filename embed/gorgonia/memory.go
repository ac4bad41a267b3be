package gorgonia

import (
	"slices"

	"github.com/facesieve/facesieve/embed/graph"
)

// value makes a value, in memory that no value of a later operation uses.
func (b *builder) value(shape []int) int {
	v := value{shape: shape, buffer: -1}
	size := v.size()
	for i, f := range b.free {
		if b.program.buffers[f] >= size {
			v.buffer = f
			b.free = slices.Delete(b.free, i, i+1)
			break
		}
	}
	if v.buffer < 0 {
		v.buffer = len(b.program.buffers)
		b.program.buffers = append(b.program.buffers, size)
		b.total += size
	}
	b.program.values = append(b.program.values, v)
	return len(b.program.values) - 1
}

// finish names a node's output and frees the inputs that no later node uses.
func (b *builder) finish(n graph.Node, output string, out int) {
	b.ids[output] = out
	for _, name := range n.Inputs {
		b.left[name]--
		id, there := b.ids[name]
		if b.left[name] == 0 && there && id > 0 && b.program.values[id].buffer != b.program.values[out].buffer {
			b.free = append(b.free, b.program.values[id].buffer)
		}
	}
}

// inPlace gives the value that an operation may write its output into: input id itself
// where no later node uses it.
func (b *builder) inPlace(name string, id int) int {
	if b.left[name] == 1 && id > 0 {
		return id
	}
	return b.value(b.program.values[id].shape)
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
