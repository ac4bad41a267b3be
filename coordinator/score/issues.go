package score

import (
	"path"
	"slices"

	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/schemas"
)

// merges compares labels of two people.
func (c *comparer) merges(out *Comparison) {
	q := mergeQuality(c.rows, c.labels)
	out.add("labels of two people", q.Labels, q.Found, len(q.Wrong))
}

// wholeLabels compares guests, and people under two labels.
func (c *comparer) wholeLabels(out *Comparison) {
	guests := 0
	for _, p := range c.rows[truth.Merge] {
		if c.flagged(p.Path) {
			guests++
		}
	}
	out.add("guests under a label", len(c.rows[truth.Merge]), guests, -1)
	found, wrong := map[[2]string]bool{}, 0
	for _, p := range c.pairs {
		if p.Kind != schemas.PairSplit {
			continue
		}
		found[[2]string{p.AIdentity, p.BIdentity}], found[[2]string{p.BIdentity, p.AIdentity}] = true, true
		if !c.person.same(p.AIdentity, p.BIdentity) {
			wrong++
		}
	}
	n := 0
	for _, p := range c.rows[truth.Split] {
		if found[[2]string{p.Identity, p.Other}] {
			n++
		}
	}
	out.add("people under two labels", len(c.rows[truth.Split]), n, wrong)
}

// duplicates compares copies. A report names every copy beside the first, which
// need not be the one that the truth calls the original.
func (c *comparer) duplicates(out *Comparison) {
	reported, near, wrongNear := newClasses(), newClasses(), 0
	wrong := map[bool]int{} // by: under two labels
	for _, p := range c.pairs {
		if p.Kind == schemas.PairNearDuplicate {
			near.join(p.APath, p.BPath)
			if !c.pictures.same(p.APath, p.BPath) {
				wrongNear++
			}
		}
		if p.Kind != schemas.PairDuplicate {
			continue
		}
		near.join(p.APath, p.BPath)
		reported.join(p.APath, p.BPath)
		if !c.copies.same(p.APath, p.BPath) {
			wrong[p.AIdentity != p.BIdentity]++
		}
	}
	faults, found := map[string]int{}, map[string]int{}
	const within, across = "copies under one label", "copies under two labels"
	for _, issue := range []truth.Issue{truth.Duplicate, truth.DuplicateAcross} {
		for _, p := range c.rows[issue] {
			line, in := map[truth.Issue]string{truth.Duplicate: within, truth.DuplicateAcross: across}[issue], reported
			if p.Detail != truth.Exact {
				line, in = ReencodedCopies, near
			}
			faults[line]++
			if in.same(p.Path, p.Other) {
				found[line]++
			}
		}
	}
	out.add(within, faults[within], found[within], wrong[false])
	out.add(across, faults[across], found[across], wrong[true])
	out.add(ReencodedCopies, faults[ReencodedCopies], found[ReencodedCopies], wrongNear)
}

// identityPair is a label of the set and a name of the reference.
type identityPair struct{ identity, name string }

// reference compares whom of the reference the set holds.
func (c *comparer) reference(out *Comparison) {
	tier := map[identityPair]schemas.Tier{}
	for _, o := range c.overlaps {
		tier[identityPair{o.Identity, o.ReferenceIdentity}] = o.Tier
	}
	people, same, homonyms := map[identityPair]bool{}, map[identityPair]bool{}, map[identityPair]bool{}
	count := func(issue truth.Issue, into map[identityPair]bool, fits func(schemas.Tier) bool) (n int) {
		for _, p := range c.rows[issue] {
			k := identityPair{p.Identity, p.Other}
			if issue == truth.SameImage {
				k.name = path.Base(path.Dir(p.Other))
			}
			into[k] = true
			if fits(tier[k]) {
				n++
			}
		}
		return n
	}
	foundPeople := count(truth.Overlap, people, schemas.Tier.Sure)
	foundSame := count(truth.SameImage, same, func(t schemas.Tier) bool { return t == schemas.TierSameImage })
	refused := count(truth.Homonym, homonyms, func(t schemas.Tier) bool { return t == schemas.TierRefused })
	wrongPeople, wrongSame, wrongRefused := 0, 0, 0
	for k, t := range tier {
		if t.Sure() && !people[k] {
			wrongPeople++
		}
		if t == schemas.TierSameImage && !same[k] {
			wrongSame++
		}
		if t == schemas.TierRefused && !homonyms[k] {
			wrongRefused++
		}
	}
	out.add("people of the reference", len(c.rows[truth.Overlap]), foundPeople, wrongPeople)
	out.add("pictures of the reference", len(c.rows[truth.SameImage]), foundSame, wrongSame)
	out.add("namesakes refused", len(c.rows[truth.Homonym]), refused, wrongRefused)
}

// broken says whether a file of the set holds no picture.
func (c *comparer) broken(path string) bool {
	return slices.ContainsFunc(c.of[path], func(r truth.Row) bool { return r.Issue == truth.Broken })
}

// brokenFiles compares files that hold no picture.
func (c *comparer) brokenFiles(out *Comparison) {
	found := 0
	for _, p := range c.rows[truth.Broken] {
		if c.verdict[p.Path].Type == schemas.TypeUnreadable {
			found++
		}
	}
	out.add("broken files", len(c.rows[truth.Broken]), found, c.wrong[schemas.TypeUnreadable])
}
