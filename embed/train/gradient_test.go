package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"
)

// operand is a matrix that a test differentiates by, or not.
type operand struct {
	rows, cols int
	values     []float32
	constant   bool
}

func drawn(r *rand.Rand, rows, cols int) operand {
	o := operand{rows: rows, cols: cols, values: make([]float32, rows*cols)}
	for i := range o.values {
		o.values[i] = float32(r.NormFloat64())
	}
	return o
}

// expressed is a test's expression of operands.
type expressed func(nodes gorgonia.Nodes) (*gorgonia.Node, error)

// weighted is the sum of all elements, each with a weight of its own, so that no
// gradient is the same for two of them.
func weighted(x *gorgonia.Node) (*gorgonia.Node, error) {
	rows, cols := x.Shape()[0], x.Shape()[1]
	weight := func(i int) float32 { return float32(math.Sin(float64(i)*1.7 + .3)) }
	o := &operation{name: "weighted", operands: 1, wrt: []bool{true}}
	o.run = func(out []float32, in [][]float32) {
		var sum float64
		for i, v := range in[0] {
			sum += float64(weight(i)) * float64(v)
		}
		out[0] = float32(sum)
	}
	o.diff = func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
		d := &operation{name: "gradient of weighted", rows: rows, cols: cols, operands: 1, scalars: []bool{true}}
		d.run = func(out []float32, in [][]float32) {
			for i := range out {
				out[i] = weight(i) * in[0][0]
			}
		}
		n, err := d.apply(grad)
		return gorgonia.Nodes{n}, err
	}
	return o.apply(x)
}

// machine runs an expression of operands and gives its value and gradients.
func machine(t *testing.T, operands []operand, f expressed) func() (float64, [][]float32) {
	t.Helper()
	g := gorgonia.NewGraph()
	var nodes, wrt gorgonia.Nodes
	for i, o := range operands {
		nodes = append(nodes, leaf(g, fmt.Sprint("operand ", i), o.rows, o.cols, o.values))
		if !o.constant {
			wrt = append(wrt, nodes[i])
		}
	}
	loss, err := f(nodes)
	if err == nil && !loss.IsScalar() {
		loss, err = weighted(loss)
	}
	if err != nil {
		t.Fatal(err)
	}
	gradients, err := gorgonia.Grad(loss, wrt...)
	if err != nil {
		t.Fatal(err)
	}
	vm := gorgonia.NewTapeMachine(g)
	return func() (float64, [][]float32) {
		t.Helper()
		vm.Reset()
		if err := vm.RunAll(); err != nil {
			t.Fatal(err)
		}
		var out [][]float32
		for _, n := range gradients {
			out = append(out, append([]float32(nil), values(n)...))
		}
		v, _ := loss.Value().Data().(float32)
		return float64(v), out
	}
}

// checkGradients compares automatic gradients with differences over 2h. The
// arithmetic is float32: what is taken for equal has room for its rounding.
func checkGradients(t *testing.T, h, tolerance float64, operands []operand, f expressed) {
	t.Helper()
	run := machine(t, operands, f)
	_, gradients := run()
	k := 0
	for n, o := range operands {
		if o.constant {
			continue
		}
		automatic := gradients[k]
		k++
		var greatest float64
		for i, v := range o.values {
			o.values[i] = v + float32(h)
			above, _ := run()
			o.values[i] = v - float32(h)
			below, _ := run()
			o.values[i] = v
			numeric := (above - below) / (2 * h)
			greatest = max(greatest, math.Abs(numeric))
			if !(math.Abs(numeric-float64(automatic[i])) <= tolerance*max(1, math.Abs(numeric))) {
				t.Errorf("operand %d, value %d: the gradient is %v, a difference gives %v",
					n, i, automatic[i], numeric)
			}
		}
		if greatest < .05 {
			t.Errorf("operand %d: its gradients are all below %.3f: nothing is tested", n, greatest)
		}
	}
}

func TestConvolutionGradient(t *testing.T) {
	for _, stride := range []int{1, 2} {
		for _, size := range []int{5, 6} {
			c := convolution{batch: 5, size: size, in: 2, out: 17, stride: stride}
			r := rand.New(rand.NewPCG(1, uint64(stride)))
			operands := []operand{drawn(r, c.batch*size*size, 2), drawn(r, c.patch(), c.out)}
			// Bilinear: a difference over any h is exact but for rounding.
			checkGradients(t, .5, 2e-3, operands, func(n gorgonia.Nodes) (*gorgonia.Node, error) { return c.node(n[0], n[1]) })
		}
	}
}

