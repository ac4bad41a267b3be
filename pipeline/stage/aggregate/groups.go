package aggregate

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/cluster/mixture"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// mergedLabels finds the labels of the set that hold two people, writes the table of
// their images by groups and returns, for each label of the set in its order, the
// probability that it is one. What a label's own images leave open the others decide.
func mergedLabels(ctx context.Context, shards *runstore.Shards) ([]float32, error) {
	run, plain := shards.Run, shards.Ungrouped()
	samples := make([]mixture.Sample, len(run.Set().Shards))
	first := runstore.FirstIdentities(run.Set())
	all := newOthers(first[len(first)-1], max(1, run.Spec.Embed.Contract.Dim))
	err := plain.Each(ctx, run.Set(), func(ctx context.Context, sh schemas.Shard) error {
		v, err := plain.Get(ctx, runstore.ShardKey{Source: schemas.Set, Shard: sh.Index})
		if err != nil {
			return err
		}
		for k := range v.Identities {
			samples[sh.Index].Add(v.Identities[k].Vectors)
			all.set(first[sh.Index]+k, v.Identities[k].Vectors)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	m := merging{plain: plain, model: mixture.Fit(mixture.Join(samples)), others: all, first: first}
	wanted := m.merged(samples)
	if err := m.members(ctx, wanted); err != nil {
		return nil, err
	}
	return m.p, runstore.PutTable(ctx, run.Store, schemas.GroupsObject(run.ID), func(w io.Writer) error {
		return schemas.WriteGroupMembers(w, m.rows)
	})
}

// merging is the search for merged labels.
type merging struct {
	plain  *runstore.Shards
	model  mixture.Model
	others *others
	first  []int     // label of each shard, among all
	p      []float32 // of each label
	rows   []schemas.GroupMember
}

// merged sets the probability of each label that it is merged by its own images, and
// returns which of a shard's labels are, or may be with what the others say.
func (m *merging) merged(samples []mixture.Sample) map[runstore.ShardKey][]int {
	wanted := map[runstore.ShardKey][]int{}
	m.p = make([]float32, m.first[len(m.first)-1])
	open := false
	for shard := range samples {
		key := runstore.ShardKey{Source: schemas.Set, Shard: shard}
		for k, splits := range samples[shard].Splits {
			likely := m.model.Label(splits)
			m.p[m.first[shard]+k] = float32(likely)
			if undecided := m.model.Open(splits); undecided || likely >= mixture.Merged {
				open = open || undecided
				wanted[key] = append(wanted[key], k)
			}
		}
	}
	if open {
		m.others.fit()
	}
	return wanted
}

// members finds the images of labels, which are named by shard and position there, by
// their groups, ordered by label and path. A label that turns out to have one group has
// no row.
func (m *merging) members(ctx context.Context, wanted map[runstore.ShardKey][]int) error {
	err := m.plain.Visit(ctx, nil, wanted, func(key runstore.ShardKey, v *runstore.LabelledShard, labels []int) error {
		for _, k := range labels {
			m.cut(m.first[key.Shard]+k, &v.Identities[k])
		}
		return nil
	})
	slices.SortFunc(m.rows, func(a, b schemas.GroupMember) int {
		if c := strings.Compare(a.Identity, b.Identity); c != 0 {
			return c
		}
		return strings.Compare(a.Path, b.Path)
	})
	return err
}

// cut adds the rows of a label that is merged.
func (m *merging) cut(label int, of *runstore.Members) {
	var beside mixture.Beside
	if m.others.scorer != nil {
		beside = m.others.beside(label, of.Vectors)
	}
	if m.p[label] < mixture.Merged {
		m.p[label] = float32(m.model.LabelBeside(mixture.Splits(of.Vectors), beside))
	}
	if m.p[label] < mixture.Merged {
		return
	}
	groups := m.model.Groups(of.Vectors, beside)
	if len(groups) < 2 { // parts that are rather one person beside each other
		m.p[label] = float32(min(groups[0].P, float64(m.p[label])))
		return
	}
	for g := range groups {
		for _, i := range groups[g].Rows {
			m.rows = append(m.rows, schemas.GroupMember{Identity: of.Label, Path: of.Paths[i], Group: int32(g + 1),
				P: float32(groups[g].P)})
		}
	}
}
