package gorgonia_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/facesieve/facesieve/embed/gorgonia"
	"github.com/facesieve/facesieve/embed/graph"
)

// maker builds random graphs.
type maker struct {
	*graph.Graph
	r     *rand.Rand
	shape []int  // of the value that was made last, without the batch
	last  string // its name
}

func newMaker(seed uint64, shape ...int) *maker {
	m := &maker{Graph: &graph.Graph{Opset: 13, Weights: map[string]graph.Tensor{}}, r: rand.New(rand.NewPCG(seed, 1)), shape: shape, last: "face"}
	m.Inputs = []graph.Value{{Name: "face", Shape: append([]int{-1}, shape...), Type: graph.Float32}}
	return m
}

// weight makes random numbers; those of variances are positive.
func (m *maker) weight(scale float64, shape ...int) string {
	n := 1
	for _, d := range shape {
		n *= d
	}
	t := graph.Tensor{Name: fmt.Sprintf("w%d", len(m.Weights)), Shape: shape, Data: make([]float32, n)}
	for i := range t.Data {
		t.Data[i] = float32(m.r.NormFloat64() * scale)
	}
	m.Weights[t.Name] = t
	return t.Name
}

func (m *maker) positive(n int) string {
	name := m.weight(1, n)
	for i, v := range m.Weights[name].Data {
		m.Weights[name].Data[i] = .5 + v*v
	}
	return name
}

func (m *maker) ints(values ...int64) string {
	name := fmt.Sprintf("w%d", len(m.Weights))
	m.Weights[name] = graph.Tensor{Name: name, Shape: []int{len(values)}, Ints: values}
	return name
}

