package match

import (
	"context"

	"github.com/facesieve/facesieve/cluster/matching"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// Tables is what all match tasks of a run share.
type Tables struct {
	Identities map[schemas.Source]*runstore.Identities
	models     *Models
	splits     matching.Identities                 // the set's, measured by the model of splits
	overlaps   map[schemas.Source]sides            // the identities of both, measured by a reference's model
	images     []schemas.Neighbour                 // images that the set shares with a reference
	imageOf    map[identityPair]*schemas.Neighbour // the first of them for each pair of identities
	names      map[schemas.Source]map[string][]int // identities of a reference by normal name
}

// identityPair is an identity of the set and one of a reference.
type identityPair struct {
	source schemas.Source
	a, b   string
}

// sides are the identities of the set and of a reference.
type sides struct{ set, reference matching.Identities }

// measure measures the identities, as each comparison's model does.
func (t *Tables) measure() {
	set := matched(t.Identities[schemas.Set])
	t.splits = t.models.Splits.Model.Measured(set)
	t.overlaps = map[schemas.Source]sides{}
	for name, c := range t.models.References {
		t.overlaps[name] = sides{c.Model.Measured(set), c.Model.Measured(matched(t.Identities[name]))}
	}
}

// LoadTables returns what all match tasks of a run share, once Fit has written the
// run's models.
func LoadTables(ctx context.Context, run *runstore.Run) (*Tables, error) {
	t := &Tables{imageOf: map[identityPair]*schemas.Neighbour{}, names: map[schemas.Source]map[string][]int{}}
	var err error
	if t.Identities, err = run.Identities(ctx); err != nil {
		return nil, err
	}
	if t.models, err = LoadModels(ctx, run); err != nil {
		return nil, err
	}
	t.measure()
	equal, err := run.Neighbours(ctx, schemas.DuplicatesObject(run.ID))
	if err != nil {
		return nil, err
	}
	for _, n := range equal {
		if n.Kind == schemas.NeighbourImage {
			t.images = append(t.images, n)
		}
	}
	for i := range t.images {
		n := &t.images[i]
		if key := (identityPair{n.Source, n.A, n.B}); t.imageOf[key] == nil {
			t.imageOf[key] = n
		}
	}
	for _, src := range run.References() {
		byName := map[string][]int{}
		rows := t.Identities[src.Name].Rows
		for i := range rows {
			name := matching.NormalName(runstore.ComparedName(&rows[i]))
			byName[name] = append(byName[name], i)
		}
		t.names[src.Name] = byName
	}
	return t, nil
}
