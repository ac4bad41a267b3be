package pipeline

import (
	"context"
	"io"
	"sort"

	"github.com/facesieve/facesieve/cluster/matching"
	"github.com/facesieve/facesieve/schemas"
)

// crossRows reads what all cross tasks found.
func (r *run) crossRows(ctx context.Context, f func(schemas.Neighbour)) error {
	for _, sh := range r.plan.Sources[0].Shards {
		if r.lost[shardKey{schemas.Set, sh.Index}] {
			continue
		}
		rows, err := getTable(ctx, r.store, schemas.MatchObject(r.ID, sh.Index), schemas.ReadNeighbours)
		if err != nil {
			return err
		}
		for _, n := range rows {
			f(n)
		}
	}
	return nil
}

// pairsAndOverlaps writes the report's two tables about identities. They come
// before the verdicts, which leave a person's other label out of the rivals.
func (r *run) pairsAndOverlaps(ctx context.Context) error {
	var pairs []schemas.Pair
	var overlaps []schemas.Overlap
	names, err := r.sourceNames(ctx)
	if err != nil {
		return err
	}
	err = r.crossRows(ctx, func(n schemas.Neighbour) {
		switch n.Kind {
		case schemas.NeighbourIdentity:
			pairs = append(pairs, schemas.Pair{Kind: schemas.PairSplit, AIdentity: n.A, BIdentity: n.B, APath: n.APath, BPath: n.BPath, Score: n.Score, P: n.P})
		case schemas.NeighbourReference:
			overlaps = append(overlaps, schemas.Overlap{Identity: n.A, Reference: n.Source, ReferenceIdentity: n.B,
				Tier: n.Tier, Score: n.Score, P: n.P, NameMatch: matching.NamesMatch(names[schemas.Set][n.A], names[n.Source][n.B]),
				EvidencePath: n.APath, ReferencePath: n.BPath, EvidenceScore: n.PathScore})
		}
	})
	if err != nil {
		return err
	}
	equal, err := getTable(ctx, r.store, schemas.DuplicatesObject(r.ID), schemas.ReadNeighbours)
	if err != nil {
		return err
	}
	for _, n := range equal {
		if n.Kind == schemas.NeighbourCopy && n.Source == schemas.Set {
			pairs = append(pairs, schemas.Pair{Kind: schemas.PairDuplicate, AIdentity: n.A, BIdentity: n.B, APath: n.APath, BPath: n.BPath, Score: 1, P: 1})
		}
	}
	sortOverlaps(overlaps)
	err = putTable(ctx, r.store, schemas.ReportObject(r.ID, schemas.OverlapFile), func(w io.Writer) error {
		return schemas.WriteOverlaps(w, overlaps)
	})
	if err != nil {
		return err
	}
	return putTable(ctx, r.store, schemas.ReportObject(r.ID, schemas.PairsFile), func(w io.Writer) error {
		return schemas.WritePairs(w, pairs)
	})
}

// sourceNames is the name to compare of every label of every source.
func (r *run) sourceNames(ctx context.Context) (map[schemas.Source]map[string]string, error) {
	rows, err := getTable(ctx, r.store, schemas.AggregateObject(r.ID), schemas.ReadCentroids)
	if err != nil {
		return nil, err
	}
	out := map[schemas.Source]map[string]string{}
	for _, c := range rows {
		if out[c.Source] == nil {
			out[c.Source] = map[string]string{}
		}
		out[c.Source][c.Label] = nameOf(c)
	}
	return out, nil
}

// sortOverlaps puts the surest first.
func sortOverlaps(all []schemas.Overlap) {
	sort.SliceStable(all, func(i, j int) bool {
		a, b := &all[i], &all[j]
		if a.Reference != b.Reference {
			return a.Reference < b.Reference
		}
		if a.Tier != b.Tier {
			return a.Tier.Rank() < b.Tier.Rank()
		}
		return a.Score > b.Score
	})
}
