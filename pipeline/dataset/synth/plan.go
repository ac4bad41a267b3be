package synth

import (
	"fmt"
	"math/rand/v2"

	"github.com/facesieve/facesieve/pipeline/dataset/synth/face"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// plan says of every picture whom it shows and what is wrong with it. It is made
// whole before anything is drawn; memory holds the identities and the faults.
type plan struct {
	options             Options
	labels              []label
	reference           []referent // ordered by name
	pairs, siblingPairs protocol
}

// label is an identity of the set.
type label struct {
	name   string
	male   bool
	who    someone
	images int
	family []int         // labels of the family, itself included; nil: it has no sibling
	merged bool          // a guest has many of its images
	twin   int           // the other label of a person under two; itself: there is none
	faults map[int]fault // by image
	kept   map[int]bool  // images that must stay right: something refers to them
}

// fault is what an image shows instead of its label's person.
type fault struct {
	issue  truth.Issue
	shows  someone
	other  int        // label of the person shown; of flips
	of     imageIndex // the original; of copies
	detail string
}

// imageIndex names an image: the number of its label, or of its reference person, and
// its own number there, both from 0.
type imageIndex struct{ label, image int }

// someone is a person who can be drawn. People of one family share kind and
// index; member 0 is the one whom the others resemble.
type someone struct {
	kind          string
	index, member int
}

// The kinds of people. A person of another kind is another person.
const (
	ofSet       = "set"
	ofReference = "reference"
	ofOutlier   = "outlier"
	ofGuest     = "guest"
)

// related reports whether two are siblings, or one person.
func (s someone) related(other someone) bool { return s.kind == other.kind && s.index == other.index }

func (p *plan) person(s someone) face.Person {
	person := face.NewPerson(stream(p.options.Seed, "person of "+s.kind, s.index))
	if s.member > 0 {
		person = person.Sibling(stream(p.options.Seed, "sibling of "+s.kind, s.index, s.member), p.options.Apart)
	}
	return person
}

func newPlan(o Options) (*plan, error) {
	p := &plan{options: o}
	r := stream(o.Seed, "plan")
	p.addLabels(r)
	p.addReference(r)
	p.addNames()
	if !o.Clean {
		if err := p.addNoise(r); err != nil {
			return nil, err
		}
	}
	return p, p.addPairs()
}

// addLabels makes the identities with their people.
func (p *plan) addLabels(r *rand.Rand) {
	p.labels = make([]label, p.options.Identities)
	sizes := p.sizes(r)
	for i := range p.labels {
		p.labels[i] = label{who: someone{ofSet, i, 0}, images: sizes[i], twin: i,
			faults: map[int]fault{}, kept: map[int]bool{}}
	}
	order := r.Perm(p.options.Identities)
	if !p.options.Clean {
		order = p.addRoles(order)
	}
	for _, family := range families(r, order, share(p.options.Siblings, p.options.Identities)) {
		for member, i := range family {
			p.labels[i].who = someone{ofSet, family[0], member}
			p.labels[i].family = family
		}
	}
}

// sizes returns how many images each identity has: in pairs as far above the mean as
// below, so that the mean is met.
func (p *plan) sizes(r *rand.Rand) []int {
	sizes := make([]int, p.options.Identities)
	most := p.options.Images * 2 / 5
	for i := 0; i < len(sizes); i += 2 {
		d := r.IntN(2*most+1) - most
		if i+1 == len(sizes) {
			d = 0
		} else {
			sizes[i+1] = p.options.Images - d
		}
		sizes[i] = p.options.Images + d
	}
	r.Shuffle(len(sizes), func(i, j int) { sizes[i], sizes[j] = sizes[j], sizes[i] })
	return sizes
}

// addRoles chooses the merged and the split identities, which have as many images
// as the mean or more, and gives the others.
func (p *plan) addRoles(order []int) (others []int) {
	n := grown(1, p.options.Identities, 60)
	merges, splits := n, 2*n
	last := -1 // first half of a split
	for _, i := range order {
		switch {
		case p.labels[i].images < p.options.Images || merges+splits == 0:
			others = append(others, i)
		case merges > 0:
			p.labels[i].merged = true
			merges--
		case last < 0:
			last, splits = i, splits-1
		default:
			p.labels[i].twin, p.labels[last].twin = last, i
			p.labels[i].who = p.labels[last].who
			last, splits = -1, splits-1
		}
	}
	return others
}

// families cuts families of two or three, n people in all, off the front.
func families(r *rand.Rand, people []int, n int) (out [][]int) {
	n = min(n, len(people))
	for n >= 2 {
		size := 2
		if n == 3 || n > 4 && r.IntN(2) == 0 {
			size = 3
		}
		out = append(out, people[:size:size])
		people, n = people[size:], n-size
	}
	return out
}

// plain reports whether a label has one person and no other label.
func (p *plan) plain(i int) bool { return !p.labels[i].merged && p.labels[i].twin == i }

// images returns how many images the set has.
func (p *plan) images() (n int) {
	for _, l := range p.labels {
		n += l.images
	}
	return n
}

// identity returns a label as it stands in the set.
func identity(i int) string { return fmt.Sprintf("n%06d", i+1) }

// path returns an image's path, relative to the set's folder of faces.
func (at imageIndex) path() string {
	return fmt.Sprintf("train/%s/%04d_01.jpg", identity(at.label), at.image+1)
}
