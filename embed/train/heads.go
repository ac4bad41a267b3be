package train

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"
)

// ErrHead means that no loss has that name.
var ErrHead = errors.New("unknown head")

// head is what training adds after the embedding: one row of weights for each
// class, and a loss. A further loss is a further entry of heads.
type head struct {
	name          string
	unit          bool    // embedding and weights are scaled to length one
	scale, margin float32 // see crossEntropy; training lets the margin grow to this
}

func heads() []head {
	return []head{
		// Wang et al. 2018, Additive Margin Softmax for Face Verification.
		{name: "amsoftmax", unit: true, scale: 30, margin: .35},
		// Wang et al. 2017, NormFace.
		{name: "normface", unit: true, scale: 30},
		{name: "softmax", scale: 1},
	}
}

// findHead gives a head by its name.
func findHead(name string) (head, error) {
	var known []string
	for _, h := range heads() {
		if h.name == name {
			return h, nil
		}
		known = append(known, h.name)
	}
	return head{}, fmt.Errorf("%w %q: name one of %s", ErrHead, name, strings.Join(slices.Sorted(slices.Values(known)), ", "))
}

// node gives the logits of embeddings, one row a picture, and the loss. weights
// has a row for each class; margin is one by one.
func (h head) node(embedding, weights, classes, margin *gorgonia.Node) (logits, loss *gorgonia.Node, err error) {
	if h.unit {
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
	e := crossEntropy{rows: p.n, classes: p.outputs, scale: h.scale}
	loss, err = e.node(logits, classes, margin)
	return logits, loss, err
}
