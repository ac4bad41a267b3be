// Package benchmark sets a report beside a benchmark: which people of a reference are in
// the set, what leaving them out of training costs, and which pairs of the benchmark's
// protocol name one of them.
package benchmark

import "github.com/facesieve/facesieve/schemas"

// Overlap is what a set shares with one reference.
type Overlap struct {
	Reference schemas.Source `json:"reference"`
	// People is how many identities the whole reference has.
	People int `json:"people"`
	// Tiers has a row for each tier, surest first.
	Tiers []TierCount `json:"tiers"`
	// Pairs says what of the protocol is touched; nil: no list of pairs was found.
	Pairs *Pairs `json:"pairs,omitempty"`
}

// TierCount counts the matches of a tier. An identity, or a person, of several tiers
// counts at its surest alone.
type TierCount struct {
	Tier       schemas.Tier `json:"tier"`
	Identities int          `json:"identities"` // of the set
	Images     int          `json:"images"`     // under these identities
	People     int          `json:"people"`     // of the reference
	// Through counts this tier and every surer one.
	Through Through `json:"through"`
}

// Through is the counts of a tier and of every surer one.
type Through struct {
	Identities int `json:"identities"`
	Images     int `json:"images"`
	People     int `json:"people"`
}

// Count counts the rows of the overlap table that are about a reference. The images of
// an identity are those of the identities table.
func Count(reference schemas.Source, people int, rows []schemas.Overlap, identities []schemas.IdentityVerdict) *Overlap {
	images := imagesOf(identities)
	labels, persons := map[string]schemas.Tier{}, map[string]schemas.Tier{}
	for _, r := range rows {
		if r.Reference == reference {
			surest(labels, r.Identity, r.Tier)
			surest(persons, r.ReferenceIdentity, r.Tier)
		}
	}
	o := &Overlap{Reference: reference, People: people}
	for _, t := range schemas.Tiers() {
		o.Tiers = append(o.Tiers, TierCount{Tier: t})
	}
	for label, t := range labels {
		o.Tiers[t.Rank()].Identities++
		o.Tiers[t.Rank()].Images += images[label]
	}
	for _, t := range persons {
		o.Tiers[t.Rank()].People++
	}
	var sum Through
	for i := range o.Tiers {
		t := &o.Tiers[i]
		sum.Identities, sum.Images, sum.People = sum.Identities+t.Identities, sum.Images+t.Images, sum.People+t.People
		t.Through = sum
	}
	return o
}

// imagesOf returns how many images each identity has.
func imagesOf(identities []schemas.IdentityVerdict) map[string]int {
	images := map[string]int{}
	for _, v := range identities {
		images[v.Identity] = int(v.Images)
	}
	return images
}

// surest keeps the surest tier of a name.
func surest(tiers map[string]schemas.Tier, name string, t schemas.Tier) {
	if old, known := tiers[name]; !known || t.Rank() < old.Rank() {
		tiers[name] = t
	}
}
