package gorgonia_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/facesieve/facesieve/embed/graph"
)

// maker builds random graphs.
type maker struct {
	graph *graph.Graph
	r     *rand.Rand
	shape []int  // of the value that was made last, without the batch
	last  string // its name
}

func newMaker(seed uint64, shape ...int) *maker {
	m := &maker{graph: &graph.Graph{Opset: 13, Weights: map[string]graph.Tensor{}}, r: rand.New(rand.NewPCG(seed, 1)), shape: shape, last: "face"}
	m.graph.Inputs = []graph.Value{{Name: "face", Shape: append([]int{-1}, shape...), Type: graph.Float32}}
	return m
}

// weight makes random numbers; those of variances are positive.
func (m *maker) weight(scale float64, shape ...int) string {
	n := 1
	for _, d := range shape {
		n *= d
	}
	t := graph.Tensor{Name: fmt.Sprintf("w%d", len(m.graph.Weights)), Shape: shape, Data: make([]float32, n)}
	for i := range t.Data {
		t.Data[i] = float32(m.r.NormFloat64() * scale)
	}
	m.graph.Weights[t.Name] = t
	return t.Name
}

func (m *maker) positive(n int) string {
	name := m.weight(1, n)
	for i, v := range m.graph.Weights[name].Data {
		m.graph.Weights[name].Data[i] = .5 + v*v
	}
	return name
}

func (m *maker) ints(values ...int64) string {
	name := fmt.Sprintf("w%d", len(m.graph.Weights))
	m.graph.Weights[name] = graph.Tensor{Name: name, Shape: []int{len(values)}, Ints: values}
	return name
}

// node appends a node on the last value.
func (m *maker) node(op string, n graph.Node, constants ...string) {
	n.Op, n.Inputs = op, append([]string{m.last}, constants...)
	m.last = fmt.Sprintf("v%d", len(m.graph.Nodes))
	n.Name, n.Outputs = "n"+m.last, []string{m.last}
	m.graph.Nodes = append(m.graph.Nodes, n)
}

func (m *maker) conv(out, kernel int, n graph.Node, bias bool) {
	constants := []string{m.weight(1/math.Sqrt(float64(m.shape[0]*kernel*kernel)), out, m.shape[0], kernel, kernel)}
	if bias {
		constants = append(constants, m.weight(.5, out))
	}
	m.node("Conv", n, constants...)
	m.shape = []int{out}
}

func (m *maker) norm(channels int) {
	m.node("BatchNormalization", graph.Node{Floats: map[string]float32{"epsilon": .01}},
		m.weight(1, channels), m.weight(1, channels), m.weight(1, channels), m.positive(channels))
}

func (m *maker) model(t testing.TB) []byte {
	t.Helper()
	m.graph.Outputs = []graph.Value{{Name: m.last}}
	model, err := m.graph.Write()
	if err != nil {
		t.Fatal(err)
	}
	return model
}

// window gives random attributes of a window over an image of at least 5 x 5.
func (m *maker) window(kernel int) graph.Node {
	pad := func() int64 { return m.r.Int64N(int64(kernel)) }
	return graph.Node{Ints: map[string][]int64{
		"kernel_shape": {int64(kernel), int64(kernel)}, "strides": {1 + m.r.Int64N(3), 1 + m.r.Int64N(3)},
		"pads": {pad(), pad(), pad(), pad()},
	}, Strings: map[string]string{"auto_pad": "NOTSET"}}
}