// node appends a node on the last value.
func (m *maker) node(op string, n graph.Node, constants ...string) {
	n.Op, n.Inputs = op, append([]string{m.last}, constants...)
	m.last = fmt.Sprintf("v%d", len(m.Nodes))
	n.Name, n.Outputs = "n"+m.last, []string{m.last}
	m.Nodes = append(m.Nodes, n)
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
	m.Outputs = []graph.Value{{Name: m.last}}
	model, err := m.Write()
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
	want := reference(m.Graph, in).data
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
		m.node("PRelu", graph.Node{}, m.weight(1, 4, 3, 1+m.shape0Width(m.shape)))
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

func (m *maker) size() int               { return m.shape[0] * m.shape[1] * m.shape[2] }
func (m *maker) shape0Width(_ []int) int { return m.Inputs[0].Shape[3] - m.Inputs[0].Shape[2] }
func (m *maker) scalar(v float32) string {
	name := fmt.Sprintf("w%d", len(m.Weights))
	m.Weights[name] = graph.Tensor{Name: name, Data: []float32{v}}
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

// network is one that uses every operator, about as large as the built-in model.
func network(seed uint64) *maker {
	m := newMaker(seed, 3, 112, 112)
	half := graph.Node{Ints: map[string][]int64{"pads": {1, 1, 1, 1}, "strides": {2, 2}}}
	m.node("AveragePool", graph.Node{Ints: map[string][]int64{"kernel_shape": {2, 2}, "strides": {2, 2}}})
	m.conv(16, 3, half, false)
	m.norm(16)
	m.node("Relu", graph.Node{})
	m.conv(32, 3, half, true)
	m.node("PRelu", graph.Node{}, m.weight(.3, 32, 1, 1))
	residual(m)
	m.shape = []int{32}
	m.node("MaxPool", graph.Node{Ints: map[string][]int64{"kernel_shape": {3, 3}, "strides": {2, 2}, "pads": {1, 1, 1, 1}}})
	m.conv(48, 1, graph.Node{}, true)
	m.node("Clip", graph.Node{}, m.scalar(-1), m.scalar(2))
	pooled := m.last
	m.node("GlobalAveragePool", graph.Node{})
	m.node("Reshape", graph.Node{}, m.ints(0, -1))
	m.node("Gemm", graph.Node{Floats: map[string]float32{"alpha": 1, "beta": 1}}, m.weight(.2, 48, 64), m.weight(1, 64))
	mean := m.last
	m.last = pooled
	m.node("Flatten", graph.Node{})
	m.node("Gemm", graph.Node{Floats: map[string]float32{"alpha": 1, "beta": 1}, Int: map[string]int64{"transB": 1}}, m.weight(.02, 64, 48*49))
	m.node("Add", graph.Node{}, mean)
	return m
}

func TestWholeNetworkAgreesWithTheReference(t *testing.T) {
	agrees(t, network(1), 3, 112, 112)
}

func open(t testing.TB, model []byte, batch int) *gorgonia.Network {
	t.Helper()
	n, err := gorgonia.Open(model, []int{batch, 3, 112, 112})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// One numeric kind: an input's output has the same bits in a batch of any size,
// at any place, beside any other, in any number of lanes.
func TestOutputsDoNotDependOnTheBatch(t *testing.T) {
	const most = 32
	model := network(2).model(t)
	first := open(t, model, most)
	r := rand.New(rand.NewPCG(7, 7))
	images := make([]float32, len(first.Input()))
	for i := range images {
		images[i] = float32(r.NormFloat64())
	}
	one := len(images) / most
	copy(first.Input(), images)
	out, err := first.Run(most)
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(out[0])
	dim := len(want) / most
	var lanes sync.WaitGroup
	for lane, batch := range []int{1, 7, 16, 32, 1, 7} {
		n := first.Clone()
		if lane%2 == 1 {
			n = open(t, model, batch)
		}
		lanes.Go(func() {
			for at := 0; at+batch <= most; at += batch {
				copy(n.Input(), images[at*one:(at+batch)*one])
				out, err := n.Run(batch)
				if err != nil || !slices.Equal(out[0], want[at*dim:(at+batch)*dim]) {
					t.Errorf("batch of %d at %d: other bits (%v)", batch, at, err)
					return
				}
			}
		})
	}
	lanes.Wait()
	if slices.Equal(want[:dim], want[dim:2*dim]) {
		t.Error("two different inputs give one output")
	}
}

func TestRunsAllocateNothing(t *testing.T) {
	n := open(t, network(3).model(t), 2)
	if allocations := testing.AllocsPerRun(3, func() {
		if _, err := n.Run(2); err != nil {
			t.Fatal(err)
		}
	}); allocations != 0 {
		t.Errorf("%v allocations a run", allocations)
	}
	if _, err := n.Run(3); err == nil {
		t.Error("three inputs ran in memory for two")
	}
}

func TestWhatIsLackedIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		build func(m *maker)
		want  string
	}{
		"group":    {func(m *maker) { m.conv(3, 3, graph.Node{Int: map[string]int64{"group": 3}}, false) }, `Conv node "nv0": group 3`},
		"operator": {func(m *maker) { m.node("Sigmoid", graph.Node{}) }, `Sigmoid node "nv0"`},
		"domain":   {func(m *maker) { m.node("Relu", graph.Node{Domain: "com.example"}) }, `Relu node "nv0"`},
		"auto_pad": {func(m *maker) { m.conv(3, 3, graph.Node{Strings: map[string]string{"auto_pad": "SAME_UPPER"}}, false) },
			`Conv node "nv0": auto_pad SAME_UPPER`},
		"ceil_mode": {func(m *maker) {
			m.node("MaxPool", graph.Node{Int: map[string]int64{"ceil_mode": 1}, Ints: map[string][]int64{"kernel_shape": {2, 2}}})
		}, "ceil_mode 1"},
		"transA": {func(m *maker) {
			m.node("Flatten", graph.Node{})
			m.node("Gemm", graph.Node{Int: map[string]int64{"transA": 1}}, m.weight(1, 3*112*112, 2))
		}, "transA 1"},
		"axis":              {func(m *maker) { m.node("Flatten", graph.Node{Int: map[string]int64{"axis": 2}}) }, "axis 2"},
		"attribute":         {func(m *maker) { m.node("Relu", graph.Node{Int: map[string]int64{"slope": 2}}) }, "attribute slope"},
		"batch in a target": {func(m *maker) { m.node("Reshape", graph.Node{}, m.ints(3, -1)) }, "own values"},
		"training": {func(m *maker) {
			m.norm(3)
			m.Nodes[0].Int = map[string]int64{"training_mode": 1}
		}, "training"},
		"weights that are computed": {func(m *maker) {
			m.node("Relu", graph.Node{})
			m.node("Conv", graph.Node{}, "face")
		}, "not a constant"},
		"outputs": {func(m *maker) {
			m.node("MaxPool", graph.Node{Ints: map[string][]int64{"kernel_shape": {2, 2}}})
			m.Nodes[0].Outputs = append(m.Nodes[0].Outputs, "indices")
		}, "2 outputs"},
		"memory": {func(m *maker) {
			m.node("AveragePool", graph.Node{Ints: map[string][]int64{"kernel_shape": {2, 2}, "pads": {1, 1, 1, 1}}})
			m.node("Add", graph.Node{}, m.weight(1, 1))
			for range 2000 {
				m.node("Conv", graph.Node{Ints: map[string][]int64{"pads": {9, 9, 9, 9}}}, m.wide())
			}
		}, "memory"},
	} {
		m := newMaker(1, 3, 112, 112)
		c.build(m)
		_, err := gorgonia.Open(m.model(t), []int{1, 3, 112, 112})
		if !errors.Is(err, gorgonia.ErrOperator) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// wide is the one weight of many convolutions.
func (m *maker) wide() string {
	if _, there := m.Weights["wide"]; !there {
		m.Weights["wide"] = graph.Tensor{Name: "wide", Shape: []int{3, 3, 1, 1}, Data: make([]float32, 9)}
	}
	return "wide"
}

func TestModelsThatDoNotFitAreRefused(t *testing.T) {
	for name, build := range map[string]func(m *maker){
		"weights of other channels": func(m *maker) { m.node("Conv", graph.Node{}, m.weight(1, 2, 4, 3, 3)) },
		"a kernel that is too large": func(m *maker) {
			m.node("MaxPool", graph.Node{Ints: map[string][]int64{"kernel_shape": {200, 200}}})
		},
		"a negative stride": func(m *maker) {
			m.conv(2, 3, graph.Node{Ints: map[string][]int64{"strides": {-1, 1}}}, false)
		},
		"int64 weights":      func(m *maker) { m.node("PRelu", graph.Node{}, m.ints(1)) },
		"too many outputs":   func(m *maker) { m.node("Flatten", graph.Node{}); m.node("Gemm", graph.Node{}, m.weight(1, 5, 5)) },
		"a bias that is off": func(m *maker) { m.node("Conv", graph.Node{}, m.weight(1, 2, 3, 3, 3), m.weight(1, 3)) },
	} {
		m := newMaker(1, 3, 112, 112)
		build(m)
		if _, err := gorgonia.Open(m.model(t), []int{1, 3, 112, 112}); !errors.Is(err, gorgonia.ErrModel) {
			t.Errorf("%s: %v is no ErrModel", name, err)
		}
	}
	m := newMaker(1, 3, 112, 112)
	m.node("Relu", graph.Node{})
	if _, err := gorgonia.Open(m.model(t), []int{1, 3, 64, 64}); !errors.Is(err, gorgonia.ErrModel) {
		t.Errorf("an input of another size: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	for _, name := range []string{"tiny-embed.onnx", "tiny-detect.onnx"} {
		model, err := os.ReadFile(filepath.Join("..", "testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(model)
	}
	for _, name := range []string{"Conv with all its attributes", "Gemm", "Reshape", "Add channels", "Conv, PRelu of channels"} {
		m := newMaker(1, 2, 6, 7)
		each[name](m)
		f.Add(m.model(f))
	}
	f.Fuzz(func(t *testing.T, model []byte) {
		for _, shape := range [][]int{{2, 2, 6, 7}, {1, 3, 112, 112}} {
			n, err := gorgonia.Open(model, shape)
			if err != nil {
				if !errors.Is(err, gorgonia.ErrModel) && !errors.Is(err, gorgonia.ErrOperator) {
					t.Errorf("%v is neither an ErrModel nor an ErrOperator", err)
				}
				continue
			}
			if _, err := n.Run(shape[0]); err != nil {
				t.Error(err)
			}
		}
	})
}
