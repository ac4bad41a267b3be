package gorgonia_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/facesieve/facesieve/embed/gorgonia"
	"github.com/facesieve/facesieve/embed/graph"
)

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
// at any place, beside any other, in any number of running.
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
	var running sync.WaitGroup
	for copied, batch := range []int{1, 7, 16, 32, 1, 7} {
		n := first.Clone()
		if copied%2 == 1 {
			n = open(t, model, batch)
		}
		running.Go(func() {
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
	running.Wait()
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
