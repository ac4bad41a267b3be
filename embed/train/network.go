package train

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// ErrNetwork means that layers make no network.
var ErrNetwork = errors.New("impossible network")

// Side is the width and height of the pictures that the network proper sees: an
// ArcFace crop whose pixels are averaged two by two.
const Side = 56

// Layer is a 3x3 convolution with a batch normalization and max(0, x) after it.
type Layer struct {
	Channels int `json:"channels"`
	Stride   int `json:"stride"` // 1 or 2
}

// Network is what turns a picture of Side by Side pixels into an embedding: layers
// in a row, and a full connection to Dim values, normalized once more.
type Network struct {
	Layers []Layer `json:"layers"`
	Dim    int     `json:"dim"`
}

// ParseNetwork reads layers as "16/2,32/2,48,64/2,96": channels and, where it is
// not 1, the stride. Errors wrap ErrNetwork.
func ParseNetwork(layers string, dim int) (Network, error) {
	n := Network{Dim: dim}
	for word := range strings.SplitSeq(layers, ",") {
		channels, stride, strided := strings.Cut(strings.TrimSpace(word), "/")
		l := Layer{Stride: 1}
		var err error
		if l.Channels, err = strconv.Atoi(channels); err == nil && strided {
			l.Stride, err = strconv.Atoi(stride)
		}
		if err != nil {
			return Network{}, fmt.Errorf("train: %w: layer %q: write channels and the stride, for example 16/2,32/2,48",
				ErrNetwork, word)
		}
		n.Layers = append(n.Layers, l)
	}
	return n, n.validate()
}

func (n Network) validate() error {
	if len(n.Layers) == 0 || len(n.Layers) > 32 || n.Dim < 1 || n.Dim > 4096 {
		return fmt.Errorf("train: %w: %d layers and dimension %d: 1 to 32 layers and a dimension of 1 to 4096 are possible",
			ErrNetwork, len(n.Layers), n.Dim)
	}
	for _, l := range n.Layers {
		if l.Channels < 1 || l.Channels > 4096 || (l.Stride != 1 && l.Stride != 2) {
			return fmt.Errorf("train: %w: %d channels with stride %d: 1 to 4096 channels and a stride of 1 or 2 are possible",
				ErrNetwork, l.Channels, l.Stride)
		}
	}
	return nil
}

// convolutions are the network's for a batch.
func (n Network) convolutions(batch int) (out []convolution) {
	size, in := Side, 3
	for i, l := range n.Layers {
		c := convolution{batch: batch, size: size, in: in, out: l.Channels, stride: l.Stride, firstLayer: i == 0}
		out = append(out, c)
		size, in = c.outSize(), l.Channels
	}
	return out
}

// flat is the number of values that are fully connected to the embedding.
func (n Network) flat() int {
	convolutions := n.convolutions(1)
	last := convolutions[len(convolutions)-1]
	return last.outSize() * last.outSize() * last.out
}

// Parameter is a matrix that training changes.
type Parameter struct {
	Name       string
	Rows, Cols int
	Values     []float32
	// Decays is whether weight decay applies: not to scales and shifts.
	Decays bool
}

// Moments are the running statistics of one normalization: the mean in row 0, the
// variance in row 1.
type Moments struct {
	Name   string
	Values []float32
}

// Model is a network's numbers.
type Model struct {
	Network    Network
	Classes    int
	Parameters []*Parameter // conv0, affine0, ..., embedding, affine, classes
	Moments    []*Moments   // one for each normalization
}

// NewModel draws the numbers that training begins with (He et al. 2015), from a
// seed.
func NewModel(n Network, classes int, seed uint64) *Model {
	m := &Model{Network: n, Classes: classes}
	random := rand.New(rand.NewPCG(seed, 0x6d6f64656c))
	weights := func(name string, rows, cols int, deviation float64) {
		p := &Parameter{Name: name, Rows: rows, Cols: cols, Values: make([]float32, rows*cols), Decays: true}
		for i := range p.Values {
			p.Values[i] = float32(random.NormFloat64() * deviation)
		}
		m.Parameters = append(m.Parameters, p)
	}
	normalization := func(name string, cols int) {
		p := &Parameter{Name: "affine" + name, Rows: 2, Cols: cols, Values: make([]float32, 2*cols)}
		s := &Moments{Name: "moments" + name, Values: make([]float32, 2*cols)}
		for i := range cols {
			p.Values[i], s.Values[cols+i] = 1, 1
		}
		m.Parameters, m.Moments = append(m.Parameters, p), append(m.Moments, s)
	}
	for i, c := range n.convolutions(1) {
		weights(fmt.Sprint("conv", i), c.patch(), c.out, math.Sqrt(2/float64(c.patch())))
		normalization(fmt.Sprint(i), c.out)
	}
	weights("embedding", n.Dim, n.flat(), math.Sqrt(1/float64(n.flat())))
	normalization("", n.Dim)
	weights("classes", classes, n.Dim, math.Sqrt(1/float64(n.Dim)))
	return m
}

// parameter finds one by its name; every model has it.
func (m *Model) parameter(name string) *Parameter {
	for _, p := range m.Parameters {
		if p.Name == name {
			return p
		}
	}
	return &Parameter{}
}

// expression is a network as one of Gorgonia's graphs.
type expression struct {
	graph      *gorgonia.ExprGraph
	input      []float32 // pixels of the batch, row by row, three channels each
	parameters gorgonia.Nodes
	statistics gorgonia.Nodes // of each normalization
	embedding  *gorgonia.Node
}

// leaf is a node whose value is a slice, read anew in each run.
func leaf(g *gorgonia.ExprGraph, name string, rows, cols int, values []float32) *gorgonia.Node {
	t := tensor.New(tensor.WithShape(rows, cols), tensor.WithBacking(values))
	return gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithName(name), gorgonia.WithShape(rows, cols),
		gorgonia.WithValue(t))
}

// express builds the graph from pixels to embeddings. In training each batch is
// normalized by itself, otherwise by the running statistics.
func (m *Model) express(batch int, training bool) (*expression, error) {
	e := &expression{graph: gorgonia.NewGraph(), input: make([]float32, batch*Side*Side*3)}
	for _, p := range m.Parameters {
		e.parameters = append(e.parameters, leaf(e.graph, p.Name, p.Rows, p.Cols, p.Values))
	}
	next := e.parameters
	take := func() *gorgonia.Node {
		n := next[0]
		next = next[1:]
		return n
	}
	normalize := func(x *gorgonia.Node, relu bool) (*gorgonia.Node, error) {
		n := normalization{rows: x.Shape()[0], cols: x.Shape()[1], relu: relu}
		running := m.Moments[len(e.statistics)]
		statistics := leaf(e.graph, running.Name, 2, n.cols, running.Values)
		if training {
			var err error
			if statistics, err = n.statistics(x); err != nil {
				return nil, err
			}
		}
		e.statistics = append(e.statistics, statistics)
		return n.node(x, take(), statistics)
	}
	x := leaf(e.graph, "pixels", batch*Side*Side, 3, e.input)
	var err error
	for _, c := range m.Network.convolutions(batch) {
		if x, err = c.node(x, take()); err != nil {
			return nil, err
		}
		if x, err = normalize(x, true); err != nil {
			return nil, err
		}
	}
	p := product{n: batch, outputs: m.Network.Dim, values: m.Network.flat()}
	if x, err = reshaped(x, p.n, p.values); err != nil {
		return nil, err
	}
	if x, err = p.node(x, take()); err != nil {
		return nil, err
	}
	e.embedding, err = normalize(x, false)
	return e, err
}
