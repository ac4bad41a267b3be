package gorgonia_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/embed/gorgonia"
	"github.com/facesieve/facesieve/embed/graph"
)

// agrees compares a network with the reference, on random inputs.
func agrees(t *testing.T, m *maker, shape ...int) {
	t.Helper()
	const batch = 3
	n, err := gorgonia.Open(m.model(t), append([]int{batch}, shape...))
	if err != nil {
		t.Fatal(err)
	}
	in := newArray(append([]int{batch}, shape...)...)
	for i := range n.Input() {
		n.Input()[i] = float32(m.r.NormFloat64())
		in.data[i] = float64(n.Input()[i])
	}
	want := reference(m.graph, in).data
	out, err := n.Run(batch)
	if err != nil {
		t.Fatal(err)
	}
	if len(out) != 1 || len(out[0]) != len(want) {
		t.Fatalf("%d outputs, of %d numbers; want %d", len(out), len(out[0]), len(want))
	}
	for i, w := range want {
		if d := math.Abs(float64(out[0][i]) - w); !(d <= 1e-4*(1+math.Abs(w))) {
			t.Fatalf("number %d is %g, want %g", i, out[0][i], w)
		}
	}
}

// each are graphs of one operator, or of two where one becomes part of the other.
var each = map[string]func(m *maker){
	"Conv": func(m *maker) { m.conv(1+m.r.IntN(20), 1+m.r.IntN(4), graph.Node{}, false) },
	"Conv with all its attributes": func(m *maker) {
		kernel := 1 + m.r.IntN(3)
		n := m.window(kernel)
		n.Ints["dilations"] = []int64{1 + m.r.Int64N(2), 1 + m.r.Int64N(2)}
		m.conv(1+m.r.IntN(20), kernel, n, true)
	},
	"Conv of many channels": func(m *maker) { m.conv(180+m.r.IntN(200), 3, graph.Node{}, true) },
	"Conv, BatchNormalization, Relu": func(m *maker) {
		m.conv(7, 3, graph.Node{}, m.r.IntN(2) == 0)
		m.norm(7)
		m.node("Relu", graph.Node{})
	},
	"Conv, PRelu of channels": func(m *maker) {
		m.conv(7, 3, graph.Node{}, true)
		m.node("PRelu", graph.Node{}, m.weight(1, 7, 1, 1))
	},
	"Conv, PRelu of pixels": func(m *maker) {
		m.conv(4, m.shape[1], graph.Node{Ints: map[string][]int64{"pads": {1, 0, 1, 0}}}, true)
		m.node("PRelu", graph.Node{}, m.weight(1, 4, 3, 1+m.wider()))
	},
	"BatchNormalization": func(m *maker) { m.norm(m.shape[0]) },
	"Relu":               func(m *maker) { m.node("Relu", graph.Node{}) },
	"PRelu":              func(m *maker) { m.node("PRelu", graph.Node{}, m.weight(1, m.shape[0], 1, 1)) },
	"PRelu of one slope": func(m *maker) { m.node("PRelu", graph.Node{}, m.weight(1, 1)) },
	"PRelu of every value": func(m *maker) {
		m.node("PRelu", graph.Node{}, m.weight(1, m.shape...))
	},
	"MaxPool": func(m *maker) { m.node("MaxPool", m.window(1+m.r.IntN(4))) },
	"AveragePool": func(m *maker) {
		m.node("AveragePool", m.window(1+m.r.IntN(4)))
	},
	"AveragePool that counts pads": func(m *maker) {
		n := m.window(1 + m.r.IntN(4))
		n.Int = map[string]int64{"count_include_pad": 1, "ceil_mode": 0}
		m.node("AveragePool", n)
	},
	"AveragePool of pixels": func(m *maker) {
		m.node("Relu", graph.Node{})
		m.node("AveragePool", m.window(3))
	},
	"GlobalAveragePool": func(m *maker) { m.node("GlobalAveragePool", graph.Node{}) },
	"GlobalAveragePool of pixels": func(m *maker) {
		m.node("Relu", graph.Node{})
		m.node("GlobalAveragePool", graph.Node{})
	},
	"Clip":          func(m *maker) { m.node("Clip", graph.Node{}, m.scalar(-.5), m.scalar(.7)) },
	"Clip below":    func(m *maker) { m.node("Clip", graph.Node{}, m.scalar(-.5)) },
	"Clip above":    func(m *maker) { m.node("Clip", graph.Node{}, "", m.scalar(.5)) },
	"Add itself":    func(m *maker) { m.node("Add", graph.Node{}, "face") },
	"Add channels":  func(m *maker) { m.node("Add", graph.Node{}, m.weight(1, 1, m.shape[0], 1, 1)) },
	"Add one":       func(m *maker) { m.node("Add", graph.Node{}, m.scalar(3)) },
	"Add an image":  func(m *maker) { m.node("Add", graph.Node{}, m.weight(1, m.shape...)) },
	"Add, residual": residual,
	"Flatten":       func(m *maker) { m.node("Flatten", graph.Node{Int: map[string]int64{"axis": 1}}) },
	"Flatten of pixels": func(m *maker) {
		m.node("Relu", graph.Node{})
		m.node("Flatten", graph.Node{})
	},
	"Reshape": func(m *maker) {
		m.node("Relu", graph.Node{})
		m.node("Reshape", graph.Node{}, m.ints(0, -1, int64(m.shape[2])))
		m.node("Reshape", graph.Node{}, m.ints(-1, int64(m.shape[1]), int64(m.shape[0]), int64(m.shape[2])))
		m.norm(m.shape[1])
	},
	"Gemm": func(m *maker) {
		m.node("Flatten", graph.Node{})
		m.node("Gemm", graph.Node{Floats: map[string]float32{"alpha": .5, "beta": 2}, Int: map[string]int64{"transA": 0, "transB": 0}},
			m.weight(.1, m.size(), 33), m.weight(1, 33))
	},
	"Gemm, transB": func(m *maker) {
		m.node("Flatten", graph.Node{})
		m.node("Gemm", graph.Node{Floats: map[string]float32{"alpha": 1, "beta": 1}, Int: map[string]int64{"transB": 1}}, m.weight(.1, 200, m.size()), m.weight(1, 1, 200))
		m.norm(200)
		m.node("PRelu", graph.Node{}, m.weight(1, 200))
	},
}

