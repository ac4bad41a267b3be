package graph_test

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/facesieve/facesieve/embed/graph"
)

func small() *graph.Graph {
	return &graph.Graph{
		Name:    "small",
		Opset:   14,
		Inputs:  []graph.Value{{Name: "face", Shape: []int{-1, 3, 4, 4}, Type: graph.Float32}},
		Outputs: []graph.Value{{Name: "embedding", Shape: []int{-1, 2}, Type: graph.Float32}},
		Nodes: []graph.Node{
			{Name: "flat", Op: "Reshape", Inputs: []string{"conv", "target"}, Outputs: []string{"flat"}},
			{Name: "c1", Op: "Conv", Inputs: []string{"face", "w", ""}, Outputs: []string{"conv"},
				Int: map[string]int64{"group": 1}, Ints: map[string][]int64{"pads": {0, 0, 0, 0}, "kernel_shape": {4, 4}},
				Strings: map[string]string{"auto_pad": "NOTSET"}},
			{Name: "scale", Op: "Gemm", Inputs: []string{"flat", "m"}, Outputs: []string{"embedding"},
				Floats: map[string]float32{"alpha": .5}, Int: map[string]int64{"transB": 1}},
		},
		Weights: map[string]graph.Tensor{
			"w":      {Name: "w", Shape: []int{2, 3, 4, 4}, Data: make([]float32, 96)},
			"m":      {Name: "m", Shape: []int{2, 2}, Data: []float32{1, float32(math.Inf(1)), -0.5, 0}},
			"target": {Name: "target", Shape: []int{2}, Ints: []int64{0, -1}},
		},
	}
}

func written(t testing.TB, g *graph.Graph) []byte {
	t.Helper()
	model, err := g.Write()
	if err != nil {
		t.Fatal(err)
	}
	return model
}

func TestWhatIsWrittenIsReadWithItsNodesSorted(t *testing.T) {
	g := small()
	model := written(t, g)
	if again := written(t, small()); !bytes.Equal(model, again) {
		t.Error("equal graphs give different bytes")
	}
	if g.Nodes[0].Name != "flat" {
		t.Error("writing changed the graph")
	}
	got, err := graph.Read(model)
	if err != nil {
		t.Fatal(err)
	}
	want := small()
	want.Nodes[0], want.Nodes[1] = want.Nodes[1], want.Nodes[0]
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read\n%+v\nwant\n%+v", got, want)
	}
	if again := written(t, got); !bytes.Equal(model, again) {
		t.Error("what was read is written differently")
	}
}

