package demo

import (
	"path"

	"github.com/facesieve/facesieve/pipeline/dataset/synth"
	"github.com/facesieve/facesieve/schemas"
)

// labels compares what concerns whole labels.
func (c *comparer) labels(out *Comparison) {
	guests := 0
	for _, p := range c.plants[synth.Merge] {
		if c.flagged(p.Path) {
			guests++
		}
	}
	out.add("guests under a label", len(c.plants[synth.Merge]), guests, -1)
	found, wrong := map[[2]string]bool{}, 0
	for _, p := range c.report.Pairs {
		if p.Kind != "split" {
			continue
		}
		found[[2]string{p.AIdentity, p.BIdentity}], found[[2]string{p.BIdentity, p.AIdentity}] = true, true
		if !c.person.same(p.AIdentity, p.BIdentity) {
			wrong++
		}
	}
	n := 0
	for _, p := range c.plants[synth.Split] {
		if found[[2]string{p.Identity, p.Other}] {
			n++
		}
	}
	out.add("people under two labels", len(c.plants[synth.Split]), n, wrong)
}

// duplicates compares copies. A report names every copy beside the first, which
// need not be the one that the truth calls the original.
func (c *comparer) duplicates(out *Comparison) {
	reported := newClasses()
	wrong := map[bool]int{} // by: under two labels
	for _, p := range c.report.Pairs {
		if p.Kind != "duplicate" {
			continue
		}
		reported.join(p.APath, p.BPath)
		if !c.copies.same(p.APath, p.BPath) {
			wrong[p.AIdentity != p.BIdentity]++
		}
	}
	planted, found := map[string]int{}, map[string]int{}
	const within, across = "copies under one label", "copies under two labels"
	for _, issue := range []synth.Issue{synth.Duplicate, synth.DuplicateAcross} {
		for _, p := range c.plants[issue] {
			line := map[synth.Issue]string{synth.Duplicate: within, synth.DuplicateAcross: across}[issue]
			if p.Detail != synth.Exact {
				line = ReencodedCopies
			}
			planted[line]++
			if reported.same(p.Path, p.Other) {
				found[line]++
			}
		}
	}
	out.add(within, planted[within], found[within], wrong[false])
	out.add(across, planted[across], found[across], wrong[true])
	out.add(ReencodedCopies, planted[ReencodedCopies], found[ReencodedCopies], -1)
}

// identityPair is a label of the set and a name of the reference.
type identityPair struct{ identity, name string }

// reference compares whom of the reference the set holds.
func (c *comparer) reference(out *Comparison) {
	tier := map[identityPair]schemas.Tier{}
	for _, o := range c.report.Overlaps {
		tier[identityPair{o.Identity, o.ReferenceIdentity}] = o.Tier
	}
	people, same, homonyms := map[identityPair]bool{}, map[identityPair]bool{}, map[identityPair]bool{}
	count := func(issue synth.Issue, into map[identityPair]bool, fits func(schemas.Tier) bool) (n int) {
		for _, p := range c.plants[issue] {
			k := identityPair{p.Identity, p.Other}
			if issue == synth.SameImage {
				k.name = path.Base(path.Dir(p.Other))
			}
			into[k] = true
			if fits(tier[k]) {
				n++
			}
		}
		return n
	}
	sure := func(t schemas.Tier) bool {
		return t == schemas.TierSameImage || t == schemas.TierCertain || t == schemas.TierProbable
	}
	foundPeople := count(synth.Overlap, people, sure)
	foundSame := count(synth.SameImage, same, func(t schemas.Tier) bool { return t == schemas.TierSameImage })
	refused := count(synth.Homonym, homonyms, func(t schemas.Tier) bool { return t == schemas.TierRefused })
	wrongPeople, wrongSame, wrongRefused := 0, 0, 0
	for k, t := range tier {
		if sure(t) && !people[k] {
			wrongPeople++
		}
		if t == schemas.TierSameImage && !same[k] {
			wrongSame++
		}
		if t == schemas.TierRefused && !homonyms[k] {
			wrongRefused++
		}
	}
	out.add("people of the reference", len(c.plants[synth.Overlap]), foundPeople, wrongPeople)
	out.add("pictures of the reference", len(c.plants[synth.SameImage]), foundSame, wrongSame)
	out.add("namesakes refused", len(c.plants[synth.Homonym]), refused, wrongRefused)
}

// broken compares files that hold no picture.
func (c *comparer) broken(out *Comparison) {
	found, wrong := 0, 0
	planted := map[string]bool{}
	for _, p := range c.plants[synth.Broken] {
		planted[p.Path] = true
		if c.verdict[p.Path].Type == schemas.TypeUnreadable {
			found++
		}
	}
	for _, v := range c.report.Images {
		if v.Type == schemas.TypeUnreadable && !planted[v.Path] {
			wrong++
		}
	}
	out.add("broken files", len(c.plants[synth.Broken]), found, wrong)
}
