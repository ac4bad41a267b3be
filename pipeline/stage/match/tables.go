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
	images     []schemas.Neighbour                 // images that the set shares with a reference
	imageOf    map[identityPair]*schemas.Neighbour // the first of them for each pair of identities
	names      map[schemas.Source]map[string][]int // identities of a reference by normal name
}

// identityPair is an identity of the set and one of a reference.
type identityPair struct {
	source schemas.Source
	a, b   string
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
