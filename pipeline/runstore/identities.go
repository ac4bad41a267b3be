package runstore

import (
	"context"
	"sort"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/schemas"
)

// Identities is a source's part of the aggregate table, its centroids as matrices.
type Identities struct {
	Rows     []schemas.Centroid // without their vectors
	Trimmed  cluster.Matrix     // a row an identity: what images are compared with
	Matching cluster.Matrix     // a row an identity: what identities are compared by
	Usable   []int32            // usable images of each
	Rho      []float32          // mean cosine between the images of each; 0: unknown

	first []int // of each shard: identities before it; one more at the end
}

// Identities reads the aggregate table and returns each source's part of it.
func (r *Run) Identities(ctx context.Context) (map[schemas.Source]*Identities, error) {
	rows, err := GetTable(ctx, r.Store, schemas.AggregateObject(r.ID), schemas.ReadCentroids)
	if err != nil {
		return nil, err
	}
	out := map[schemas.Source]*Identities{}
	for i := range r.Plan.Sources {
		src := &r.Plan.Sources[i]
		n := sort.Search(len(rows), func(i int) bool { return rows[i].Source > src.Name })
		out[src.Name] = newIdentities(src, rows[:n], r.Spec.Embed.Contract.Dim)
		rows = rows[n:]
	}
	return out, nil
}

func newIdentities(src *schemas.PlanSource, rows []schemas.Centroid, dim int) *Identities {
	ids := &Identities{Rows: rows, first: firstIdentities(src, rows),
		Trimmed: cluster.NewMatrix(len(rows), dim), Matching: cluster.NewMatrix(len(rows), dim),
		Usable: make([]int32, len(rows)), Rho: make([]float32, len(rows))}
	for i, c := range rows {
		copy(ids.Trimmed.Row(i), c.Trimmed)
		copy(ids.Matching.Row(i), c.Matching)
		ids.Usable[i], ids.Rho[i] = c.Usable, c.Rho
		rows[i].Trimmed, rows[i].Matching = nil, nil // the table's memory goes
	}
	return ids
}

// FirstIdentities returns, for each shard of a source, how many identities stand before
// it, and at the end the number of all: one element more than there are shards.
func FirstIdentities(src *schemas.PlanSource) []int {
	first := make([]int, len(src.Shards)+1)
	for i, sh := range src.Shards {
		first[i+1] = first[i] + sh.Identities
	}
	return first
}

// firstIdentities returns the same of the rows of the aggregate table, where groups of
// merged labels stand after their label.
func firstIdentities(src *schemas.PlanSource, rows []schemas.Centroid) []int {
	labels := FirstIdentities(src)
	first, seen, shard := make([]int, len(labels)), 0, 0
	for i := range rows {
		if _, group := schemas.CutGroup(rows[i].Label); group > 1 {
			continue
		}
		for shard < len(labels) && labels[shard] <= seen {
			first[shard] = i
			shard++
		}
		seen++
	}
	for ; shard < len(first); shard++ {
		first[shard] = len(rows)
	}
	return first
}

// Range returns the first identity of a shard and the one after its last.
func (ids *Identities) Range(shard int) (from, to int) { return ids.first[shard], ids.first[shard+1] }

// ShardOf returns the shard of identity i.
func (ids *Identities) ShardOf(i int) int {
	return sort.Search(len(ids.first), func(k int) bool { return ids.first[k] > i }) - 1
}

// Find returns the index of a label in Rows; -1: there is none. Labels ascend.
func (ids *Identities) Find(label string) int {
	i := sort.Search(len(ids.Rows), func(i int) bool { return ids.Rows[i].Label >= label })
	if i < len(ids.Rows) && ids.Rows[i].Label == label {
		return i
	}
	return -1
}

// CountUsable returns the number of identities with a centroid.
func (ids *Identities) CountUsable() int {
	n := 0
	for _, c := range ids.Usable {
		if c > 0 {
			n++
		}
	}
	return n
}

// ComparedName returns the name to compare an identity by: the person's where the
// source ships one, else the label; "" for a further group of a merged label.
func ComparedName(c *schemas.Centroid) string {
	if _, group := schemas.CutGroup(c.Label); group > 1 {
		return "" // the name is that of the label's own person
	}
	if c.Name != "" {
		return c.Name
	}
	return c.Label
}
