package gorgonia_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/embed/gorgonia"
	"github.com/facesieve/facesieve/embed/graph"
)

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
			m.graph.Nodes[0].Int = map[string]int64{"training_mode": 1}
		}, "training"},
		"weights that are computed": {func(m *maker) {
			m.node("Relu", graph.Node{})
			m.node("Conv", graph.Node{}, "face")
		}, "not a constant"},
		"outputs": {func(m *maker) {
			m.node("MaxPool", graph.Node{Ints: map[string][]int64{"kernel_shape": {2, 2}}})
			m.graph.Nodes[0].Outputs = append(m.graph.Nodes[0].Outputs, "indices")
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
	if _, there := m.graph.Weights["wide"]; !there {
		m.graph.Weights["wide"] = graph.Tensor{Name: "wide", Shape: []int{3, 3, 1, 1}, Data: make([]float32, 9)}
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