// The convolution is that of its definition.
func TestConvolution(t *testing.T) {
	for _, c := range []convolution{
		{batch: 3, size: 7, in: 3, out: 5, stride: 1}, {batch: 3, size: 7, in: 3, out: 16, stride: 2},
		{batch: 1, size: 8, in: 1, out: 33, stride: 2}, {batch: 9, size: 1, in: 2, out: 2, stride: 1},
	} {
		r := rand.New(rand.NewPCG(5, 6))
		x, w := drawn(r, c.batch*c.size*c.size, c.in), drawn(r, c.patch(), c.out)
		g := gorgonia.NewGraph()
		y, err := c.node(leaf(g, "x", x.rows, x.cols, x.values), leaf(g, "w", w.rows, w.cols, w.values))
		if err != nil {
			t.Fatal(err)
		}
		if err := gorgonia.NewTapeMachine(g).RunAll(); err != nil {
			t.Fatal(err)
		}
		got, side := values(y), c.outSize()
		for i := range got {
			channel, column, row, picture := i%c.out, i/c.out%side, i/c.out/side%side, i/c.out/side/side
			var want float64
			for place := range kernel * kernel {
				py, px := row*c.stride+place/kernel-1, column*c.stride+place%kernel-1
				if py < 0 || px < 0 || py >= c.size || px >= c.size {
					continue
				}
				for in := range c.in {
					want += float64(x.values[((picture*c.size+py)*c.size+px)*c.in+in]) * float64(w.values[(place*c.in+in)*c.out+channel])
				}
			}
			if !(math.Abs(want-float64(got[i])) < 1e-4) {
				t.Fatalf("%+v: value %d is %v, want %v", c, i, got[i], want)
			}
		}
	}
}

// normalized is a normalization by the statistics of x itself.
func normalized(relu bool) expressed {
	return func(n gorgonia.Nodes) (*gorgonia.Node, error) {
		norm := normalization{rows: n[0].Shape()[0], cols: n[0].Shape()[1], relu: relu}
		statistics, err := norm.statistics(n[0])
		if err != nil {
			return nil, err
		}
		return norm.node(n[0], n[1], statistics)
	}
}

// offKink finds operands of a normalization for which no result is so near to 0
// that a difference would cross it.
func offKink(t *testing.T) []operand {
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(7, seed))
		operands := []operand{drawn(r, 9, 3), drawn(r, 2, 3)}
		g := gorgonia.NewGraph()
		y, err := normalized(false)(gorgonia.Nodes{leaf(g, "x", 9, 3, operands[0].values), leaf(g, "affine", 2, 3, operands[1].values)})
		if err != nil {
			t.Fatal(err)
		}
		if err := gorgonia.NewTapeMachine(g).RunAll(); err != nil {
			t.Fatal(err)
		}
		least := math.Inf(1)
		for _, v := range values(y) {
			least = min(least, math.Abs(float64(v)))
		}
		if least > .06 {
			return operands
		}
	}
	t.Fatal("no operands are off the kink")
	return nil
}

func TestNormalizationGradient(t *testing.T) {
	for _, relu := range []bool{false, true} {
		checkGradients(t, 5e-3, 5e-3, offKink(t), normalized(relu))
	}
}

func TestProductGradient(t *testing.T) {
	p := product{n: 5, outputs: 19, values: 7}
	r := rand.New(rand.NewPCG(9, 9))
	checkGradients(t, .5, 2e-3, []operand{drawn(r, 5, 7), drawn(r, 19, 7)}, func(n gorgonia.Nodes) (*gorgonia.Node, error) { return p.node(n[0], n[1]) })
}

func TestReshapedGradient(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	checkGradients(t, .5, 2e-3, []operand{drawn(r, 6, 4)}, func(n gorgonia.Nodes) (*gorgonia.Node, error) { return reshaped(n[0], 3, 8) })
}

func TestUnitRowsGradient(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 9))
	checkGradients(t, 5e-3, 2e-3, []operand{drawn(r, 6, 4)}, func(n gorgonia.Nodes) (*gorgonia.Node, error) { return unitRows(n[0]) })
}

// Each loss, with a scale at which float32 still resolves a difference.
func TestHeadGradient(t *testing.T) {
	for _, h := range losses() {
		t.Run(h.name, func(t *testing.T) {
			h.scale = min(h.scale, 6)
			r := rand.New(rand.NewPCG(11, 9))
			classes := operand{rows: 6, cols: 1, values: []float32{0, 3, 1, 4, 2, 2}, constant: true}
			margin := operand{rows: 1, cols: 1, values: []float32{h.margin}, constant: true}
			checkGradients(t, 1e-2, 3e-3, []operand{drawn(r, 6, 4), drawn(r, 5, 4), classes, margin}, func(n gorgonia.Nodes) (*gorgonia.Node, error) {
				_, loss, err := h.node(n[0], n[1], n[2], n[3])
				return loss, err
			})
		})
	}
}
