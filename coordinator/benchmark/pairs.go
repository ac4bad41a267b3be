package benchmark

import (
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/schemas"
)

// Pairs is what of a protocol the set touches.
type Pairs struct {
	URL      string `json:"url"`      // the list of pairs
	Genuine  int    `json:"genuine"`  // pairs of one person in the list
	Impostor int    `json:"impostor"` // pairs of two people
	// Pictures is how many pairs name an image that is a shared picture by a row of tier
	// same-image. A row names one picture, so that there may be more.
	Pictures int `json:"pictures"`
	// Named is how many of the list's people the overlap table has, at any tier.
	Named int `json:"named"`
	// Through has a row for each tier, surest first: pairs touched at it or a surer one.
	Through []TierPairs `json:"through"`
}

// TierPairs counts the pairs that name a person who is in the set at a tier or a surer
// one. A pair of two such people counts once.
type TierPairs struct {
	Tier     schemas.Tier `json:"tier"`
	Genuine  int          `json:"genuine"`
	Impostor int          `json:"impostor"`
	Clean    int          `json:"clean"` // pairs that name nobody of the set
	Folds    []FoldPairs  `json:"folds"`
}

// FoldPairs is TierPairs of one fold.
type FoldPairs struct {
	Fold     int `json:"fold"` // from 1
	Genuine  int `json:"genuine"`
	Impostor int `json:"impostor"`
	Clean    int `json:"clean"`
}

// CountPairs counts the pairs of a protocol that name somebody of the set, by the rows
// of the overlap table that are about a reference. A person of the list is the label of
// the reference that is equal byte by byte.
func CountPairs(p *dataset.Protocol, reference schemas.Source, rows []schemas.Overlap) *Pairs {
	persons, pictures := map[string]schemas.Tier{}, map[string]bool{}
	for _, r := range rows {
		if r.Reference != reference {
			continue
		}
		surest(persons, r.ReferenceIdentity, r.Tier)
		if r.Tier == schemas.TierSameImage {
			pictures[dataset.PortraitKey(r.ReferenceIdentity, r.ReferencePath)] = true
		}
	}
	out := &Pairs{URL: p.URL}
	for _, t := range schemas.Tiers() {
		row := TierPairs{Tier: t}
		for k := range p.Folds {
			row.Folds = append(row.Folds, FoldPairs{Fold: k + 1})
		}
		out.Through = append(out.Through, row)
	}
	named := map[string]bool{}
	for _, c := range p.Comparisons {
		out.add(c, min(persons[c.A.Person].Rank(), persons[c.B.Person].Rank()))
		if pictures[c.A.Key()] || pictures[c.B.Key()] {
			out.Pictures++
		}
		for _, name := range []string{c.A.Person, c.B.Person} {
			if _, known := persons[name]; known {
				named[name] = true
			}
		}
	}
	out.Named = len(named)
	return out
}

// add counts a pair whose surer person has a tier's rank; that of no tier is beyond all.
func (p *Pairs) add(c dataset.Comparison, rank int) {
	if c.Same {
		p.Genuine++
	} else {
		p.Impostor++
	}
	for i := range p.Through {
		t := &p.Through[i]
		f := &t.Folds[c.Fold]
		switch {
		case rank > i:
			t.Clean++
			f.Clean++
		case c.Same:
			t.Genuine++
			f.Genuine++
		default:
			t.Impostor++
			f.Impostor++
		}
	}
}
