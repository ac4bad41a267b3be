package gorgonia_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/facesieve/facesieve/embed/gorgonia"
	"github.com/facesieve/facesieve/embed/graph"
)

// grow appends a random node to a random value, and says what it gives.
func (m *maker) grow(made map[string][]int, names []string) {
	m.last = names[m.r.IntN(len(names))]
	m.shape = made[m.last]
	if len(m.shape) == 1 {
		m.growFlat()
		return
	}
	channels, area := m.shape[0], []int{m.shape[1], m.shape[2]}
	same := func(name string) bool { return slices.Equal(made[name], m.shape) }
	switch m.r.IntN(10) {
	case 0, 1:
		kernel := 1 + m.r.IntN(min(3, area[0], area[1]))
		n := m.window(kernel)
		m.conv(1+m.r.IntN(20), kernel, n, m.r.IntN(2) == 0)
		m.shape = append(m.shape, windowed(n, area)...)
	case 2:
		m.norm(channels)
	case 3:
		m.node("Relu", graph.Node{})
	case 4:
		m.node("PRelu", graph.Node{}, m.weight(1, [][]int{{channels, 1, 1}, m.shape, {1}}[m.r.IntN(3)]...))
	case 5:
		n := m.window(1 + m.r.IntN(min(3, area[0], area[1])))
		m.node([]string{"MaxPool", "AveragePool"}[m.r.IntN(2)], n)
		m.shape = append([]int{channels}, windowed(n, area)...)
	case 6:
		m.node("Reshape", graph.Node{}, m.ints(0, int64(area[1]), -1, int64(area[0])))
		m.shape = []int{area[1], channels, area[0]}
	case 7:
		m.node("Flatten", graph.Node{})
		m.shape = []int{m.size()}
	case 8:
		m.node("Clip", graph.Node{}, m.scalar(-1), m.scalar(1))
	default:
		others := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !same(name) })
		m.node("Add", graph.Node{}, others[m.r.IntN(len(others))])
	}
}

func (m *maker) growFlat() {
	n := m.shape[0]
	switch m.r.IntN(4) {
	case 0:
		out := 1 + m.r.IntN(40)
		m.node("Gemm", graph.Node{Floats: map[string]float32{"alpha": .5, "beta": 1}}, m.weight(1/math.Sqrt(float64(n)), n, out), m.weight(1, out))
		m.shape = []int{out}
	case 1:
		m.node("Relu", graph.Node{})
	case 2:
		m.node("Add", graph.Node{}, m.weight(1, n))
	default:
		m.node("Reshape", graph.Node{}, m.ints(-1, int64(n), 1, 1))
		m.shape = []int{n, 1, 1}
	}
}

// windowed is the size of what a window gives.
func windowed(n graph.Node, size []int) (out []int) {
	for i, d := range size {
		out = append(out, (d+int(n.Ints["pads"][i]+n.Ints["pads"][i+2]-n.Ints["kernel_shape"][i]))/int(n.Ints["strides"][i])+1)
	}
	return out
}

// Values that are used again, several times or not at all share memory with no
// other: random networks give what the reference does, at each of their ends.
func TestRandomNetworksAgreeWithTheReference(t *testing.T) {
	for seed := range uint64(200) {
		m := newMaker(seed, 1+int(seed%4), 7, 5+int(seed%3))
		made, names := map[string][]int{"face": m.shape}, []string{"face"}
		for range 3 + m.r.IntN(15) {
			m.grow(made, names)
			made[m.last], names = m.shape, append(names, m.last)
		}
		for _, name := range names[1:] {
			if name == names[len(names)-1] || m.r.IntN(3) == 0 {
				m.graph.Outputs = append(m.graph.Outputs, graph.Value{Name: name})
			}
		}
		m.everyOutputAgrees(t, fmt.Sprint("seed ", seed))
	}
}

func (m *maker) everyOutputAgrees(t *testing.T, what string) {
	t.Helper()
	model, err := m.graph.Write()
	if err != nil {
		t.Fatal(err)
	}
	const batch = 2
	shape := append([]int{batch}, m.graph.Inputs[0].Shape[1:]...)
	n, err := gorgonia.Open(model, shape)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	in := newArray(shape...)
	for i := range n.Input() {
		n.Input()[i] = float32(m.r.NormFloat64())
		in.data[i] = float64(n.Input()[i])
	}
	out, err := n.Run(batch)
	if err != nil || len(out) != len(m.graph.Outputs) {
		t.Fatalf("%s: %d outputs, %v", what, len(out), err)
	}
	for k := range m.graph.Outputs {
		one := *m.graph
		one.Outputs = m.graph.Outputs[k:]
		for i, w := range reference(&one, in).data {
			if d := math.Abs(float64(out[k][i]) - w); !(d <= 1e-3*(1+math.Abs(w))) {
				t.Fatalf("%s: output %d, number %d is %g, want %g", what, k, i, out[k][i], w)
			}
		}
	}
}
