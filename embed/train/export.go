package train

import (
	"errors"
	"fmt"
	"math"

	"github.com/facesieve/facesieve/cluster"
	engine "github.com/facesieve/facesieve/embed/gorgonia"
	"github.com/facesieve/facesieve/embed/graph"
)

// ErrExport means that the exported model does not compute what was trained.
var ErrExport = errors.New("the exported model differs from the trained one")

// ONNX returns the model as an ONNX file: input "face" of shape [batch, 3, 112, 112],
// output "embedding" of shape [batch, dim], not normalized. Its first node averages
// pixels two by two; normalizations are part of the convolutions and of the full
// connection before them.
func (m *Model) ONNX() ([]byte, error) {
	g := &graph.Graph{
		Name:    "facesieve",
		Inputs:  []graph.Value{{Name: "face", Shape: []int{-1, 3, 2 * Side, 2 * Side}}},
		Outputs: []graph.Value{{Name: "embedding", Shape: []int{-1, m.Network.Dim}}},
		Weights: map[string]graph.Tensor{},
	}
	node := func(op, name string, n graph.Node) {
		n.Name, n.Op, n.Outputs = name, op, []string{name}
		g.Nodes = append(g.Nodes, n)
	}
	weight := func(name string, values []float32, shape ...int) string {
		g.Weights[name] = graph.Tensor{Name: name, Shape: shape, Data: values}
		return name
	}
	node("AveragePool", "averaged", graph.Node{
		Inputs: []string{"face"},
		Ints:   map[string][]int64{"kernel_shape": {2, 2}, "strides": {2, 2}},
	})
	last := "averaged"
	for i, c := range m.Network.convolutions(1) {
		scale, shift := m.fused(i)
		name, relu := fmt.Sprint("conv", i), fmt.Sprint("relu", i)
		inputs := []string{
			last, weight(name+".weight", c.onnxWeights(m.parameter(name).Values, scale), c.out, c.in, kernel, kernel),
			weight(name+".bias", shift, c.out),
		}
		stride := int64(c.stride)
		node("Conv", name, graph.Node{Inputs: inputs, Ints: map[string][]int64{
			"kernel_shape": {kernel, kernel}, "pads": {1, 1, 1, 1}, "strides": {stride, stride},
		}})
		node("Relu", relu, graph.Node{Inputs: []string{name}})
		last = relu
	}
	node("Flatten", "flat", graph.Node{Inputs: []string{last}, Int: map[string]int64{"axis": 1}})
	values, shift := m.onnxEmbedding()
	node("Gemm", "embedding", graph.Node{
		Inputs: []string{
			"flat", weight("embedding.weight", values, m.Network.Dim, m.Network.flat()),
			weight("embedding.bias", shift, m.Network.Dim),
		},
		Int: map[string]int64{"transB": 1},
	})
	data, err := g.Write()
	if err != nil {
		return nil, fmt.Errorf("train: export: %w", err)
	}
	return data, nil
}

// fused is the i-th normalization by the running statistics, as a factor and a
// summand for each channel.
func (m *Model) fused(i int) (scale, shift []float32) {
	statistics := m.Moments[i].Values
	name := "affine"
	if i < len(m.Network.Layers) {
		name = fmt.Sprint("affine", i)
	}
	n := normalization{cols: len(statistics) / 2}
	scale, shift, _ = n.coefficients(m.parameter(name).Values, statistics)
	return scale, shift
}

// onnxWeights orders weights by output channel, input channel and position.
func (c convolution) onnxWeights(w, scale []float32) []float32 {
	out := make([]float32, 0, len(w))
	for o := range c.out {
		for i := range c.in {
			for position := range kernel * kernel {
				out = append(out, w[(position*c.in+i)*c.out+o]*scale[o])
			}
		}
	}
	return out
}

// onnxEmbedding orders the full connection's weights by channel, then pixel.
func (m *Model) onnxEmbedding() (weights, shift []float32) {
	scale, shift := m.fused(len(m.Network.Layers))
	convolutions := m.Network.convolutions(1)
	last := convolutions[len(convolutions)-1]
	pixels, flat := last.outSize()*last.outSize(), m.Network.flat()
	from := m.parameter("embedding").Values
	for d := range m.Network.Dim {
		for c := range last.out {
			for p := range pixels {
				weights = append(weights, from[d*flat+p*last.out+c]*scale[d])
			}
		}
	}
	return weights, shift
}

// leastCosine is how near the exported model must come to the trained one.
const leastCosine = .9999

// Check runs an exported model, with the backend of package embed/gorgonia, on up to
// n held-out pictures and compares it with the trained one. It returns the least
// cosine; below .9999 the error is ErrExport.
func (m *Model) Check(onnx []byte, h *HeldOut, n int) (least float64, err error) {
	n = min(n, h.Pictures.Len())
	e, err := NewEmbedder(m, max(2, min(64, n)))
	if err != nil {
		return 0, err
	}
	want, err := e.Embed(n, func(i int, pixels []float32) { h.Pictures.pixels(i, false, pixels) })
	if err != nil {
		return 0, err
	}
	network, err := engine.Open(onnx, []int{1, 3, 2 * Side, 2 * Side})
	if err != nil {
		return 0, fmt.Errorf("train: the exported model: %w", err)
	}
	defer func() { err = errors.Join(err, network.Close()) }()
	least = 1
	pixels := make([]float32, Side*Side*3)
	for i := range want {
		h.Pictures.pixels(i, false, pixels)
		doubled(pixels, network.Input())
		out, err := network.Run(1)
		if err != nil {
			return 0, fmt.Errorf("train: the exported model: %w", err)
		}
		cosine := cluster.Dot(out[0], want[i]) / (cluster.Norm(out[0]) * cluster.Norm(want[i]))
		least = min(least, float64(cosine)) // NaN where a vector is
	}
	if !(least >= leastCosine) || math.IsNaN(least) {
		return least, fmt.Errorf("train: %w: the least cosine of %d pictures is %.6f", ErrExport, n, least)
	}
	return least, nil
}

// doubled writes averaged pixels as the planes of a picture twice as wide and high.
func doubled(pixels, planes []float32) {
	const wide = 2 * Side
	for i := range planes {
		c, y, x := i/(wide*wide), i/wide%wide, i%wide
		planes[i] = pixels[(y/2*Side+x/2)*3+c]
	}
}
