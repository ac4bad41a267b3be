package match

import (
	"context"

	"github.com/facesieve/facesieve/cluster/matching"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// sameImages gives the tier same-image to pairs of identities of the set and of a
// reference that have near-duplicates, and adds those that reached no tier by themselves.
func sameImages(
	ctx context.Context, run *runstore.Run, overlaps []schemas.Overlap, near []schemas.NearDuplicate,
	names map[schemas.Source]map[string]string,
) ([]schemas.Overlap, error) {
	at := map[identityPair]int{}
	for i, o := range overlaps {
		at[identityPair{o.Reference, o.Identity, o.ReferenceIdentity}] = i
	}
	var added *scorers
	for i := range near {
		n := &near[i]
		if n.Source == schemas.Set {
			continue
		}
		key := identityPair{n.Source, n.A, n.B}
		k, known := at[key]
		if !known {
			if added == nil {
				var err error
				if added, err = newScorers(ctx, run); err != nil {
					return nil, err
				}
			}
			k = len(overlaps)
			at[key] = k
			overlaps = append(overlaps, added.overlap(n, names))
		}
		if o := &overlaps[k]; o.Tier != schemas.TierSameImage {
			o.Tier, o.EvidencePath, o.ReferencePath, o.EvidenceScore = schemas.TierSameImage, n.APath, n.BPath, n.Cosine
		}
	}
	return overlaps, nil
}

// scorers judge pairs of an identity of the set and one of a reference.
type scorers struct {
	run    *runstore.Run
	all    map[schemas.Source]*runstore.Identities
	models *Models
	of     map[schemas.Source]*matching.Scorer
}

func newScorers(ctx context.Context, run *runstore.Run) (s *scorers, err error) {
	s = &scorers{run: run, of: map[schemas.Source]*matching.Scorer{}}
	if s.all, err = run.Identities(ctx); err != nil {
		return nil, err
	}
	s.models, err = LoadModels(ctx, run)
	return s, err
}

// overlap returns the row of two identities who share a picture, without its evidence.
func (s *scorers) overlap(n *schemas.NearDuplicate, names map[schemas.Source]map[string]string) schemas.Overlap {
	set, ref := s.all[schemas.Set], s.all[n.Source]
	out := schemas.Overlap{Identity: n.A, Reference: n.Source, ReferenceIdentity: n.B,
		NameMatch: matching.NamesMatch(names[schemas.Set][n.A], names[n.Source][n.B])}
	a, b := set.Find(n.A), ref.Find(n.B)
	if a < 0 || b < 0 || set.Usable[a] == 0 || ref.Usable[b] == 0 {
		return out
	}
	model := s.models.References[n.Source]
	if s.of[n.Source] == nil {
		s.of[n.Source] = model.Model.Scorer(matched(set), matched(ref))
	}
	p := s.of[n.Source].Pair(a, b)
	m := model.Model.Judge(p.Score, int(set.Usable[a]), int(ref.Usable[b]), model.Comparisons, model.Limits(&s.run.Spec.Judge),
		out.NameMatch)
	out.Score, out.P = cosine(p.Cosine), float32(m.P)
	return out
}