func TestConstantsAreWeights(t *testing.T) {
	model, err := os.ReadFile(filepath.Join("..", "testdata", "tiny-embed.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	g, err := graph.Read(model)
	if err != nil {
		t.Fatal(err)
	}
	if got := g.Weights["target"].Ints; !reflect.DeepEqual(got, []int64{1, -1}) {
		t.Errorf("the Constant's value is %v", got)
	}
	if len(g.Nodes) != 3 || g.Nodes[0].Op != "AveragePool" || g.Opset != 13 {
		t.Errorf("nodes %v, operator set %d", g.Nodes, g.Opset)
	}
}

func TestGraphsThatDoNotFitAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*graph.Graph)
		want  string
	}{
		"an input from nowhere": {func(g *graph.Graph) { g.Nodes[1].Inputs[0] = "faces" }, `Conv node "c1": nothing gives its input "faces"`},
		"a cycle":               {func(g *graph.Graph) { g.Nodes[1].Inputs[0] = "flat" }, "depends on itself"},
		"an output twice":       {func(g *graph.Graph) { g.Nodes[2].Outputs[0] = "conv" }, `Gemm node "scale": its output "conv" is defined twice`},
		"an output from nowhere": {func(g *graph.Graph) { g.Outputs[0].Name = "vector" },
			`nothing gives the output "vector"`},
		"a weight as output": {func(g *graph.Graph) { g.Nodes[2].Outputs[0] = "w" }, "defined twice"},
		"an input that is a weight": {func(g *graph.Graph) { g.Inputs = append(g.Inputs, graph.Value{Name: "w"}) },
			`input "w" is defined twice`},
		"too little data": {func(g *graph.Graph) {
			g.Weights["m"] = graph.Tensor{Name: "m", Shape: []int{2, 3}, Data: make([]float32, 5)}
		},
			`tensor "m" has 5 elements, its shape [2 3] has 6`},
		"too large a shape": {func(g *graph.Graph) {
			g.Weights["m"] = graph.Tensor{Name: "m", Shape: []int{1 << 31, 1 << 31, 4}}
		},
			"too many elements"},
		"a negative dimension": {func(g *graph.Graph) { g.Weights["m"] = graph.Tensor{Name: "m", Shape: []int{-1}} }, "negative"},
		"two types": {func(g *graph.Graph) {
			g.Weights["m"] = graph.Tensor{Name: "m", Shape: []int{2}, Ints: []int64{1}, Data: []float32{1}}
		},
			"float32 and int64"},
		"an attribute that is not read": {func(g *graph.Graph) { g.Nodes[1].Others = []string{"body"} }, `"body"`},
		"an attribute twice":            {func(g *graph.Graph) { g.Nodes[1].Int["pads"] = 1 }, "twice"},
	} {
		g := small()
		c.spoil(g)
		if _, err := g.Write(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// tensorOf is a TensorProto named w.
func tensorOf(kind uint64, dims []uint64, raw []byte) []byte {
	var out []byte
	for _, d := range dims {
		out = protowire.AppendVarint(protowire.AppendTag(out, graph.TensorDims, protowire.VarintType), d)
	}
	out = protowire.AppendVarint(protowire.AppendTag(out, graph.TensorType, protowire.VarintType), kind)
	out = graph.AppendMessage(out, graph.TensorName, []byte("w"))
	return graph.AppendMessage(out, graph.TensorRaw, raw)
}

func TestHostileTensorsAreRefused(t *testing.T) {
	for name, tensor := range map[string][]byte{
		"product overflows":   tensorOf(graph.Float32, []uint64{1 << 31, 1 << 31, 1 << 2}, nil),
		"dimension overflows": tensorOf(graph.Float32, []uint64{1 << 63}, nil),
		"raw data too short":  tensorOf(graph.Float32, []uint64{3}, make([]byte, 8)),
		"raw data too long":   tensorOf(graph.Float32, []uint64{1}, make([]byte, 8)),
		"half an element":     tensorOf(graph.Float32, []uint64{1}, make([]byte, 6)),
		"float64":             tensorOf(11, []uint64{1}, make([]byte, 8)),
		"no data at all":      tensorOf(graph.Float32, []uint64{1 << 30}, nil),
		"many dimensions":     tensorOf(graph.Float32, make([]uint64, 1000), nil),
	} {
		model := graph.AppendMessage(nil, graph.ModelGraph, graph.AppendMessage(nil, graph.GraphInitializer, tensor))
		if _, err := graph.Read(model); !errors.Is(err, graph.ErrModel) || !strings.Contains(err.Error(), `tensor "w"`) {
			t.Errorf("%s: %v does not name the tensor", name, err)
		}
	}
	for _, file := range []string{"", "<html>not found</html>", "\x3a\xff\xff\xff\xff\x0f"} {
		if _, err := graph.Read([]byte(file)); !errors.Is(err, graph.ErrModel) {
			t.Errorf("Read(%q) gives %v, not an ErrModel", file, err)
		}
	}
}

// Parts of two bytes each are not read without end.
func TestTooManyPartsAreRefused(t *testing.T) {
	for _, part := range []byte{graph.GraphNode, graph.GraphInput, graph.GraphOutput} {
		body := bytes.Repeat([]byte{part<<3 | byte(protowire.BytesType), 0}, 1<<17)
		_, err := graph.Read(graph.AppendMessage(nil, graph.ModelGraph, body))
		if !errors.Is(err, graph.ErrModel) || !strings.Contains(err.Error(), "more than 65536") {
			t.Errorf("part %d: %v", part, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"tiny-embed.onnx", "tiny-detect.onnx", "nan.onnx"} {
		model, err := os.ReadFile(filepath.Join("..", "testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(model)
		f.Add(model[:len(model)/2])
	}
	f.Add(written(f, small()))
	f.Fuzz(func(t *testing.T, model []byte) {
		g, err := graph.Read(model)
		if err != nil {
			return
		}
		once, err := g.Write()
		if err != nil {
			return // attributes of types that are not written
		}
		again, err := graph.Read(once)
		if err != nil {
			t.Fatalf("what Write wrote can't be read: %v", err)
		}
		if twice, err := again.Write(); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("what Write wrote is written differently when read: %v", err)
		}
	})
}
