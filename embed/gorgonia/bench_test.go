package gorgonia_test

import (
	"fmt"
	"testing"
	"time"

	gorgonialib "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/facesieve/facesieve/embed/gorgonia"
	"github.com/facesieve/facesieve/embed/graph"
)

// plainLayers are the convolutions of plain.
var plainLayers = []struct{ in, out, stride int }{{3, 16, 2}, {16, 32, 2}, {32, 48, 1}, {48, 64, 2}, {64, 96, 1}}

// plain is a network of the built-in model's kind: 8.3 million products an image.
func plain(seed uint64) *maker {
	m := newMaker(seed, 3, 112, 112)
	m.node("AveragePool", graph.Node{Ints: map[string][]int64{"kernel_shape": {2, 2}, "strides": {2, 2}}})
	for _, l := range plainLayers {
		stride := int64(l.stride)
		m.shape = []int{l.in}
		m.conv(l.out, 3, graph.Node{Ints: map[string][]int64{"pads": {1, 1, 1, 1}, "strides": {stride, stride}}}, false)
		m.norm(l.out)
		m.node("Relu", graph.Node{})
	}
	m.node("Flatten", graph.Node{})
	m.node("Gemm", graph.Node{Floats: map[string]float32{"alpha": 1, "beta": 1}}, m.weight(.01, 96*49, 64))
	return m
}

// tape is the network plain on Gorgonia's own graph, a bias in place of batch
// normalisation.
func tape(b *testing.B, batch int) func() {
	g := gorgonialib.NewGraph()
	must := func(n *gorgonialib.Node, err error) *gorgonialib.Node {
		if err != nil {
			b.Fatal(err)
		}
		return n
	}
	node := func(shape ...int) *gorgonialib.Node {
		v := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(make([]float32, tensor.Shape(shape).TotalSize())))
		return gorgonialib.NewTensor(g, tensor.Float32, len(shape), gorgonialib.WithShape(shape...),
			gorgonialib.WithName(fmt.Sprint(g.AllNodes().Len())), gorgonialib.WithValue(v))
	}
	x := must(gorgonialib.AveragePool2D(node(batch, 3, 112, 112), tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
	for _, l := range plainLayers {
		x = must(gorgonialib.Conv2d(x, node(l.out, l.in, 3, 3), tensor.Shape{3, 3}, []int{1, 1}, []int{l.stride, l.stride}, []int{1, 1}))
		x = must(gorgonialib.BroadcastAdd(x, node(1, l.out, 1, 1), nil, []byte{0, 2, 3}))
		x = must(gorgonialib.Rectify(x))
	}
	must(gorgonialib.Mul(must(gorgonialib.Reshape(x, tensor.Shape{batch, 96 * 49})), node(96*49, 64)))
	vm := gorgonialib.NewTapeMachine(g, gorgonialib.EvalMode())
	return func() {
		if err := vm.RunAll(); err != nil {
			b.Fatal(err)
		}
		vm.Reset()
	}
}

// BenchmarkEngines measures this package, ONNX Runtime and Gorgonia's graph in
// turns, so that what else the machine does slows all of them alike.
func BenchmarkEngines(b *testing.B) {
	for _, batch := range []int{2, 16} {
		b.Run(fmt.Sprint(batch), func(b *testing.B) {
			model := plain(1).model(b)
			theirs := bind(b, model, batch)
			ours, err := gorgonia.Open(model, []int{batch, 3, 112, 112})
			if err != nil {
				b.Fatal(err)
			}
			for i := range ours.Input() {
				ours.Input()[i] = float32(i*7919%511)/255 - 1
			}
			copy(theirs.Input(), ours.Input())
			run := func(engine interface {
				Run(int) ([][]float32, error)
			}) func() {
				return func() {
					if _, err := engine.Run(batch); err != nil {
						b.Fatal(err)
					}
				}
			}
			engines := []func(){run(ours), run(theirs), tape(b, batch)}
			var spent [3]time.Duration
			b.ResetTimer()
			for range b.N {
				for i, f := range engines {
					start := time.Now()
					f()
					spent[i] += time.Since(start)
				}
			}
			images := float64(batch * b.N)
			b.ReportMetric(images/spent[0].Seconds(), "images/s")
			b.ReportMetric(images/spent[1].Seconds(), "onnxruntime-images/s")
			b.ReportMetric(images/spent[2].Seconds(), "graph-images/s")
			b.ReportMetric(spent[1].Seconds()/spent[0].Seconds(), "of-onnxruntime")
			b.ReportMetric(spent[2].Seconds()/spent[0].Seconds(), "of-graph")
		})
	}
}
