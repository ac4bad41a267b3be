package simulate

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/facesieve/facesieve/cluster/matching"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// persons are the people of a collection, by what they are called.
type persons struct {
	labels map[string]bool
	names  map[string]bool // normal; labels stand for names where there are none
}

func newPersons(all []Image) persons {
	p := persons{map[string]bool{}, map[string]bool{}}
	last := ""
	for i, im := range all {
		if i > 0 && im.Identity == last {
			continue
		}
		last = im.Identity
		p.labels[im.Identity] = true
		p.names[called(im)] = true
	}
	return p
}

// called returns the normal form of the name of an image's person.
func called(im Image) string {
	if im.Name != "" {
		return matching.NormalName(im.Name)
	}
	return matching.NormalName(im.Identity)
}

// has says whether an image's person, of another collection, may be one of these: by
// the name or, of a person without one, by the label.
func (p persons) has(im Image) bool {
	name := called(im)
	return name != "" && p.names[name] || im.Name == "" && p.labels[im.Identity]
}

// overlap puts people of the reference into the set, each under a label of its own that
// does not tell the name. A part of a person's images moves, the others stay.
func (m *maker) overlap() error {
	m.moved = map[string]bool{}
	if m.options.Overlap == 0 {
		return nil
	}
	by, names := m.referents()
	if len(names) < m.options.Overlap {
		return fmt.Errorf("%d people of the reference wanted, and it has %d that can be: they have two images at "+
			"least, and no name that the set has", m.options.Overlap, len(names))
	}
	for _, n := range names[:m.options.Overlap] {
		m.enter(n, by[n])
	}
	slices.Sort(m.names)
	return nil
}

// referents returns the people of the reference who can stand in the set, by draw, and
// their images. Those of whom the set can have as many images as it has of others come
// first.
func (m *maker) referents() (by map[string][]Image, names []string) {
	known := newPersons(m.source.Images)
	by = map[string][]Image{}
	for _, im := range m.source.Reference {
		if known.has(im) || strings.ContainsFunc(im.Identity, unicode.IsControl) {
			continue
		}
		if by[im.Identity] == nil {
			names = append(names, im.Identity)
		}
		by[im.Identity] = append(by[im.Identity], im)
	}
	names = slices.DeleteFunc(names, func(n string) bool { return len(by[n]) < leastShared })
	var enough, few []string
	for _, n := range m.shuffledNames("overlap", names) {
		if m.moving(len(by[n])) >= m.fewest() {
			enough = append(enough, n)
		} else {
			few = append(few, n)
		}
	}
	return by, append(enough, few...)
}

// fewest returns how many images every label of the set has at least.
func (m *maker) fewest() int {
	least := max(1, m.options.Least)
	if m.options.PerIdentity > 0 {
		least = min(least, m.options.PerIdentity)
	}
	return least
}

// moving returns how many of a person's images move into the set: half of them, more
// where its labels have more, and one stays.
func (m *maker) moving(images int) int {
	n := max(images/2, m.fewest())
	if m.options.PerIdentity > 0 {
		n = min(n, m.options.PerIdentity)
	}
	return min(n, images-1)
}

// enter moves some of a person's images under a new label.
func (m *maker) enter(person string, images []Image) {
	name := fmt.Sprintf("person-%0*x", labelDigits, draw(m.options.Seed, "overlap label", person)>>(64-4*labelDigits))
	for m.labels[name] != nil {
		name += "-2"
	}
	l := &label{name: name}
	for _, im := range images {
		l.entries = append(l.entries, &entry{image: im, referent: true, home: l, under: l})
	}
	l.entries = m.shuffledEntries("overlap images", l.entries)[:m.moving(len(images))]
	l.right = len(l.entries)
	for _, e := range l.entries {
		m.moved[e.image.Path] = true
	}
	m.labels[name] = l
	m.names = append(m.names, name)
	m.truth = append(m.truth, truth.Row{Issue: truth.Overlap, Identity: name, Other: person})
}

// left returns the images that stay in the reference.
func (m *maker) left() (all []Image) {
	for _, im := range m.source.Reference {
		if !m.moved[im.Path] {
			all = append(all, im)
		}
	}
	return all
}
