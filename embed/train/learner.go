package train

import (
	"fmt"

	"gorgonia.org/gorgonia"
)

// learner runs optimizer steps of one batch size.
type learner struct {
	model     *Model
	function  lossFunction
	pixels    []float32 // to be filled before an optimizer step
	classes   []float32
	margin    []float32 // one number, likewise
	machine   gorgonia.VM
	gradients gorgonia.Nodes
	moments   gorgonia.Nodes
	logits    *gorgonia.Node
	loss      *gorgonia.Node
}

func newLearner(m *Model, f lossFunction, batch int) (*learner, error) {
	e, err := m.express(batch, true)
	if err != nil {
		return nil, fmt.Errorf("train: the network: %w", err)
	}
	l := &learner{
		model: m, function: f, pixels: e.input, classes: make([]float32, batch), margin: []float32{f.margin},
		moments: e.statistics,
	}
	classes := leaf(e.graph, "true classes", batch, 1, l.classes)
	margin := leaf(e.graph, "margin", 1, 1, l.margin)
	if l.logits, l.loss, err = f.node(e.embedding, e.parameters[len(e.parameters)-1], classes,
		margin); err != nil {
		return nil, fmt.Errorf("train: loss %s: %w", f.name, err)
	}
	if l.gradients, err = gorgonia.Grad(l.loss, e.parameters...); err != nil {
		return nil, fmt.Errorf("train: the gradients: %w", err)
	}
	l.machine = gorgonia.NewTapeMachine(e.graph)
	return l, nil
}

// momentum is the share of the running statistics that an optimizer step keeps.
const momentum = .95

// step computes a batch's gradients, one slice for each of the model's parameters
// and valid until the next call, takes its statistics into the running ones, and
// gives its loss and how many pictures have their true class on top.
func (l *learner) step() (gradients [][]float32, loss float32, right int, err error) {
	l.machine.Reset()
	if err := l.machine.RunAll(); err != nil {
		return nil, 0, 0, fmt.Errorf("train: an optimizer step: %w", err)
	}
	for i, n := range l.moments {
		running, now := l.model.Moments[i].Values, values(n)
		for j, v := range now {
			running[j] += (1 - momentum) * (v - running[j])
		}
	}
	for _, n := range l.gradients {
		gradients = append(gradients, values(n))
	}
	loss, _ = l.loss.Value().Data().(float32)
	return gradients, loss, l.right(), nil
}

// values are those of a node after a run.
func values(n *gorgonia.Node) []float32 {
	v, _ := n.Value().Data().([]float32)
	return v
}

func (l *learner) right() (n int) {
	logits, classes := values(l.logits), l.model.Classes
	for r, own := range l.classes {
		row, best := logits[r*classes:][:classes], 0
		for i, v := range row {
			if v > row[best] {
				best = i
			}
		}
		if best == int(own) {
			n++
		}
	}
	return n
}

// Embedder computes embeddings with a model's running statistics, as the exported
// model does.
type Embedder struct {
	expression *expression
	machine    gorgonia.VM
	batch, dim int
}

// NewEmbedder makes an embedder of a model; it sees the model's later changes.
func NewEmbedder(m *Model, batch int) (*Embedder, error) {
	e, err := m.express(batch, false)
	if err != nil {
		return nil, fmt.Errorf("train: the network: %w", err)
	}
	return &Embedder{expression: e, machine: gorgonia.NewTapeMachine(e.graph), batch: batch,
		dim: m.Network.Dim}, nil
}

// Embed returns the embeddings of n pictures, not normalized, in order; fill writes
// the pixels of picture i, row by row, three channels each, from -1 to 1.
func (e *Embedder) Embed(n int, fill func(i int, pixels []float32)) ([][]float32, error) {
	const size = Side * Side * 3
	var out [][]float32
	for from := 0; from < n; from += e.batch {
		count := min(e.batch, n-from)
		share(count, func(_, first, end int) {
			for i := first; i < end; i++ {
				fill(from+i, e.expression.input[i*size:(i+1)*size])
			}
		})
		e.machine.Reset()
		if err := e.machine.RunAll(); err != nil {
			return nil, fmt.Errorf("train: embedding: %w", err)
		}
		all := values(e.expression.embedding)
		for i := range count {
			out = append(out, append([]float32(nil), all[i*e.dim:(i+1)*e.dim]...))
		}
	}
	return out, nil
}
