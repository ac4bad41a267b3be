package secondlook

import (
	"context"
	"io"
	"math"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// Tables are what the lists of all shards are made by.
type Tables struct {
	model     Model
	centroids cluster.Matrix
	usable    []bool
}

// LoadTables reads what Fit wrote.
func LoadTables(ctx context.Context, run *runstore.Run) (*Tables, error) {
	var t Tables
	if err := run.GetJSON(ctx, schemas.DoubtModelObject(run.ID), &t.model); err != nil {
		return nil, err
	}
	rows, err := runstore.GetTable(ctx, run.Store, schemas.DoubtCentroidsObject(run.ID), schemas.ReadCentroids)
	if err != nil {
		return nil, err
	}
	t.centroids, t.usable = centroids(rows, max(1, run.Spec.Embed.Contract.Dim))
	return &t, nil
}

// doubts returns the images of a shard of the set that are to be looked at again, in
// order; first is the position of its first label among all.
func (t *Tables) doubts(v *runstore.Vectors, first int) []schemas.Doubt {
	p := make([]float32, len(v.Rows))
	for i := range p {
		p[i] = float32(math.NaN())
	}
	for k, l := range labelsOf(v) {
		if len(l.rows) < 2 {
			continue
		}
		own := first + k
		near := cluster.NearestK(l.vectors, t.centroids, 1, func(_, c int) bool { return !t.usable[c] || c == own })
		for i, row := range l.rows {
			e := l.evidence(v, i)
			e.Other = bestBut(near[i], -1)
			p[row] = float32(t.model.Noise.Judge(&e).Noise)
		}
	}
	var out []schemas.Doubt
	for i := range v.Rows {
		d := schemas.Doubt{Row: int32(i)}
		if p[i] == p[i] {
			d.P = &p[i]
		}
		if p[i] > doubtfulP || badlyFound(&v.Embeddings[i]) {
			out = append(out, d)
		}
	}
	return out
}

// badlyFound says whether the detector found no face, or one that it is hardly sure of.
func badlyFound(e *schemas.Embedding) bool {
	return e.Error == schemas.FaultNoFace || e.Vector != nil && e.HasDetScore && e.DetScore < doubtfulDetector
}

// list returns what is doubtful in a shard. That of the set stands in the store, for
// other runs too where it is good for them; of a reference, which nobody judges, it is
// what was badly found.
func (l *looker) list(ctx context.Context, v *runstore.Vectors) ([]schemas.Doubt, error) {
	if l.shard.Source != schemas.Set {
		var out []schemas.Doubt
		for i := range v.Rows {
			if badlyFound(&v.Embeddings[i]) {
				out = append(out, schemas.Doubt{Row: int32(i)})
			}
		}
		return out, nil
	}
	run := l.in.Run
	name := schemas.DoubtObject(run.DoubtID(), l.shard.Index)
	if ok, err := runstore.Exists(ctx, run.Store, name); err != nil || ok {
		if err != nil {
			return nil, err
		}
		return runstore.GetTable(ctx, run.Store, name, schemas.ReadDoubts)
	}
	t, err := l.in.Tables(ctx)
	if err != nil {
		return nil, err
	}
	out := t.doubts(v, runstore.FirstIdentities(run.Set())[l.shard.Index])
	if !t.model.Whole {
		name = schemas.DoubtLostObject(run.ID, l.shard.Index)
	}
	return out, runstore.PutTable(ctx, run.Store, name, func(w io.Writer) error { return schemas.WriteDoubts(w, out) })
}
