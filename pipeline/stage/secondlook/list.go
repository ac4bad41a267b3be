package secondlook

import (
	"context"
	"io"
	"math"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/internal/origin"
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

// Doubtful lists the images of a shard that are to be looked at again, and writes the list
// (schemas.DoubtfulObject). Where every second look is known already, it writes them too
// (schemas.SecondLookObject): nobody needs an engine then.
func Doubtful(ctx context.Context, in Input) error {
	l, v, err := newLooker(ctx, in)
	if err != nil {
		return err
	}
	doubts, err := l.list(ctx, v)
	if err != nil {
		return err
	}
	looks, missing, err := l.known(ctx, v, doubts)
	if err != nil {
		return err
	}
	if len(missing) == 0 {
		if err := l.keep(ctx, looks); err != nil {
			return err
		}
	}
	return runstore.PutTable(ctx, in.Run.Store, in.Task.Output(), func(w io.Writer) error {
		return schemas.WriteDoubts(w, doubts)
	})
}

// list returns what is doubtful in a shard. Of the set, runs of which all images have their
// vectors share it; of a reference, which nobody judges, it is what was badly found.
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
	fitted, err := runstore.Exists(ctx, run.Store, schemas.DoubtModelObject(run.ID))
	if err != nil {
		return nil, err
	}
	name := schemas.DoubtObject(run.DoubtID(), l.shard.Index)
	if !fitted {
		rows, err := runstore.GetTable(ctx, run.Store, name, schemas.ReadDoubts)
		if n := len(rows); err == nil && n > 0 && int(rows[n-1].Row) >= len(v.Rows) {
			err = origin.Errorf("pipeline", "%s names row %d of a shard of %d images", name, rows[n-1].Row, len(v.Rows))
		}
		return rows, err
	}
	t, err := l.in.Tables(ctx)
	if err != nil {
		return nil, err
	}
	out := t.doubts(v, runstore.FirstIdentities(run.Set())[l.shard.Index])
	if !t.model.Whole {
		return out, nil
	}
	return out, runstore.PutTable(ctx, run.Store, name, func(w io.Writer) error { return schemas.WriteDoubts(w, out) })
}
