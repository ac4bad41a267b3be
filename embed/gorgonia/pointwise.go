package gorgonia

import (
	"math"
	"slices"

	"github.com/facesieve/facesieve/embed/graph"
)

// pointwise computes out from in, value by value; both may be the same memory. It
// takes whole pixels.
type pointwise func(out, in []float32)

// pointwise is a node with one input that is no weight, value by value.
func (b *builder) pointwise(n graph.Node) error {
	return b.eachOf(n, func(shape []int) (pointwise, error) { return b.function(n, shape) })
}

// eachOf makes an operation of a pointwise function of a node's input 0.
func (b *builder) eachOf(n graph.Node, function func(shape []int) (pointwise, error)) error {
	id, err := b.input(n, 0)
	if err != nil {
		return err
	}
	id = b.ordered(n.Inputs[0], id)
	f, err := function(b.program.values[id].shape)
	if err != nil {
		return err
	}
	out := b.inPlace(n.Inputs[0], id)
	b.emit(func(m *memory) { f(m.values[out], m.values[id]) })
	b.finish(n, n.Outputs[0], out)
	return nil
}

// function gives what a Relu, PRelu or Clip node computes of a value of shape
// shape.
func (b *builder) function(n graph.Node, shape []int) (pointwise, error) {
	switch n.Op {
	case "Relu":
		return relu, onlyAttributes(n)
	case "PRelu":
		slope, err := b.floats(n, 1)
		if err != nil {
			return nil, err
		}
		each, err := b.spread(n, slope, shape)
		if err != nil {
			return nil, err
		}
		return func(out, in []float32) { prelu(out, in, each) }, onlyAttributes(n)
	default:
		low, high, err := b.limits(n)
		return func(out, in []float32) { clip(out, in, low, high) }, err
	}
}

func relu(out, in []float32) {
	out = out[:len(in)]
	for i, v := range in {
		out[i] = max(v, 0)
	}
}

func prelu(out, in, slopes []float32) {
	for at := 0; at < len(in); at += len(slopes) {
		from, to := in[at:][:len(slopes)], out[at:][:len(slopes)]
		for i, s := range slopes {
			to[i] = max(from[i], 0) + s*min(from[i], 0)
		}
	}
}

func clip(out, in []float32, low, high float32) {
	for i, v := range in {
		out[i] = min(max(v, low), high)
	}
}

// limits are a Clip node's, which were attributes before operator set 11.
func (b *builder) limits(n graph.Node) (low, high float32, err error) {
	low, high = float32(math.Inf(-1)), float32(math.Inf(1))
	if b.graph.Opset < 11 {
		if v, there := n.Floats["min"]; there {
			low = v
		}
		if v, there := n.Floats["max"]; there {
			high = v
		}
		return low, high, onlyAttributes(n, "min", "max")
	}
	for k, to := range []*float32{1: &low, 2: &high} {
		if to == nil {
			continue
		}
		t, ok, err := b.constant(n, k)
		switch {
		case err != nil:
			return 0, 0, err
		case ok && len(t.Data) != 1:
			return 0, 0, wrong(n, "its limit has shape %v", t.Shape)
		case ok:
			*to = t.Data[0]
		}
	}
	return low, high, onlyAttributes(n)
}

// batchNormalization is one that does not follow a convolution or dense layer.
func (b *builder) batchNormalization(n graph.Node) error {
	return b.eachOf(n, func(shape []int) (pointwise, error) {
		scale, shift, err := b.normalization(n, shape[0])
		if err == nil && len(shape) != 1 && len(shape) != 3 {
			err = lacks(n, "an input of shape %v (batch aside)", shape)
		}
		factors, terms := narrow(scale), narrow(shift)
		b.total += 2 * len(factors)
		return func(out, in []float32) {
			for at := 0; at < len(in); at += len(factors) {
				from, to := in[at:][:len(factors)], out[at:][:len(factors)]
				for i, f := range factors {
					to[i] = from[i]*f + terms[i]
				}
			}
		}, err
	})
}

func narrow(values []float64) []float32 {
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = float32(v)
	}
	return out
}

// add adds two values of one shape, or a value and a constant.
func (b *builder) add(n graph.Node) error {
	if err := onlyAttributes(n); err != nil {
		return err
	}
	if len(n.Inputs) != 2 {
		return wrong(n, "it has %d inputs", len(n.Inputs))
	}
	for k, name := range n.Inputs {
		t, ok := b.graph.Weights[name]
		if !ok {
			continue
		}
		other := n
		other.Inputs = []string{n.Inputs[1-k]}
		return b.eachOf(other, func(shape []int) (pointwise, error) {
			if t.Data == nil {
				return nil, wrong(n, "%q is not float32", name)
			}
			each, err := b.spread(n, t, shape)
			return func(out, in []float32) {
				for at := 0; at < len(in); at += len(each) {
					sum(out[at:], in[at:], each)
				}
			}, err
		})
	}
	return b.addValues(n)
}

func (b *builder) addValues(n graph.Node) error {
	var ids [2]int
	for k := range ids {
		id, err := b.input(n, k)
		if err != nil {
			return err
		}
		ids[k] = b.ordered(n.Inputs[k], id)
	}
	if x, y := b.program.values[ids[0]].shape, b.program.values[ids[1]].shape; !slices.Equal(x, y) {
		return lacks(n, "inputs of shapes %v and %v (batch aside)", x, y)
	}
	out := b.inPlace(n.Inputs[0], ids[0])
	b.emit(func(m *memory) { sum(m.values[out], m.values[ids[0]], m.values[ids[1]]) })
	b.finish(n, n.Outputs[0], out)
	return nil
}

// sum gives out = x + y, as many as y has.
func sum(out, x, y []float32) {
	out, x = out[:len(y)], x[:len(y)]
	for i, v := range y {
		out[i] = x[i] + v
	}
}

// spread gives a constant that is combined with every value of shape shape by
// ONNX's rules: as many numbers as repeat over the value's memory.
func (b *builder) spread(n graph.Node, t graph.Tensor, shape []int) ([]float32, error) {
	refused := lacks(n, "a constant of shape %v for a value of shape %v (batch aside)", t.Shape, shape)
	dims := t.Shape
	if len(dims) == len(shape)+1 && dims[0] == 1 {
		dims = dims[1:]
	}
	if len(dims) > len(shape) {
		return nil, refused
	}
	channels := 1
	if len(shape) == 1 || len(shape) == 3 {
		channels = shape[0]
	}
	switch {
	case len(t.Data) == 1:
		b.total += channels
		return slices.Repeat(t.Data, channels), nil
	case slices.Equal(dims, shape) && len(shape) == 3:
		b.total += len(t.Data)
		out := make([]float32, len(t.Data))
		toPixels(out, t.Data, shape)
		return out, nil
	case slices.Equal(dims, shape) || len(shape) == 3 && slices.Equal(dims, []int{channels, 1, 1}):
		return t.Data, nil
	}
	return nil, refused
}
