package match

import (
	"context"
	"io"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// siblings says whether two identities are groups of one label.
func siblings(set *runstore.Identities, a, b int) bool {
	x, _ := schemas.CutGroup(set.Rows[a].Label)
	y, _ := schemas.CutGroup(set.Rows[b].Label)
	return x == y
}

// nearestLabel returns the identity nearest to identity a that is no group of its label;
// of equal ones the first; -1: there is none.
func (c *comparer) nearestLabel(a int) int {
	set := c.tables.Identities[schemas.Set]
	all, best, highest := matched(set), -1, float32(-2)
	for b := range set.Rows {
		if set.Usable[b] == 0 || siblings(set, a, b) {
			continue
		}
		if x := cluster.Dot(all.Centroids.Row(a), all.Centroids.Row(b)); x > highest {
			best, highest = b, x
		}
	}
	return best
}

// isGuest says whether one side of a row is a further group of a merged label: the row is
// then none of the pairs table, which is about labels.
func isGuest(n schemas.Neighbour) bool {
	_, a := schemas.CutGroup(n.A)
	_, b := schemas.CutGroup(n.B)
	return a > 1 || b > 1
}

// writeGuests writes the table of identities of the set that are the person of a further
// group of a merged label.
func writeGuests(ctx context.Context, run *runstore.Run, rows []schemas.Neighbour) error {
	return runstore.PutTable(ctx, run.Store, schemas.GuestsObject(run.ID), func(w io.Writer) error {
		return schemas.WriteNeighbours(w, rows)
	})
}

// oneOverlap leaves, of the overlaps of one label with one person, which are of several
// groups of the label, the first; they are sorted, the surest first.
func oneOverlap(all []schemas.Overlap) []schemas.Overlap {
	type key struct {
		identity  string
		reference schemas.Source
		person    string
	}
	seen, out := map[key]bool{}, all[:0]
	for _, o := range all {
		k := key{o.Identity, o.Reference, o.ReferenceIdentity}
		if !seen[k] {
			seen[k] = true
			out = append(out, o)
		}
	}
	return out
}
