package gorgonia

import (
	"math"

	"github.com/facesieve/facesieve/embed/graph"
)

func (b *builder) flatten(n graph.Node) error {
	if err := onlyAttributes(n, "axis"); err != nil {
		return err
	}
	if axis, there := n.Int["axis"]; there && axis != 1 {
		return lacks(n, "axis %d", axis)
	}
	id, err := b.input(n, 0)
	if err != nil {
		return err
	}
	return b.reshapeTo(n, id, []int{b.program.values[id].size()})
}

func (b *builder) reshape(n graph.Node) error {
	if err := onlyAttributes(n, "allowzero"); err != nil {
		return err
	}
	if n.Int["allowzero"] != 0 {
		return lacks(n, "allowzero %d", n.Int["allowzero"])
	}
	id, err := b.input(n, 0)
	if err != nil {
		return err
	}
	target, ok, err := b.constant(n, 1)
	if err == nil && (!ok || target.Ints == nil || len(target.Shape) != 1) {
		err = wrong(n, "its target must be int64 weights")
	}
	if err != nil {
		return err
	}
	shape, ok := resolve(target.Ints, b.program.values[id])
	if !ok {
		return lacks(n, "from shape %v (batch aside) to %v: each image must keep its own values",
			b.program.values[id].shape, target.Ints)
	}
	return b.reshapeTo(n, id, shape)
}

// resolve gives the shape that a Reshape's target means for a batch of one, with
// the batch left away.
func resolve(target []int64, v value) ([]int, bool) {
	var shape []int
	free, product := -1, 1
	for i, d := range target {
		switch {
		case d == 0 && i == 0:
			d = 1
		case d == 0 && i <= len(v.shape):
			d = int64(v.shape[i-1])
		case d == -1 && free < 0:
			free, d = i, 1
		}
		if d < 1 || d > math.MaxInt32 || product > math.MaxInt32/int(d) {
			return nil, false
		}
		product *= int(d)
		shape = append(shape, int(d))
	}
	if free >= 0 && v.size()%product == 0 {
		shape[free] = v.size() / product
		product *= shape[free]
	}
	if len(shape) < 2 || shape[0] != 1 || product != v.size() {
		return nil, false
	}
	return shape[1:], true
}

func (b *builder) reshapeTo(n graph.Node, id int, shape []int) error {
	from := b.planes(id)
	out := b.value(shape)
	b.program.values[out].planar = true
	b.emit(func(m *memory) { copy(m.values[out], m.values[from]) })
	if from != id {
		b.free = append(b.free, b.program.values[from].buffer)
	}
	b.finish(n, n.Outputs[0], out)
	return nil
}
