package match

import (
	"context"
	"io"
	"sort"

	"github.com/facesieve/facesieve/cluster/matching"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// Each calls f with every row that the match tasks wrote, shard by shard; shards whose
// tasks were given up are left out.
func Each(ctx context.Context, shards *runstore.Shards, f func(schemas.Neighbour)) error {
	run := shards.Run
	for _, sh := range run.Set().Shards {
		if shards.Lost[runstore.ShardKey{Source: schemas.Set, Shard: sh.Index}] {
			continue
		}
		rows, err := run.Neighbours(ctx, schemas.MatchObject(run.ID, sh.Index))
		if err != nil {
			return err
		}
		for _, n := range rows {
			f(n)
		}
	}
	return nil
}

// nearDuplicateP is the probability that two images are one photograph where they were
// found to be near-duplicates: what was measured on photographs with copies made of them.
const nearDuplicateP = .99

// WriteTables writes the report's pairs and overlap tables. It reads the table of
// near-duplicates. They come before the verdicts, since a person's other label does not compete for an image
// (calibrate.Rivals).
func WriteTables(ctx context.Context, shards *runstore.Shards) error {
	run := shards.Run
	var pairs []schemas.Pair
	var overlaps []schemas.Overlap
	var guests []schemas.Neighbour
	names, err := comparedNames(ctx, run)
	if err != nil {
		return err
	}
	err = Each(ctx, shards, func(n schemas.Neighbour) {
		switch n.Kind {
		case schemas.NeighbourIdentity:
			if isGuest(n) {
				guests = append(guests, n)
			} else if p, ok := split(n); ok {
				pairs = append(pairs, p)
			}
		case schemas.NeighbourReference:
			label, _ := schemas.CutGroup(n.A)
			overlaps = append(overlaps, schemas.Overlap{
				Identity: label, Reference: n.Source, ReferenceIdentity: n.B, Tier: n.Tier, Score: n.Score, P: n.P,
				NameMatch:    matching.NamesMatch(names[schemas.Set][n.A], names[n.Source][n.B]),
				EvidencePath: n.APath, ReferencePath: n.BPath, EvidenceScore: n.PathScore,
			})
		}
	})
	if err != nil {
		return err
	}
	if err := writeGuests(ctx, run, guests); err != nil {
		return err
	}
	equal, err := run.Neighbours(ctx, schemas.DuplicatesObject(run.ID))
	if err != nil {
		return err
	}
	for _, n := range equal {
		if n.Kind == schemas.NeighbourCopy && n.Source == schemas.Set {
			pairs = append(pairs, schemas.Pair{Kind: schemas.PairDuplicate, AIdentity: n.A, BIdentity: n.B,
				APath: n.APath, BPath: n.BPath, Score: 1, P: 1})
		}
	}
	near, err := run.NearDuplicates(ctx)
	if err != nil {
		return err
	}
	for _, n := range near {
		if n.Source == schemas.Set {
			pairs = append(pairs, schemas.Pair{Kind: schemas.PairNearDuplicate, AIdentity: n.A, BIdentity: n.B,
				APath: n.APath, BPath: n.BPath, Score: n.Cosine, P: nearDuplicateP})
		}
	}
	if overlaps, err = sameImages(ctx, run, overlaps, near, names); err != nil {
		return err
	}
	sortOverlaps(overlaps)
	overlaps = oneOverlap(overlaps)
	err = runstore.PutTable(ctx, run.Store, schemas.ReportObject(run.ID, schemas.OverlapFile),
		func(w io.Writer) error {
			return schemas.WriteOverlaps(w, overlaps)
		})
	if err != nil {
		return err
	}
	return runstore.PutTable(ctx, run.Store, schemas.ReportObject(run.ID, schemas.PairsFile),
		func(w io.Writer) error {
			return schemas.WritePairs(w, pairs)
		})
}

// split returns the row of the pairs table about two labels of the set. The table has no
// tier, and flags both: what is not sure is no row of it.
func split(n schemas.Neighbour) (schemas.Pair, bool) {
	return schemas.Pair{Kind: schemas.PairSplit, AIdentity: n.A, BIdentity: n.B, APath: n.APath, BPath: n.BPath,
		Score: n.Score, P: n.P}, n.Tier.Sure()
}

// comparedNames returns the name to compare of every label of every source.
func comparedNames(ctx context.Context, run *runstore.Run) (map[schemas.Source]map[string]string, error) {
	rows, err := runstore.GetTable(ctx, run.Store, schemas.AggregateObject(run.ID), schemas.ReadCentroids)
	if err != nil {
		return nil, err
	}
	out := map[schemas.Source]map[string]string{}
	for i := range rows {
		c := &rows[i]
		if out[c.Source] == nil {
			out[c.Source] = map[string]string{}
		}
		out[c.Source][c.Label] = runstore.ComparedName(c)
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
