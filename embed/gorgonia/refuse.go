package gorgonia

import (
	"fmt"
	"maps"
	"slices"

	"github.com/facesieve/facesieve/embed/graph"
)

// lacks is the error about a node that can't be computed.
func lacks(n graph.Node, format string, args ...any) error {
	return fmt.Errorf("%w: %v: "+format, append([]any{ErrOperator, n}, args...)...)
}

// wrong is the error about a node that does not fit the model's other parts.
func wrong(n graph.Node, format string, args ...any) error {
	return fmt.Errorf("%w: %v: "+format, append([]any{ErrModel, n}, args...)...)
}

// onlyAttributes refuses attributes that a node is not computed with.
func onlyAttributes(n graph.Node, names ...string) error {
	for _, have := range [][]string{slices.Sorted(maps.Keys(n.Int)), slices.Sorted(maps.Keys(n.Ints)),
		slices.Sorted(maps.Keys(n.Floats)), slices.Sorted(maps.Keys(n.Strings))} {
		for _, name := range have {
			if !slices.Contains(names, name) {
				return lacks(n, "attribute %s", name)
			}
		}
	}
	return nil
}
