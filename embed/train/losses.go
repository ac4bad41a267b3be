package train

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"
)

// ErrLoss means that no loss has that name.
var ErrLoss = errors.New("unknown loss")

// lossFunction is what training adds after the embedding: one row of weights for
// each class, and a loss. A further one is a further entry of losses.
type lossFunction struct {
	name          string
	unit          bool    // embedding and weights are scaled to length one
	scale, margin float32 // see crossEntropy; training lets the margin grow to this
}

func losses() []lossFunction {
	return []lossFunction{
		// Wang et al. 2018, Additive Margin Softmax for Face Verification.
		{name: "amsoftmax", unit: true, scale: 30, margin: .35},
		// Wang et al. 2017, NormFace.
		{name: "normface", unit: true, scale: 30},
		{name: "softmax", scale: 1},
	}
}

// findLoss gives a loss by its name.
func findLoss(name string) (lossFunction, error) {
	var names []string
	for _, l := range losses() {
		if l.name == name {
			return l, nil
		}
		names = append(names, l.name)
	}
	slices.Sort(names)
	return lossFunction{}, fmt.Errorf("%w %q: name one of %s", ErrLoss, name, strings.Join(names, ", "))
}

// node gives the logits of embeddings, one row a picture, and the loss. weights
// has a row for each class; margin is one by one.
func (l lossFunction) node(
	embedding, weights, classes, margin *gorgonia.Node,
) (logits, loss *gorgonia.Node, err error) {
	if l.unit {
		if embedding, err = unitRows(embedding); err != nil {
			return nil, nil, err
		}
		if weights, err = unitRows(weights); err != nil {
			return nil, nil, err
		}
	}
	p := product{n: embedding.Shape()[0], outputs: weights.Shape()[0], values: weights.Shape()[1]}
	if logits, err = p.node(embedding, weights); err != nil {
		return nil, nil, err
	}
	e := crossEntropy{rows: p.n, classes: p.outputs, scale: l.scale}
	loss, err = e.node(logits, classes, margin)
	return logits, loss, err
}
