package pipeline

import (
	"context"
	"sort"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/matching"
	"github.com/facesieve/facesieve/schemas"
)

// folded is a source's part of the fold table, ready for products.
type folded struct {
	rows      []schemas.Centroid
	centroids cluster.Matrix      // trimmed: what images are compared with
	people    matching.Identities // untrimmed: what identities are compared by
	first     []int               // of each shard: identities before it; one more at the end
}

// foldTable reads the fold table by source.
func (t *tables) foldTable(ctx context.Context) (map[schemas.Source]*folded, error) {
	rows, err := getTable(ctx, t.store, schemas.AggregateObject(t.run), schemas.ReadCentroids)
	if err != nil {
		return nil, err
	}
	out := map[schemas.Source]*folded{}
	for _, src := range t.plan.Sources {
		n := sort.Search(len(rows), func(i int) bool { return rows[i].Source > src.Name })
		out[src.Name] = newFolded(src, rows[:n], t.spec.Embed.Contract.Dim)
		rows = rows[n:]
	}
	return out, nil
}

func newFolded(src schemas.PlanSource, rows []schemas.Centroid, dim int) *folded {
	f := &folded{rows: rows, first: firstIdentities(src), centroids: cluster.NewMatrix(len(rows), dim), people: matching.Identities{
		Centroids: cluster.NewMatrix(len(rows), dim),
		N:         make([]int32, len(rows)),
		Rho:       make([]float32, len(rows)),
	}}
	for i, c := range rows {
		copy(f.centroids.Row(i), c.Trimmed)
		copy(f.people.Centroids.Row(i), c.Matching)
		f.people.N[i], f.people.Rho[i] = c.Usable, c.Rho
		rows[i].Trimmed, rows[i].Matching = nil, nil // the table's memory goes
	}
	return f
}

// slice is the identities of one shard.
func (f *folded) slice(shard int) matching.Identities {
	a, b := f.first[shard], f.first[shard+1]
	m := f.people.Centroids
	return matching.Identities{
		Centroids: cluster.Matrix{Rows: b - a, Cols: m.Cols, Data: m.Data[a*m.Cols : b*m.Cols]},
		N:         f.people.N[a:b],
		Rho:       f.people.Rho[a:b],
	}
}

// shardOf is the shard of identity i.
func (f *folded) shardOf(i int) int {
	return sort.Search(len(f.first), func(k int) bool { return f.first[k] > i }) - 1
}

// find is the index of a label; -1: there is none. Labels ascend.
func (f *folded) find(label string) int {
	i := sort.Search(len(f.rows), func(i int) bool { return f.rows[i].Label >= label })
	if i < len(f.rows) && f.rows[i].Label == label {
		return i
	}
	return -1
}

// usable counts the identities with a centroid.
func (f *folded) usable() float64 {
	n := 0
	for _, c := range f.people.N {
		if c > 0 {
			n++
		}
	}
	return float64(n)
}

// peopleFile is people.json: the models of comparisons between identities and
// how many comparisons this run makes.
type peopleFile struct {
	Splits     comparison                    `json:"splits"`
	References map[schemas.Source]comparison `json:"references"`
}

// comparison is one sort of comparison between identities.
type comparison struct {
	Model       matching.Model `json:"model"`
	Comparisons float64        `json:"comparisons"`
	Floor       float32        `json:"floor"` // score below which no pair can count
}

// fitPeople fits what comparisons between identities need, from the fold table.
func (r *run) fitPeople(ctx context.Context) error {
	name := schemas.MatchingObject(r.ID)
	if ok, err := exists(ctx, r.store, name); err != nil || ok {
		return err
	}
	all, err := r.foldTable(ctx)
	if err != nil {
		return err
	}
	set := all[schemas.Set]
	var refs []matching.Identities
	for _, src := range r.plan.Sources[1:] {
		refs = append(refs, all[src.Name].people)
	}
	n := set.usable()
	file := peopleFile{
		Splits:     newComparison(matching.FitSplits(set.people, refs), n*(n-1)/2, r.limits()),
		References: map[schemas.Source]comparison{},
	}
	for i, src := range r.plan.Sources[1:] {
		model := matching.FitReference(set.people, refs[i])
		file.References[src.Name] = newComparison(model, n*all[src.Name].usable(), r.limits())
	}
	return putJSON(ctx, r.store, name, file)
}

func newComparison(m matching.Model, comparisons float64, limits matching.Limits) comparison {
	return comparison{Model: m, Comparisons: comparisons, Floor: m.Floor(comparisons, limits)}
}

// limits are those of the tiers, from the Spec.
func (t *tables) limits() matching.Limits {
	return matching.Limits{Certain: t.spec.Judge.Certain.Float(), Probable: t.spec.Judge.Probable.Float()}
}
