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
// probability that it is one.
func mergedLabels(ctx context.Context, shards *runstore.Shards) ([]float32, error) {
	run, plain := shards.Run, shards.Ungrouped()
	samples := make([]mixture.Sample, len(run.Set().Shards))
	err := plain.Each(ctx, run.Set(), func(ctx context.Context, sh schemas.Shard) error {
		v, err := plain.Get(ctx, runstore.ShardKey{Source: schemas.Set, Shard: sh.Index})
		if err != nil {
			return err
		}
		for k := range v.Identities {
			samples[sh.Index].Add(v.Identities[k].Vectors)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	model := mixture.Fit(mixture.Join(samples))
	p, wanted := merged(run.Set(), samples, model)
	rows, err := members(ctx, plain, wanted, model)
	if err != nil {
		return nil, err
	}
	return p, runstore.PutTable(ctx, run.Store, schemas.GroupsObject(run.ID), func(w io.Writer) error {
		return schemas.WriteGroupMembers(w, rows)
	})
}

// merged returns the probability of each label that it is merged, and which of a shard's
// labels are rather so.
func merged(
	set *schemas.PlanSource, samples []mixture.Sample, model mixture.Model,
) (p []float32, wanted map[runstore.ShardKey][]int) {
	first := runstore.FirstIdentities(set)
	p, wanted = make([]float32, first[len(first)-1]), map[runstore.ShardKey][]int{}
	for shard := range samples {
		key := runstore.ShardKey{Source: schemas.Set, Shard: shard}
		for k, splits := range samples[shard].Splits {
			likely := model.Label(splits)
			p[first[shard]+k] = float32(likely)
			if likely >= mixture.Merged {
				wanted[key] = append(wanted[key], k)
			}
		}
	}
	return p, wanted
}

// members returns the images of labels, which are named by shard and position there, by
// their groups, ordered by label and path. A label that turns out to have one group has
// no row.
func members(
	ctx context.Context, plain *runstore.Shards, wanted map[runstore.ShardKey][]int, model mixture.Model,
) ([]schemas.GroupMember, error) {
	var rows []schemas.GroupMember
	err := plain.Visit(ctx, nil, wanted, func(_ runstore.ShardKey, v *runstore.LabelledShard, labels []int) error {
		for _, k := range labels {
			m := &v.Identities[k]
			groups := model.Groups(m.Vectors)
			if len(groups) < 2 {
				continue
			}
			for g := range groups {
				for _, i := range groups[g].Rows {
					rows = append(rows, schemas.GroupMember{Identity: m.Label, Path: m.Paths[i], Group: int32(g + 1),
						P: float32(groups[g].P)})
				}
			}
		}
		return nil
	})
	slices.SortFunc(rows, func(a, b schemas.GroupMember) int {
		if c := strings.Compare(a.Identity, b.Identity); c != 0 {
			return c
		}
		return strings.Compare(a.Path, b.Path)
	})
	return rows, err
}
