package synth

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// protocol is a list of comparisons in the form of LFW's View 2: folds of
// different people, each with as many pairs of one person as of two.
type protocol struct {
	folds    []fold
	siblings int // pairs of siblings
}

type fold struct {
	people          []int // of the reference, ascending
	same, different []comparison
}

// comparison is two images of the reference.
type comparison struct{ a, b imageIndex }

const foldCount = 10

// all returns the comparisons of all folds.
func (p protocol) all() (out []comparison) {
	for _, f := range p.folds {
		out = append(append(out, f.same...), f.different...)
	}
	return out
}

// addPairs makes the lists of comparisons. Siblings, who are in one fold, are
// compared in the second list alone, which is made where the reference has
// siblings by wish.
func (p *plan) addPairs() error {
	if len(p.reference) == 0 {
		return nil
	}
	folds := p.folds()
	each, err := p.pairsEach(folds)
	if err != nil {
		return err
	}
	for k := range folds {
		r := stream(p.options.Seed, "pairs", k)
		f := &folds[k]
		f.same = p.matched(f.people)
		r.Shuffle(len(f.same), func(i, j int) { f.same[i], f.same[j] = f.same[j], f.same[i] })
		f.same = f.same[:each]
		f.different = p.mismatched(r, f.people, each)
	}
	p.pairs.folds = folds
	if p.options.ReferenceSiblings > 0 {
		p.addSiblingPairs()
	}
	return nil
}

// folds deals the people to folds, families whole, so that folds have about as
// many pairs of one person each.
func (p *plan) folds() []fold {
	families := map[someone][]int{}
	var order []someone
	for i, person := range p.reference {
		head := someone{person.who.kind, person.who.index, 0}
		if families[head] == nil {
			order = append(order, head)
		}
		families[head] = append(families[head], i)
	}
	r := stream(p.options.Seed, "folds")
	r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	slices.SortStableFunc(order, func(a, b someone) int {
		return cmp.Compare(len(p.matched(families[b])), len(p.matched(families[a])))
	})
	folds := make([]fold, min(foldCount, max(1, len(order)/2)))
	for n, head := range order {
		k := n % len(folds)
		if n/len(folds)%2 == 1 {
			k = len(folds) - 1 - k // there and back again, or the first fold has the largest of each round
		}
		folds[k].people = append(folds[k].people, families[head]...)
	}
	for k := range folds {
		slices.Sort(folds[k].people)
	}
	return folds
}

// pairsEach returns how many pairs of each sort a fold has.
func (p *plan) pairsEach(folds []fold) (int, error) {
	most := mostPairs / 2 / len(folds)
	if p.options.Pairs > 0 {
		most = p.options.Pairs
	}
	for _, f := range folds {
		most = min(most, len(p.matched(f.people)), p.mismatches(f.people))
	}
	switch each := p.options.Pairs / 2 / len(folds); {
	case p.options.Pairs == 0:
		return most, nil
	case p.options.Pairs%(2*len(folds)) != 0:
		return 0, fmt.Errorf("%d pairs: %d folds take as many pairs of one person as of two, "+
			"so their number is a multiple of %d", p.options.Pairs, len(folds), 2*len(folds))
	case each > most:
		return 0, fmt.Errorf("%d pairs: a reference of %d people has %d at most; make more reference people",
			p.options.Pairs, len(p.reference), 2*most*len(folds))
	default:
		return each, nil
	}
}

// matched returns all pairs of images of one person.
func (p *plan) matched(people []int) (out []comparison) {
	for _, i := range people {
		for b := range p.reference[i].images {
			for a := range b {
				out = append(out, comparison{imageIndex{i, a}, imageIndex{i, b}})
			}
		}
	}
	return out
}

// mismatches returns how many pairs of images of two people there are, who are no
// siblings.
func (p *plan) mismatches(people []int) int {
	total, own := 0, 0
	family := map[someone]int{}
	for _, i := range people {
		n, who := p.reference[i].images, p.reference[i].who
		total += n
		family[someone{who.kind, who.index, 0}] += n
	}
	for _, n := range family {
		own += n * n
	}
	return (total*total - own) / 2
}

// mismatched returns n different pairs of images of two people, who are no siblings.
func (p *plan) mismatched(r *rand.Rand, people []int, n int) (out []comparison) {
	seen := map[comparison]bool{}
	for len(out) < n {
		i, j := people[r.IntN(len(people))], people[r.IntN(len(people))]
		a, b := p.reference[i], p.reference[j]
		c := comparison{imageIndex{i, r.IntN(a.images)}, imageIndex{j, r.IntN(b.images)}}
		if i < j && !a.who.related(b.who) && !seen[c] {
			seen[c] = true
			out = append(out, c)
		}
	}
	return out
}

// addSiblingPairs makes the second list: as the first, with pairs of siblings
// instead of up to half of the pairs of two people.
func (p *plan) addSiblingPairs() {
	for k, f := range p.pairs.folds {
		var siblings []comparison
		for _, i := range f.people {
			for _, j := range f.people {
				if i < j && p.reference[i].who.related(p.reference[j].who) {
					for a := range p.reference[i].images {
						for b := range p.reference[j].images {
							siblings = append(siblings, comparison{imageIndex{i, a}, imageIndex{j, b}})
						}
					}
				}
			}
		}
		r := stream(p.options.Seed, "sibling pairs", k)
		r.Shuffle(len(siblings), func(i, j int) { siblings[i], siblings[j] = siblings[j], siblings[i] })
		n := min(len(siblings), len(f.different)/2)
		f.different = append(siblings[:n:n], f.different[n:]...)
		p.siblingPairs.folds = append(p.siblingPairs.folds, f)
		p.siblingPairs.siblings += n
	}
}

// formatPairs returns a list as LFW's pairs.txt.
func (p *plan) formatPairs(l protocol) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%d\t%d\n", len(l.folds), len(l.folds[0].same))
	for _, f := range l.folds {
		for _, c := range f.same {
			fmt.Fprintf(&b, "%s\t%d\t%d\n", p.reference[c.a.label].name, c.a.image+1, c.b.image+1)
		}
		for _, c := range f.different {
			fmt.Fprintf(&b, "%s\t%d\t%s\t%d\n", p.reference[c.a.label].name, c.a.image+1,
				p.reference[c.b.label].name, c.b.image+1)
		}
	}
	return []byte(b.String())
}

// formatPeople returns the list of the folds' people as LFW's people.txt.
func (p *plan) formatPeople() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%d\n", len(p.pairs.folds))
	for _, f := range p.pairs.folds {
		fmt.Fprintf(&b, "%d\n", len(f.people))
		for _, i := range f.people {
			fmt.Fprintf(&b, "%s\t%d\n", p.reference[i].name, p.reference[i].images)
		}
	}
	return []byte(b.String())
}
