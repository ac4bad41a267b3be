package report

import (
	"context"
	"io"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/match"
	"github.com/facesieve/facesieve/schemas"
)

// leastSame is the probability from which a label is named as the person of a group.
const leastSame = .5

// writeGroups writes the report's groups table and returns the merged labels.
func writeGroups(ctx context.Context, shards *runstore.Shards, set *runstore.Identities) (map[string]bool, error) {
	run := shards.Run
	members, err := runstore.GetTable(ctx, run.Store, schemas.GroupsObject(run.ID), schemas.ReadGroupMembers)
	if err != nil {
		return nil, err
	}
	p := map[string]float32{} // of each group, by its key
	for _, m := range members {
		p[schemas.GroupKey(m.Identity, m.Group)] = m.P
	}
	merged, at := map[string]bool{}, map[string]int{}
	var rows []schemas.Group
	for i := range set.Rows {
		key := set.Rows[i].Label
		if probability, ok := p[key]; ok {
			label, group := schemas.CutGroup(key)
			merged[label], at[key] = true, len(rows)
			rows = append(rows, schemas.Group{Identity: label, Group: group, Images: set.Usable[i], P: probability})
		}
	}
	err = match.Each(ctx, shards, func(n schemas.Neighbour) {
		k, ok := at[n.A]
		other, _ := schemas.CutGroup(n.B)
		if ok && n.Kind == schemas.NeighbourNearest {
			rows[k].NearestIdentity, rows[k].NearestScore = &other, &n.Score
		}
	})
	if err != nil {
		return nil, err
	}
	guests, err := run.Neighbours(ctx, schemas.GuestsObject(run.ID))
	if err != nil {
		return nil, err
	}
	for _, n := range guests {
		name(rows, at, n.A, n.B, n.P)
		name(rows, at, n.B, n.A, n.P)
	}
	return merged, runstore.PutTable(ctx, run.Store, schemas.ReportObject(run.ID, schemas.GroupsFile),
		func(w io.Writer) error {
			return schemas.WriteGroups(w, rows)
		})
}

// name notes that a group may be the person of another label, if no label is likelier.
func name(rows []schemas.Group, at map[string]int, group, label string, p float32) {
	k, ok := at[group]
	_, own := schemas.CutGroup(group)
	if _, other := schemas.CutGroup(label); !ok || own < 2 || other > 1 || p < leastSame {
		return
	}
	if r := &rows[k]; r.PSuggested == nil || p > *r.PSuggested {
		r.SuggestedIdentity, r.PSuggested = &label, &p
	}
}