func (m *maker) size() int  { return m.shape[0] * m.shape[1] * m.shape[2] }
func (m *maker) wider() int { return m.graph.Inputs[0].Shape[3] - m.graph.Inputs[0].Shape[2] }
func (m *maker) scalar(v float32) string {
	name := fmt.Sprintf("w%d", len(m.graph.Weights))
	m.graph.Weights[name] = graph.Tensor{Name: name, Data: []float32{v}}
	return name
}

// residual is a value used twice, around two convolutions.
func residual(m *maker) {
	same := graph.Node{Ints: map[string][]int64{"pads": {1, 1, 1, 1}}}
	m.node("Relu", graph.Node{})
	before := m.last
	channels := m.shape[0]
	m.conv(9, 3, same, false)
	m.norm(9)
	m.node("Relu", graph.Node{})
	m.conv(channels, 3, same, true)
	m.node("Add", graph.Node{}, before)
	m.node("Relu", graph.Node{})
}

func TestOperatorsAgreeWithTheReference(t *testing.T) {
	for name, build := range each {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(20) {
				r := rand.New(rand.NewPCG(seed, 2))
				shape := []int{1 + r.IntN(5), 5 + r.IntN(5), 5 + r.IntN(5)}
				if strings.HasSuffix(name, "of pixels") && strings.HasPrefix(name, "Conv") {
					shape[2] = shape[1] + r.IntN(3)
				}
				m := newMaker(seed, shape...)
				build(m)
				agrees(t, m, shape...)
			}
		})
	}
}
