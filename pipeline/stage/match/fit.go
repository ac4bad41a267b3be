// Package match is the stage that compares identities with each other: it finds two
// labels of the set that are one person, and identities of a reference that are in the
// set.
// The coordinator fits what the comparisons need (Fit) and gathers what was found
// (WriteTables); a task for each shard compares (Shard).
package match

import (
	"context"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/matching"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// Models is the object schemas.MatchingObject: the models of comparisons between
// identities, within the set and with each reference.
type Models struct {
	Splits     Comparison                    `json:"splits"`
	References map[schemas.Source]Comparison `json:"references"`
}

// Comparison is the model of one kind of comparison between identities, and the number
// of comparisons that the run makes.
type Comparison struct {
	Model       matching.Model `json:"model"`
	Comparisons float64        `json:"comparisons"`
	Floor       float32        `json:"floor"` // score below which no pair can count
}

// Fit fits the run's Models to the centroids of the aggregate table and writes them,
// unless they are there.
func Fit(ctx context.Context, run *runstore.Run) error {
	name := schemas.MatchingObject(run.ID)
	if ok, err := runstore.Exists(ctx, run.Store, name); err != nil || ok {
		return err
	}
	all, err := run.Identities(ctx)
	if err != nil {
		return err
	}
	set := all[schemas.Set]
	var refs []matching.Identities
	for _, src := range run.References() {
		refs = append(refs, matched(all[src.Name]))
	}
	n := float64(set.CountUsable())
	file := Models{
		Splits:     newComparison(run, matching.FitSplits(matched(set), refs), n*(n-1)/2),
		References: map[schemas.Source]Comparison{},
	}
	for i, src := range run.References() {
		model := matching.FitReference(matched(set), refs[i])
		file.References[src.Name] = newComparison(run, model, n*float64(all[src.Name].CountUsable()))
	}
	return run.PutJSON(ctx, name, file)
}

func newComparison(run *runstore.Run, m matching.Model, comparisons float64) Comparison {
	c := Comparison{Model: m, Comparisons: comparisons}
	c.Floor = m.Floor(comparisons, c.Limits(&run.Spec.Judge))
	return c
}

// matched returns a source's identities as the models take them.
func matched(ids *runstore.Identities) matching.Identities {
	return matching.Identities{Centroids: ids.Matching, N: ids.Usable, Rho: ids.Rho}
}

// part returns the identities from one up to another of those that were measured.
func part(all matching.Identities, from, to int) matching.Identities {
	m := all.Centroids
	return matching.Identities{
		Centroids: cluster.Matrix{Rows: to - from, Cols: m.Cols, Data: m.Data[from*m.Cols : to*m.Cols]},
		N:         all.N[from:to],
		Rho:       all.Rho[from:to],
		Width:     all.Width[from:to],
	}
}

// Limits returns those of the tiers that a Spec sets, among these comparisons.
func (c *Comparison) Limits(s *schemas.JudgeSpec) matching.Limits {
	return matching.Limits{Certain: s.Certain.Float(), Probable: s.Probable.Float()}.Among(c.Model, c.Comparisons)
}

// LoadModels returns the run's Models as Fit wrote them.
func LoadModels(ctx context.Context, run *runstore.Run) (*Models, error) {
	var m Models
	return &m, run.GetJSON(ctx, schemas.MatchingObject(run.ID), &m)
}
