package synth

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// referent is a person of the reference.
type referent struct {
	name   string // of the folder, words joined by _
	who    someone
	images int
	label  int                // identity of the set whose name it has; -1: none
	same   map[int]imageIndex // images that are those of the set, byte for byte
}

const (
	sharedPart   = .3  // of the reference's people who are in the set
	samePart     = .25 // of those, the people with a picture that is in both
	referentLow  = 2   // images of a reference person
	referentHigh = 6
)

// homonym reports whether the person has the name of another of the set.
func (p *plan) homonym(r referent) bool { return r.label >= 0 && r.who != p.labels[r.label].who }

// addReference makes the reference's people: some of the set, a homonym, and
// strangers, of whom some are siblings.
func (p *plan) addReference(r *rand.Rand) {
	if p.options.References == 0 {
		return
	}
	if !p.options.Clean {
		p.addShared(r)
	}
	first := len(p.reference)
	var strangers []int
	for i := first; i < p.options.References; i++ {
		p.reference = append(p.reference, referent{who: someone{ofReference, i, 0}, label: -1})
		strangers = append(strangers, i)
	}
	for _, family := range families(r, strangers, share(p.options.ReferenceSiblings, p.options.References)) {
		for member, i := range family {
			p.reference[i].who = someone{ofReference, family[0], member}
		}
	}
	for i := range p.reference {
		p.reference[i].images = referentLow + r.IntN(referentHigh-referentLow+1)
		p.reference[i].same = map[int]imageIndex{}
	}
}

// addShared makes the people of the set and the homonym.
func (p *plan) addShared(r *rand.Rand) {
	n := max(1, min(share(sharedPart, p.options.References), p.options.Identities/3))
	for _, i := range r.Perm(len(p.labels)) {
		switch {
		case !p.plain(i):
		case n > 0:
			p.reference = append(p.reference, referent{who: p.labels[i].who, label: i})
			n--
		default:
			p.reference = append(p.reference, referent{who: someone{ofReference, len(p.reference), 0}, label: i})
			return
		}
	}
}

// nameReference names and orders the reference's people.
func (p *plan) nameReference(g *namer) {
	for i := range p.reference {
		r := &p.reference[i]
		name := ""
		if r.label >= 0 {
			name = p.labels[r.label].name
		} else {
			name, _ = g.next(p.person(r.who))
		}
		r.name = strings.ReplaceAll(name, " ", "_")
	}
	slices.SortFunc(p.reference, func(a, b referent) int { return strings.Compare(a.name, b.name) })
}

// sameImages returns how many people have a picture that is in the set and the
// reference.
func (s *simulator) sameImages() int {
	if n := len(s.plan.shared()); n > 0 {
		return max(1, share(samePart, n))
	}
	return 0
}

// shared returns the reference's people who are in the set.
func (p *plan) shared() (out []int) {
	for i, r := range p.reference {
		if r.label >= 0 && !p.homonym(r) {
			out = append(out, i)
		}
	}
	return out
}

func (s *simulator) sameImage(int) bool {
	people := s.plan.shared()
	s.r.Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
	for _, i := range people {
		r := &s.plan.reference[i]
		if len(r.same) > 0 {
			continue
		}
		if at, ok := s.original(r.label); ok {
			r.same[s.r.IntN(r.images)] = at
			return true
		}
	}
	return false
}

// referencePath returns an image's path relative to the reference's folder.
func (p *plan) referencePath(at imageIndex) string {
	name := p.reference[at.label].name
	return fmt.Sprintf("lfw/%s/%s_%04d.jpg", name, name, at.image+1)
}
